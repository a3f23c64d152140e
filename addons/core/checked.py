"""The types of what a provider said: decoders pass values on as they found them, encoders rely on their types.

What nobody needs (an id, a count) is left out when it is of another type than it should be; what an answer is nothing
without makes it unreadable.
"""

from dataclasses import replace
from typing import Any

from addons.core.errors import RemoteDataError
from addons.core.events import Begin, Event, Finish, PartDelta, PartOpen, Usage, UsageReport

_COUNTS = ("input", "output", "cache_read", "cache_write", "reasoning")


def checked(event: Event) -> Event:
    """`event` with the types that it should have. Raises RemoteDataError."""
    match event:
        case PartDelta():
            return _delta(event)
        case PartOpen():
            return _opening(event)
        case Begin():
            fields = {"id": _text(event.id), "model": _text(event.model), "created": _count(event.created)}
            return _with(event, fields)
        case UsageReport():
            usage = counted(event.usage)
            return event if usage is event.usage else UsageReport(usage)
        case Finish():
            return _with(event, {"stop_sequence": _text(event.stop_sequence)})
        case _:
            return event


def _delta(event: PartDelta) -> PartDelta:
    if not isinstance(event.text, str):
        raise RemoteDataError(f"the text of a part is {event.text!r:.40}")
    signature = _text(event.signature)
    return event if signature is event.signature else replace(event, signature=signature)


def _opening(event: PartOpen) -> PartOpen:
    if event.kind == "tool_call" and not (isinstance(event.name, str) and event.name):
        raise RemoteDataError(f"a call has no name ({event.name!r:.40})")
    return _with(event, {"id": _text(event.id), "namespace": _text(event.namespace)})


def counted(usage: Usage) -> Usage:
    """`usage` without what is no count of tokens."""
    return _with(usage, {name: _count(getattr(usage, name)) for name in _COUNTS})


def _with[T: Begin | PartOpen | Finish | Usage](value: T, fields: dict[str, Any]) -> T:
    """`value` itself unless a field has changed."""
    same = all(getattr(value, name) is field for name, field in fields.items())
    return value if same else replace(value, **fields)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    """Some servers count in floats."""
    if isinstance(value, float) and value >= 0 and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
