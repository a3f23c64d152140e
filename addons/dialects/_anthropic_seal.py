"""Thinking of other dialects inside the `signature` of an Anthropic client's thinking blocks, or the `data` of its
redacted ones.

The client keeps either and sends it back verbatim with its block; it never looks inside. The text of the block comes
back beside the signature and is not repeated in it. Anthropic refuses a signature that it did not make, so one of these
never goes there (`_anthropic_residue`).
"""

from dataclasses import replace

from addons.core.model import DialectName, Thinking
from addons.dialects._gemini_signature import MARK, unwrap, wrap

CLAUDE = DialectName.ANTHROPIC


def seal(part: Thinking) -> str:
    """The signature of the block that `part` is for a client: its own, or the sealed one of another dialect. It is
    empty when nobody could do anything with it: only Chat providers take thinking back without a signature."""
    if part.dialect in (None, CLAUDE):
        return part.signature or ""
    if part.signature is None and part.dialect is not DialectName.CHAT:
        return ""
    return wrap([replace(part, text="")])


def unseal(signature: str, text: str) -> Thinking | None:
    """The thinking behind a sealed signature, with the `text` of its block; None for any other signature."""
    match unwrap(signature):
        case [thinking]:
            return replace(thinking, text=text)
        case _:
            return None


def is_sealed(signature: object) -> bool:
    """Whether a signature is one of ours, even a torn one."""
    return isinstance(signature, str) and signature.startswith(MARK.decode())
