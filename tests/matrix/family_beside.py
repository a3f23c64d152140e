"""What an answer holds beside its text, its thoughts and its calls."""

from matrix.cell import Cell, either
from matrix.family_media import PNG
from matrix.outcomes import CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Replayed, Wish, user

from addons.core.model import DialectName
from harness.answers import Json, Said, whole
from harness.replies import Reply, json_reply

PAGE = "https://example.com/a"
CITING = Said("The sky is blue.", sources=(PAGE,))
PAINTING = Said("Here it is.", painted=PNG)


async def cited_sources(cell: Cell) -> Outcome:
    """And the conversation goes on with them in its history."""
    heard = await cell.ask(Wish((user("What colour is the sky?"),)), CITING)
    assert (heard.text, heard.sources) == (CITING.text, [PAGE])
    again = await cell.ask(Wish((user("What colour is the sky?"), Replayed(heard.turn), user("Sure?"))))
    assert again.text == "Hello!" and ("model", CITING.text) in cell.seen.said
    return Outcome.YES


async def painted_picture(cell: Cell) -> Outcome:
    """And the conversation goes on with it in its history."""
    heard = await cell.ask(Wish((user("Paint a cat"),)), PAINTING)
    assert heard.text == PAINTING.text
    told = cell.streamed or "answer." in heard.losses
    again = await cell.ask(Wish((user("Paint a cat"), Replayed(heard.turn), user("Thanks"))))
    assert again.text == "Hello!"
    return either(heard.painted == [PNG], not heard.painted and told, heard.losses)


async def hosted_record(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((user("What is 6 times 7?"),)), _computed(cell))
    assert heard.text == "42"
    kind = KINDS[cell.provider]
    shown = cell.same and kind.lower() in repr(heard.turn).replace("executable_code", "executablecode")
    return either(shown, f"answer.{kind}" in heard.losses, heard.losses)


KINDS = {CLAUDE: "server_tool_use", RESPONSES: "code_interpreter_call", GEMINI: "executableCode"}
_RECORDS: dict[DialectName, Json] = {
    CLAUDE: {"type": "server_tool_use", "id": "srvtoolu_1", "name": "code_execution", "input": {"code": "6 * 7"}},
    RESPONSES: {
        "type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "6 * 7", "container_id": "c",
        "outputs": None,
    },
    GEMINI: {"executableCode": {"language": "PYTHON", "code": "6 * 7"}},
}  # fmt: skip


def _computed(cell: Cell) -> Reply:
    """A whole answer that begins with the record."""
    body = whole(cell.provider, Said("42", model=cell.models[cell.provider]))
    match cell.provider:
        case DialectName.ANTHROPIC:
            content = body["content"]
        case DialectName.RESPONSES:
            content = body["output"]
        case _:
            content = body["candidates"][0]["content"]["parts"]
    content.insert(0, _RECORDS[cell.provider])
    return json_reply(body)
