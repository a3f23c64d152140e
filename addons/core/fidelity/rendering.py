"""The fidelity table as a page for people."""

from collections.abc import Iterator

from addons.core.fidelity.outcomes import Kind, Outcome
from addons.core.fidelity.rows import CHAT, CLAUDE, GEMINI, RESPONSES, Cell, Place, Row, Section, Table
from addons.core.fidelity.tables import ANSWERS, TABLES
from addons.core.model import DialectName

TITLES = {
    CLAUDE: "Anthropic Messages (`claude`)",
    CHAT: "OpenAI Chat Completions (`openai`)",
    RESPONSES: "OpenAI Responses (`openai-responses`)",
    GEMINI: "Gemini (`gemini`)",
    DialectName.COMPLETIONS: "OpenAI legacy Completions (`openai-completions`)",
}
_COLUMNS = {CLAUDE: "Claude", CHAT: "Chat", RESPONSES: "Responses", GEMINI: "Gemini"}

_HEAD = """\
# What becomes of every field

A client speaks one format, and the provider that answers it may speak another. This page says what each field of a
request becomes on the way, and what of an answer comes back. It is made from the tables in `addons/core/fidelity` by
`make docs`. Every cell is tried against the real translation by a test; another one fails when a field of a vendor's
SDK has no row, and one more when this page is out of date.

When client and provider speak the same format, nothing here applies: the request is passed on byte for byte, but for
the name of the model.

| In a cell | it means |
|---|---|
| same | The field stands in the provider's request under the same name, with the same value. |
| → `field` | It says the same under another name, or in another form. |
| ≈ `field` | It says nearly the same: the cell says what differs. "(told)": the difference is on the list of losses. |
| by llr | The router does itself what the field asks for. |
| lost | Nothing of it is sent. It is a setting, so the request goes on; the loss is told. |
| **refused** | The model would miss something that it was meant to read, or to do: the answer is a 400 that names the \
field, unless another model can take it, or the model's configuration has `"dropContent": true`. |

Losses are told in the log and, among the debug headers, in `x-llm-router-losses`.
A cell that names a model holds for models like it; what is said without a name holds for the others.
"""

_ANSWERS = """\
# What becomes of an answer

Below, the columns are the clients, and the rows what their provider has answered. Here nothing refuses anything:
"lost" is what the client does not get to see.
"""


def rendered() -> str:
    """The whole page."""
    requests = [line for table in TABLES for line in _table(table, "Requests")]
    answers = [line for table in ANSWERS for line in _table(table, "Answers")]
    return "\n".join([_HEAD, *requests, _ANSWERS, *answers]).rstrip() + "\n"


def _table(table: Table, what: str) -> Iterator[str]:
    yield f"## {what} of {TITLES[table.dialect]}"
    yield ""
    if table.note:
        yield table.note
        yield ""
    for section in table.sections:
        yield from _section(table, section)


def _section(table: Table, section: Section) -> Iterator[str]:
    columns = [name for name in _COLUMNS if name != table.dialect]
    cells = {row: [_cell(section, row, row.cells.get(name, ())) for name in columns] for row in section.rows}
    alike = [row for row, texts in cells.items() if len(set(texts)) == 1]
    yield from (f"### {section.title}", "")
    if section.note:
        yield from (section.note, "")
    if len(alike) < len(cells):
        yield "| Field | " + " | ".join(_COLUMNS[name] for name in columns) + " |"
        yield "|---|" + "---|" * len(columns)
        for row, texts in cells.items():
            if row not in alike:
                note = f"<br>{row.note}" if row.note else ""
                yield f"| {_field(row)}{note} | " + " | ".join(texts) + " |"
        yield ""
    yield from _everywhere({row: cells[row][0] for row in alike})


def _everywhere(alike: dict[Row, str]) -> Iterator[str]:
    """The rows whose field fares alike in every other dialect, by how it fares."""
    if not alike:
        return
    yield from ("In every other format:", "")
    for text in dict.fromkeys(alike.values()):
        fields = [_field(row) + (f" ({row.note})" if row.note else "") for row, found in alike.items() if found == text]
        yield f"- {', '.join(fields)} — {text}"
    yield ""


def _field(row: Row) -> str:
    """What stands behind the first blank is a word of ours, and no part of the name."""
    name, _, more = row.field.partition(" ")
    return f"`{name}` {more}".rstrip()


def _cell(section: Section, row: Row, cell: Cell) -> str:
    if not cell:
        return "as the whole"
    several = len(cell) > 1
    return "<br>".join(
        (f"`{outcome.model}`: " if several and outcome.model else "") + _outcome(section, row, outcome)
        for outcome in cell
    )


def _outcome(section: Section, row: Row, outcome: Outcome) -> str:
    why = f": {outcome.why}" if outcome.why else ""
    place = f"`{outcome.to or row.field}`{_value(section, row, outcome)}"
    match outcome.kind:
        case Kind.SAME:
            return f"same{why}"
        case Kind.MAPPED:
            return f"→ {place}{why}"
        case Kind.APPROXIMATED:
            refused = " (**refused** without leave)" if outcome.content else " (told)" if outcome.told else ""
            return f"≈ {place}{why}{refused}"
        case Kind.LOST:
            return f"**refused**{why}" if outcome.content else f"lost{why}"
        case Kind.HANDLED:
            return f"by llr{why}"
        case Kind.FAILED:
            return f"an error{why}"


def _value(section: Section, row: Row, outcome: Outcome) -> str:
    """A value that is another word than the client's."""
    value = outcome.value
    told = section.place is Place.MEMBER and value != row.sample and not isinstance(row.sample, list)
    if not told and not (section.place is Place.ANSWER and row.note):
        return ""
    match value:
        case bool():
            return f" = `{str(value).lower()}`"
        case str() if " " not in value:
            return f" = `{value}`"
        case _:
            return ""
