"""A whole answer as an Anthropic Messages body: the same blocks as those of the stream (`_anthropic_encode`)."""

from addons.core.accumulate import Answer
from addons.core.events import FinishReason
from addons.core.model import DialectName, Opaque, Request, Text, Thinking, ToolCall
from addons.dialects._anthropic_encode import CLAUDE, known_usage, redacted, source, stop_reason
from addons.dialects._anthropic_own import tool_input
from addons.dialects._anthropic_seal import seal
from addons.dialects.base import Body


def render_response(answer: Answer, request: Request, model: str) -> Body:
    parts = list(answer.parts)
    while parts and _is_silent(parts[-1]):
        parts.pop()
    blocks = [block for part in parts if (block := _block(part)) is not None]
    called = any(isinstance(part, ToolCall) for part in answer.parts)
    usage, mark = known_usage(answer.usage, request)
    return {
        "id": answer.id or "msg_llr",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": stop_reason(answer.finish or FinishReason.END_TURN, called),
        "stop_sequence": answer.stop_sequence,
        "usage": usage,
        **mark,
    }


def _is_silent(part: object) -> bool:
    """Whether it is thinking that shows nothing here, and would be an empty block at the end."""
    return isinstance(part, Thinking) and not part.text and part.dialect not in (None, CLAUDE)


def _block(part: object) -> Body | None:
    match part:
        case Text():
            sources = {"citations": [source(each) for each in part.citations]} if part.citations else {}
            return {"type": "text", "text": part.text, **sources} if part.text else None
        case Thinking(redacted=True):
            return redacted(part.signature or "")
        case Thinking() if _is_silent(part):
            return redacted(sealed) if (sealed := seal(part)) else None
        case Thinking():
            signature = seal(part)
            seen = part.text or signature
            return {"type": "thinking", "thinking": part.text, "signature": signature} if seen else None
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": _object(part.arguments)}
        case Opaque(dialect=DialectName.ANTHROPIC):
            return dict(part.raw)
        case _:
            return None


def _object(arguments: str) -> object:
    """A whole answer carries the arguments as an object."""
    value = tool_input(arguments)
    return value if isinstance(value, dict) else {"arguments": arguments}
