"""Mending a conversation for providers that are strict about tool calls: every call has its result in the very next
message, and every result its call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from addons.core.in_words import in_words
from addons.core.model import (
    Document,
    HostedTool,
    Image,
    Loss,
    Message,
    Opaque,
    Part,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)

NO_RESULT = "[no result was recorded]"
# what a model is told that refuses to go on with words which are its own
GO_ON = "Continue your last message exactly where it ends, without repeating any of it."
# what marks a failed tool call where results have no error flag
ERROR_PREFIX = "[tool error] "
# Anthropic's mark of a tool that the model does not see before it is loaded, and the type of the search that loads it
DEFERRED = "defer_loading"
SEARCH = "tool_search_tool"
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
            parts += part.content
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


def document_text(document: Document) -> str:
    """A document of plain text, under its title and what the client says of it (Anthropic's `context`)."""
    heads = (document.name, document.extras.get("context"), document.text)
    return "\n".join(str(each) for each in heads if each)


def said_of(document: Document, *, titled: bool = True) -> str:
    """What stands before a document that is not text itself, so that the model reads it too: what the client says of
    it, and its title where the dialect has no other place for one (`titled` False)."""
    heads = (None if titled else document.name, document.extras.get("context"))
    return "\n".join(str(each) for each in heads if each)


def _plain(part: object) -> str:
    match part:
        case Text():
            return part.text
        case Document(text=str()):
            return document_text(part)
        case Opaque():
            return in_words(part) or ""
        case _:
            return ""


def says(messages: Iterable[Message], word: str) -> bool:
    """Whether the beginning of a conversation, up to what the user says first, has `word` (lower case) in it. What
    comes later does not count: the answer must be the same in every turn."""
    for message in messages:
        if any(isinstance(part, Text) and word in part.text.lower() for part in message.parts):
            return True
        if message.role not in ("system", "developer"):
            return False
    return False


def offered(request: Request) -> tuple[Tool | HostedTool, ...]:
    """The tools that the model may call now. One with `defer_loading` (Anthropic's tool search) is offered once a
    `tool_reference` in the history has loaded it, behind the others and in the order of loading, so that the list
    only ever grows at its end. A search that the provider runs is out of reach of another one: then all are offered.
    What is said of a namespace stands before the description of its first tool.
    """
    tools = _callable(request)
    namespaced = any(isinstance(tool, Tool) and tool.namespace is not None for tool in tools)
    return tuple(_introduced(tools)) if namespaced else tools


def _introduced(tools: Iterable[Tool | HostedTool]) -> Iterator[Tool | HostedTool]:
    known: set[str] = set()
    for tool in tools:
        about = tool.extras.get("namespace") if isinstance(tool, Tool) else None
        said = about.get("description") if isinstance(about, Mapping) else None
        if isinstance(tool, Tool) and tool.namespace is not None and tool.namespace not in known and said:
            known.add(tool.namespace)
            yield replace(tool, description=f"[{tool.namespace}: {said}]\n{tool.description or ''}".rstrip())
        else:
            yield tool


def _callable(request: Request) -> tuple[Tool | HostedTool, ...]:
    deferred = {tool.name: tool for tool in request.tools if isinstance(tool, Tool) and tool.extras.get(DEFERRED)}
    if not deferred or any(isinstance(tool, HostedTool) and tool.type.startswith(SEARCH) for tool in request.tools):
        return request.tools
    loaded = {name: deferred[name] for name in _loaded(request.messages) if name in deferred}
    at_once = (tool for tool in request.tools if isinstance(tool, HostedTool) or tool.name not in deferred)
    return (*at_once, *loaded.values())


def _loaded(messages: Iterable[Message]) -> Iterator[str]:
    """The names that are referred to, and those that are called: they must have been loaded once."""
    for message in messages:
        for part in message.parts:
            for item in part.content if isinstance(part, ToolResult) else (part,):
                match item:
                    case Opaque(raw={"type": "tool_reference", "tool_name": str(name)}) | ToolCall(name=name):
                        yield name
                    case Opaque(raw={"type": "tool_addition", "tool": {"type": "tool_reference", "name": str(name)}}):
                        yield name
                    case _:
                        pass


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
