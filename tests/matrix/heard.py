"""What a client's SDK makes of an answer, in no dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

type Stop = Literal["end", "call", "length", "stop", "refusal"]


@dataclass(frozen=True)
class Tokens:
    """`given` counts everything, the shares read from the cache (`cached`) and `written` to it included; `thought` is
    a share of `made`. None is what the client's dialect does not tell."""

    given: int
    cached: int
    made: int
    thought: int | None = None
    written: int | None = None


@dataclass
class Heard:
    """`sources` are the addresses that the text cites, `painted` the pictures of the model (base64). `deltas` are the
    pieces of text and `argument_deltas` those of the calls' arguments, as they came (empty for a whole answer); `turn`
    is the answer as the SDK wants it back in the next request."""

    id: str = ""
    text: str = ""
    thinking: str = ""
    signature: str | None = None
    refusal: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    call_ids: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    painted: list[str] = field(default_factory=list)
    stop: Stop | None = None
    stop_sequence: str | None = None
    tokens: Tokens | None = None
    model: str = ""
    deltas: list[str] = field(default_factory=list)
    argument_deltas: list[str] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    turn: tuple[Any, ...] = ()

    @property
    def losses(self) -> str:
        """What the router could not carry, in its own words."""
        return self.headers.get("x-llm-router-losses", "")


class Failure(Exception):
    """The SDK raised its own exception: `kind` is its class, `code` what it says in a word, where it does."""

    def __init__(
        self, kind: str, status: int | None, message: str, headers: Mapping[str, str], code: str | None = None
    ) -> None:
        super().__init__(f"{kind} ({status}, {code}): {message}")
        self.kind = kind
        self.code = code
        self.status = status
        self.message = message
        self.headers = headers
