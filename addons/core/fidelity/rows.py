"""The shape of the fidelity table: rows in sections, one table for each dialect of clients (and of providers)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from addons.core.fidelity.outcomes import Outcome
from addons.core.model import DialectName

type Cell = tuple[Outcome, ...]

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI


class Place(StrEnum):
    """Where the sample of a row stands in the smallest request of its dialect."""

    MEMBER = "member"  # at the path that the row's field is
    USER = "user"  # a block of what the user says
    ASSISTANT = "assistant"  # a block of what the model has said
    RESULT = "result"  # a block of a tool's result
    SYSTEM = "system"  # a block of the instructions
    TURNS = "turns"  # messages (items, contents) between the first and the last
    TOOL = "tool"  # one of the tools
    ANSWER = "answer"  # the sample is a whole answer of a provider


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """`field` names it for people and for the oracle. `sample` is put into a request that has the members `given`;
    `base` is what stands in its place in the request that it is compared with. `cells` say what it becomes. `loss` is
    how the list of losses may name it, when not by its field. `also` are patterns of further fields that fare alike."""

    field: str
    sample: Any
    cells: Mapping[DialectName, Cell]
    given: Mapping[str, Any]
    base: Any = None
    loss: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    place: Place
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What a request of `dialect` becomes in each of the other dialects."""

    dialect: DialectName
    sections: tuple[Section, ...]
    note: str = ""

    @property
    def rows(self) -> list[tuple[Section, Row]]:
        return [(section, row) for section in self.sections for row in section.rows]


def row(
    field: str,
    sample: Any,
    others: Outcome | Cell | None = None,
    *,
    claude: Outcome | Cell | None = None,
    chat: Outcome | Cell | None = None,
    responses: Outcome | Cell | None = None,
    gemini: Outcome | Cell | None = None,
    given: Mapping[str, Any] | None = None,
    base: Any = None,
    loss: str | tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    note: str = "",
) -> Row:
    """`others` is what it becomes in the dialects that are not named. The cell of a table's own dialect counts for
    nothing."""
    said = {CLAUDE: claude, CHAT: chat, RESPONSES: responses, GEMINI: gemini}
    cells = {name: _cell(cell if cell is not None else others) for name, cell in said.items()}
    kept = {name: cell for name, cell in cells.items() if cell}
    losses = (loss,) if isinstance(loss, str) else loss
    return Row(field, sample, kept, given or {}, base, losses, also, note)


def _cell(cell: Outcome | Cell | None) -> Cell:
    return () if cell is None else (cell,) if isinstance(cell, Outcome) else cell
