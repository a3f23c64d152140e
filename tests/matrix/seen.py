"""What a provider received, in no dialect: the same words as `wishes`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matrix.wishes import Called, Json, Paper, Picture, Piece, Result, Turn


@dataclass(frozen=True)
class Seen:
    """`system` joins everything that instructs the model. Turns of one side in a row are one. `settings` are the
    further top-level fields as they came (those of Gemini's generationConfig, and of Responses' `text`, included)."""

    model: str
    stream: bool
    system: str
    turns: tuple[Turn, ...]
    tools: Mapping[str, Json] = field(default_factory=dict)
    choice: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    schema: Json | None = None
    any_json: bool = False
    effort: Any = None
    settings: Json = field(default_factory=dict)

    def pieces(self, kind: type | tuple[type, ...]) -> list[Any]:
        return [piece for turn in self.turns for piece in turn.pieces if isinstance(piece, kind)]

    @property
    def calls(self) -> list[Called]:
        return self.pieces(Called)

    @property
    def results(self) -> list[Result]:
        return self.pieces(Result)

    @property
    def said(self) -> list[tuple[str, str]]:
        """Role and text of every turn that says something."""
        texts = ((turn.role, "".join(each for each in turn.pieces if isinstance(each, str))) for turn in self.turns)
        return [(role, text) for role, text in texts if text]


def joined(turns: list[tuple[str, list[Piece]]]) -> tuple[Turn, ...]:
    """Turns of one side in a row as one."""
    out: list[Turn] = []
    for role, pieces in turns:
        if out and out[-1].role == role:
            out[-1] = Turn(out[-1].role, (*out[-1].pieces, *pieces))
        else:
            out.append(Turn("model" if role in ("model", "assistant") else "user", tuple(pieces)))
    return tuple(out)


def picture(url: str) -> Picture:
    """A picture by its address, which may hold the picture itself."""
    if not url.startswith("data:"):
        return Picture(url=url)
    head, _, data = url.partition(",")
    return Picture(data=data, media_type=head.removeprefix("data:").removesuffix(";base64"))


def paper(url: str) -> Paper:
    head, _, data = url.partition(",")
    return Paper(data=data, media_type=head.removeprefix("data:").removesuffix(";base64"))
