"""What this dialect's clients keep for us in `encrypted_content`: they send it back verbatim and never look inside.

Two things travel so: the thinking of a provider of another dialect, which only that dialect may see again, and the
summary that stands in for a compacted conversation. Neither is secret, and neither is encrypted: a versioned prefix
and base64 of JSON. No provider can read them, so they never go to one (`_responses_residue`).
"""

import base64
import binascii
from typing import Any

from addons.core import jsonio
from addons.core.model import DialectName, Thinking

PREFIX = "llr1."
_SUMMARY = f"{PREFIX}summary."
_THINKING = f"{PREFIX}thinking."


def is_sealed(value: object) -> bool:
    """Whether an `encrypted_content` is one of ours."""
    return isinstance(value, str) and value.startswith(PREFIX)


def seal_summary(text: str) -> str:
    return _SUMMARY + _packed({"text": text})


def open_summary(value: object) -> str | None:
    """The summary; None for what is not ours or is damaged."""
    found = _unpacked(value, _SUMMARY).get("text")
    return found if isinstance(found, str) else None


def seal_thinking(dialect: DialectName, signature: str | None, redacted: bool) -> str:
    return _THINKING + _packed({"dialect": dialect, "signature": signature, "redacted": redacted})


def open_thinking(value: object, text: str, name: str | None) -> Thinking:
    """The thinking that an item of ours holds: `text` from its summary, `name` its id. One that is damaged belongs
    to no dialect: nobody is ever sent it."""
    found = _unpacked(value, _THINKING)
    dialect, signature = found.get("dialect"), found.get("signature")
    known = next((each for each in DialectName if each == dialect), None)
    return Thinking(
        text,
        signature if known and isinstance(signature, str) else None,
        redacted=known is not None and found.get("redacted") is True,
        id=name,
        dialect=known,
    )


def _packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(jsonio.dumps(value)).decode()


def _unpacked(value: object, prefix: str) -> dict[str, Any]:
    if not isinstance(value, str) or not value.startswith(prefix):
        return {}
    try:
        found = jsonio.loads(base64.b64decode(value.removeprefix(prefix), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
