"""The canonical answer: a stream of events. A non-streamed answer is the same events, folded (see accumulate.py).

The law that every decoder keeps and every encoder relies on:

    Begin (PartOpen | PartDelta | Cited | PartClose | Aside | UsageReport | Ping)* (Finish | Failed)
    Failed                                             (nothing good ever came)

- Each part has its own `index`, counted from 0 in the order of opening. It is opened once, closed once, and its
  deltas and citations stand between the two. Parts normally do not overlap; tool calls may, where a provider
  interleaves them.
- Exactly one terminal event, last, whatever the provider did. Every part is closed before `Finish`.
- Usage comes before `Finish`; a later report replaces the fields that it sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from addons.core.errors import ErrorInfo
from addons.core.model import NO_EXTRAS, Citation, DialectName, Extras, ToolKind

type PartKind = Literal["text", "thinking", "tool_call", "opaque"]


class FinishReason(StrEnum):
    END_TURN = "end_turn"
    MAX_TOKENS = "max_tokens"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    REFUSAL = "refusal"
    PAUSE_TURN = "pause_turn"
    CONTEXT_WINDOW = "context_window"


class Cause(StrEnum):
    """Why the provider's bytes ended."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts; None means not reported. `input` counts everything that went in, cached or not; `cache_read` and
    `cache_write` are shares of it; `reasoning` is a share of `output`. (OpenAI counts so; Anthropic's `input_tokens`
    leaves both cached shares out and is converted.) `extras` keeps the provider's own further fields."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Begin:
    """`id` is the provider's id of the message; `model` the name that the provider gives."""

    id: str | None = None
    model: str | None = None
    created: int | None = None


@dataclass(frozen=True, slots=True)
class PartOpen:
    """`id`: the call id of a tool call, or the item id of a thinking part. `opaque` parts carry their whole raw form
    in `raw`, of `dialect`, and have no deltas."""

    index: int
    kind: PartKind
    id: str | None = None
    name: str | None = None
    namespace: str | None = None
    tool_kind: ToolKind = "function"
    redacted: bool = False
    dialect: DialectName | None = None
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PartDelta:
    """More of a part: text, thinking text, or argument text in `text`; `signature` for thinking (it replaces)."""

    index: int
    text: str = ""
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class PartClose:
    index: int


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of what a text part says."""

    index: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Aside:
    """A member of the answer that says something and that no other dialect has a place for: its `path` in the
    provider's words. Nobody is shown it; whoever encodes the answer tells the loss. `content` marks what somebody
    would have read, heard or seen, as opposed to what the provider notes down for itself."""

    path: str
    content: bool = False


@dataclass(frozen=True, slots=True)
class UsageReport:
    usage: Usage


@dataclass(frozen=True, slots=True)
class Ping:
    """A keep-alive of the provider."""


@dataclass(frozen=True, slots=True)
class Finish:
    reason: FinishReason
    stop_sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    error: ErrorInfo


type Event = Begin | PartOpen | PartDelta | Cited | PartClose | Aside | UsageReport | Ping | Finish | Failed
