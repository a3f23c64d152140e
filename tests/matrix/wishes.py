"""What a client wants, in no dialect: the matrix asks the same thing with every SDK.

The readers of what a provider received use the same words, so that the two can be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from addons.core.model import DialectName

type Json = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """An image as bytes (base64), or by its `url`."""

    data: str | None = None
    url: str | None = None
    media_type: str = "image/png"


@dataclass(frozen=True)
class Paper:
    """A PDF as bytes (base64)."""

    data: str
    media_type: str = "application/pdf"


@dataclass(frozen=True)
class Sound:
    """A sound as bytes (base64)."""

    data: str
    format: str = "wav"


@dataclass(frozen=True)
class Called:
    """A call of a tool in the history."""

    name: str
    arguments: Json
    id: str = "call_0001"


@dataclass(frozen=True)
class Result:
    """What a tool gave back; `name` is the tool's (Gemini wants to hear it again)."""

    content: tuple["str | Picture", ...]
    call_id: str = "call_0001"
    name: str = "weather"
    is_error: bool = False


@dataclass(frozen=True)
class Thought:
    text: str
    signature: str | None = None


type Piece = str | Picture | Paper | Sound | Called | Result | Thought


@dataclass(frozen=True)
class Turn:
    role: Literal["user", "model"]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Replayed:
    """A turn of the model just as the SDK showed it."""

    messages: tuple[Any, ...]


@dataclass(frozen=True)
class Offer:
    """A tool of the client."""

    name: str = "weather"
    schema: Json = field(default_factory=lambda: WEATHER)
    description: str = "The weather of a city."


WEATHER: Json = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Its name."}},
    "required": ["city"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Wish:
    """`choice`: "auto", "none", "required", or the name of an offered tool. `native` are further arguments of the
    SDK's own, for the clients that have them."""

    turns: tuple[Turn | Replayed, ...] = ()
    system: str | None = None
    tools: tuple[Offer, ...] = ()
    choice: str | None = None
    parallel: bool | None = None
    schema: Json | None = None
    any_json: bool = False
    effort: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    native: Mapping[DialectName, Json] = field(default_factory=dict)


def user(*pieces: Piece) -> Turn:
    return Turn("user", pieces or ("Hello?",))


def model(*pieces: Piece) -> Turn:
    return Turn("model", pieces)
