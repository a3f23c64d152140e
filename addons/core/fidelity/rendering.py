"""The fidelity table as a page for people."""

import re
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

Losses are told in the log, in captures and, among the debug headers, in `x-llm-router-losses`.
A cell that names a model holds for models like it; what is said without a name holds for the others.
"""

_ANSWERS = """\
# What becomes of an answer

Below, the columns are the clients, and the rows what their provider has answered. Here nothing refuses anything:
"lost" is what the client does not get to see. It is told in the same places, once an answer, under the name of the row
after `answer.` (`answer.choices[].logprobs`; ends are called `answer.finish_reason`, counts `answer.usage.…`), unless
it says nothing (an empty list, a nought). What a client would have read, heard or seen stands before what the provider
notes down for itself. The headers of a stream have left before its answer is there: then the activity log and captures
have it, and the header has the request's losses alone.
Within one format the answer is passed on as it is, and nothing is lost.
"""


def rendered() -> str:
    """The whole page."""
    requests = [line for table in TABLES for line in _table(table, "Requests")]
    answers = [line for table in ANSWERS for line in _table(table, "Answers")]
    return "\n".join([_HEAD, *_contents(), *requests, _ANSWERS, *answers]).rstrip() + "\n"


def _contents() -> Iterator[str]:
    for what, tables in (("Requests", TABLES), ("Answers", ANSWERS)):
        for table in tables:
            title = _title(table, what)
            anchor = "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char == "-")
            yield f"- [{title}](#{anchor})"
    yield ""


def _title(table: Table, what: str) -> str:
    return f"{what} of {TITLES[table.dialect]}"


def _table(table: Table, what: str) -> Iterator[str]:
    yield f"## {_title(table, what)}"
    yield ""
    if table.note:
        yield table.note
        yield ""
    for section in table.sections:
        yield from _section(table, section)


def _section(table: Table, section: Section) -> Iterator[str]:
    """Rows that fare alike share a line; those that fare alike in every other dialect are a list."""
    columns = [name for name in _COLUMNS if name != table.dialect]
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in section.rows:
        texts = tuple(_cell(section, row, row.cells.get(name, ())) for name in columns)
        lines.setdefault(texts, []).append(_field(row))
    apart = {texts: fields for texts, fields in lines.items() if len(set(texts)) > 1}
    alike = {texts: fields for texts, fields in lines.items() if texts not in apart}
    yield from (f"### {section.title}", "")
    if section.note:
        yield from (section.note, "")
    if apart:
        yield "| Field | " + " | ".join(_COLUMNS[name] for name in columns) + " |"
        yield "|---|" + "---|" * len(columns)
        yield from (f"| {', '.join(fields)} | " + " | ".join(texts) + " |" for texts, fields in apart.items())
        yield ""
    if alike:
        yield from ("In every other format:", "")
        yield from (f"- {', '.join(fields)} — {texts[0]}" for texts, fields in alike.items())
        yield ""


def _field(row: Row) -> str:
    """What stands behind the first blank is a word of ours, and no part of the name."""
    name, _, more = row.field.partition(" ")
    note = f" ({row.note})" if row.note else ""
    return f"`{name}` {more}".rstrip() + note


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
    path = re.sub(r"\.(properties|required)\b.*", "", outcome.to or row.field)
    place = f"`{path}`" + (_value(section, row, outcome) if path == (outcome.to or row.field) else "")
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
    told = section.place is Place.MEMBER and not isinstance(row.sample, list)
    if not told and not (section.place is Place.ANSWER and row.note):
        return ""
    match value:
        case bool():
            return f" = `{str(value).lower()}`"
        case str() if re.fullmatch(r"[\w./-]+", value):
            return f" = `{value}`"
        case _:
            return ""
