"""Signatures of other dialects' thinking inside Gemini's `thoughtSignature`.

A Gemini client sends back the signature that stands on a text or on a call, and often not the thoughts themselves
(Gemini CLI drops them). So what another provider must see again travels whole in the one field that comes back: its
dialect, text, id and signature, as JSON behind a prefix, in base64 as the field demands.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from addons.core import jsonio
from addons.core.model import DialectName, Thinking

_PREFIX = b"llr:1:"
# what a wrapped signature looks like in a body: six bytes are eight letters of base64, whatever follows
MARK = base64.b64encode(_PREFIX)


def wrap(thoughts: Sequence[Thinking]) -> str:
    """The `thoughtSignature` that stands for thinking of other dialects, in order."""
    return base64.b64encode(_PREFIX + jsonio.dumps([_body(each) for each in thoughts])).decode()


def unwrap(signature: str) -> list[Thinking] | None:
    """What `wrap` was given; None for a signature of Gemini's own (or a torn one)."""
    standard = signature.replace("-", "+").replace("_", "/").rstrip("=")
    if not standard.startswith(MARK.decode()):
        return None
    try:
        raw = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        return [_thinking(each) for each in jsonio.loads(raw.removeprefix(_PREFIX))]
    except (binascii.Error, ValueError, TypeError, LookupError):
        return None


def _body(part: Thinking) -> dict[str, Any]:
    members = {
        "dialect": part.dialect,
        "text": part.text,
        "signature": part.signature,
        "redacted": part.redacted,
        "id": part.id,
    }
    return {key: value for key, value in members.items() if value}


def _thinking(body: dict[str, Any]) -> Thinking:
    for key, kind in (("text", str), ("signature", str), ("id", str), ("redacted", bool)):
        if key in body and not isinstance(body[key], kind):
            raise TypeError(f"{key} of a wrapped signature")
    return Thinking(
        body.get("text", ""),
        body.get("signature"),
        redacted=body.get("redacted", False),
        id=body.get("id"),
        dialect=DialectName(body["dialect"]),
    )
