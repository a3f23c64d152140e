"""The canonical request: what every dialect is parsed into and rendered from.

Pure, frozen values. Every node keeps in `extras` the fields of its own dialect that have no canonical home, so that
nothing is lost on the way back into that dialect; `Request.dialect` says whose they are. What a rendering cannot
carry goes on a `Loss` list: nothing is dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

type Extras = Mapping[str, Any]
NO_EXTRAS: Extras = MappingProxyType({})


class DialectName(StrEnum):
    """The wire formats; the values are also the words of the configuration's `format` (with its synonyms)."""

    ANTHROPIC = "claude"
    CHAT = "openai"
    RESPONSES = "openai-responses"
    GEMINI = "gemini"
    COMPLETIONS = "openai-completions"


type Role = Literal["system", "developer", "user", "assistant"]
type ToolKind = Literal["function", "custom"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that a translation could not carry: the path in the client's body, and why. `content` marks what the
    model should have read (a document, a tool that is forced) as opposed to a tuning knob: without the model's leave
    such a request is refused. Of an answer the path begins with `answer.` and goes on in the provider's words, and
    `content` is what the client should have been shown."""

    path: str
    why: str
    content: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A page that a text of the model rests on. `start` and `end` count the characters of that text (None: all of
    it); `text` is what the page says."""

    url: str
    title: str = ""
    text: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """`citations` are those of an answer."""

    text: str
    extras: Extras = NO_EXTRAS
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning of the model.

    `signature` is whatever the provider needs to see again verbatim: Anthropic's `signature`, or `data` of a
    redacted block (`redacted` is then true), or the `encrypted_content` of a Responses reasoning item (`id` is the
    item's). It means nothing to another dialect than `dialect`.
    """

    text: str
    signature: str | None = None
    redacted: bool = False
    id: str | None = None
    dialect: DialectName | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is the model's text, verbatim: JSON for a function (not necessarily valid), free text for a custom
    tool. `id` is the id that the result refers to (`call_id` in Responses)."""

    id: str
    name: str
    arguments: str
    kind: ToolKind = "function"
    namespace: str | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Image:
    """Either `data` (standard base64) with `media_type`, or `url`. `detail` is OpenAI's."""

    data: str | None = None
    media_type: str | None = None
    url: str | None = None
    detail: str | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Document:
    """A file (in practice a PDF): base64 `data` with `media_type`, or `url`, or plain `text`."""

    data: str | None = None
    media_type: str | None = None
    url: str | None = None
    text: str | None = None
    name: str | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Opaque:
    """Content that only its own dialect understands, as it came."""

    dialect: DialectName
    raw: Any
    path: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Stands in a user message. `content` holds Text, Image, Document and Opaque parts."""

    call_id: str
    content: tuple["Text | Image | Document | Opaque", ...]
    is_error: bool = False
    kind: ToolKind = "function"
    extras: Extras = NO_EXTRAS


type Part = Text | Thinking | ToolCall | ToolResult | Image | Document | Opaque


@dataclass(frozen=True, slots=True)
class Message:
    """`system` and `developer` messages may stand anywhere; tool results are parts of user messages."""

    role: Role
    parts: tuple[Part, ...]
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the client runs. `schema` is JSON Schema; a custom tool has none but may have a `format`
    (Responses: text or a grammar). Tools of a Responses namespace carry its name and description."""

    name: str
    description: str | None = None
    schema: Mapping[str, Any] | None = None
    kind: ToolKind = "function"
    strict: bool | None = None
    format: Mapping[str, Any] | None = None
    namespace: str | None = None
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class HostedTool:
    """A tool that the provider runs itself (web search and its like): known to its own dialect only."""

    dialect: DialectName
    type: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """`mode` "tool" forces the one called `name` (of `namespace`)."""

    mode: Literal["auto", "none", "required", "tool"] = "auto"
    name: str | None = None
    namespace: str | None = None


type Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the client asks of the model's thinking. `budget` is in tokens; `enabled` None means unsaid, and
    `adaptive` leaves the amount to the model."""

    effort: Effort | None = None
    budget: int | None = None
    enabled: bool | None = None
    adaptive: bool = False
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """Structured output: a JSON `schema`, or (None) any JSON object."""

    schema: Mapping[str, Any] | None = None
    name: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One canonical request. `extras` are the top-level fields of `dialect` that have no home here; `answer` holds
    members of the answer that are settled before any provider is asked, and that no provider hears of."""

    dialect: DialectName
    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool | HostedTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    stream: bool = False
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    reasoning: Reasoning | None = None
    format: Format | None = None
    user: str | None = None
    cache_key: str | None = None
    include_usage: bool = True
    extras: Extras = NO_EXTRAS
    answer: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Rendered:
    """A request in a provider's dialect: the JSON body, what did not fit into it, and headers that the body needs
    (lower-case names; an `anthropic-beta` joins those that are sent anyway)."""

    body: dict[str, Any]
    losses: tuple[Loss, ...] = field(default=())
    headers: Extras = NO_EXTRAS
