"""Mending a conversation for providers that are strict about tool calls: every call has its result in the very next
message, and every result its call."""

from collections.abc import Iterable
from dataclasses import replace

from addons.core.model import Image, Loss, Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult

NO_RESULT = "[no result was recorded]"
# what marks a failed tool call where results have no error flag
ERROR_PREFIX = "[tool error] "
BILLING_MARK = "x-anthropic-billing-header:"


def paired(messages: Iterable[Message], losses: list[Loss]) -> list[Message]:
    """The messages with a placeholder for every missing result and orphan results turned into text. System messages
    that stand between a call and its result move behind the result."""
    out: list[Message] = []
    waiting: dict[str, ToolCall] = {}
    held: list[Message] = []
    for message in messages:
        if waiting and (message.role in ("system", "developer") or _opaque(message)):
            held.append(message)
            continue
        if message.role == "user":
            message = _answered(message, waiting, losses)
        elif waiting:
            out.append(_placeholders(waiting, losses))
        out.append(message)
        out += held
        held = []
        waiting = {part.id: part for part in message.parts if isinstance(part, ToolCall)}
    if waiting:
        out.append(_placeholders(waiting, losses))
    return out + held


def _opaque(message: Message) -> bool:
    return all(isinstance(part, Opaque) for part in message.parts)


def _answered(message: Message, waiting: dict[str, ToolCall], losses: list[Loss]) -> Message:
    open_calls = dict(waiting)
    parts: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResult):
            parts.append(part)
        elif part.call_id in open_calls:
            open_calls.pop(part.call_id)
            parts.append(part)
        else:
            losses.append(Loss("messages", f"the tool result {part.call_id} answers no call: sent as text"))
            parts += [item for item in part.content if not isinstance(item, Opaque)]
    missing = _missing(open_calls, losses)
    if not missing and len(parts) == len(message.parts):
        return message if all(a is b for a, b in zip(parts, message.parts, strict=True)) else _with(message, parts)
    return _with(message, [*missing, *parts])


def _with(message: Message, parts: list[Part]) -> Message:
    return replace(message, parts=tuple(parts))


def _placeholders(waiting: dict[str, ToolCall], losses: list[Loss]) -> Message:
    return Message("user", tuple(_missing(waiting, losses)))


def _missing(calls: dict[str, ToolCall], losses: list[Loss]) -> list[ToolResult]:
    losses += [
        Loss("messages", f"the tool call {call.id} has no result: a placeholder stands in") for call in calls.values()
    ]
    return [ToolResult(call.id, (Text(NO_RESULT),), is_error=True, kind=call.kind) for call in calls.values()]


def is_billing(part: Part) -> bool:
    """Claude Code's first system block names the client's version and changes with every conversation: to another
    provider it is noise that breaks its prompt cache."""
    return isinstance(part, Text) and part.text.startswith(BILLING_MARK)


def result_text(result: ToolResult) -> str:
    """The text of a tool result for dialects whose results are plain text."""
    return "\n".join(text for part in result.content if (text := _plain(part)))


def _plain(part: object) -> str:
    match part:
        case Text():
            return part.text
        case Opaque(raw={"type": "tool_reference", "tool_name": str(name)}):
            return f"The tool {name} is now available."
        case _:
            return ""


def images(result: ToolResult) -> list[Image]:
    return [part for part in result.content if isinstance(part, Image)]


def drop_foreign_thinking(messages: Iterable[Message], keep: str, losses: list[Loss]) -> list[Message]:
    """Thinking of another dialect than `keep` means nothing there (and its signature would be refused)."""
    out, dropped = [], False
    for message in messages:
        kept = tuple(part for part in message.parts if not isinstance(part, Thinking) or part.dialect == keep)
        dropped |= len(kept) < len(message.parts)
        out.append(message if len(kept) == len(message.parts) else replace(message, parts=kept))
    if dropped:
        losses.append(Loss("messages", "thinking of another provider is not sent"))
    return out
