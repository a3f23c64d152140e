"""Answers in JSON."""

import asyncio
import json

from matrix.cell import Cell, either
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.seen import Seen
from matrix.wishes import Json, Offer, Wish, user
from pydantic import BaseModel

from harness.answers import Call, Said

ASK = user("Where does Heidi live?")
HOME: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "street": {"type": "string"}},
    "required": ["city", "street"],
    "additionalProperties": False,
}
ANSWER = '{"city": "Bern", "street": "Aarweg"}'


async def json_schema(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), schema=HOME), Said(ANSWER))
    assert json.loads(heard.text) == json.loads(ANSWER)
    assert cell.seen.schema is not None
    assert cell.seen.schema["properties"].keys() == HOME["properties"].keys()
    return Outcome.YES


async def json_schema_beside_tools(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),), schema=HOME), Said(ANSWER))
    assert (json.loads(heard.text), heard.stop) == (json.loads(ANSWER), "end")
    assert "weather" in cell.seen.tools
    assert cell.seen.schema is not None
    return Outcome.YES


async def any_json(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((user("Heidi's home, as JSON"),), any_json=True), Said(ANSWER))
    assert json.loads(heard.text) == json.loads(ANSWER)
    in_words = "JSON" in cell.seen.system or "format" in heard.losses
    return either(cell.seen.any_json, in_words, heard.losses)


# these cannot be held to a schema, or not beside tools
FREE = {
    CLAUDE: "claude-opus-4-1", CHAT: "glm-4.6", RESPONSES: "gpt-4.1", GEMINI: "gemini-2.5-flash",
}  # fmt: skip


async def json_schema_unenforced(cell: Cell) -> Outcome:
    """A tool stands in for the answer, or the schema is asked for in words; the client sees JSON."""
    cell.models = FREE
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),), schema=HOME), _as_it_can)
    assert json.loads(heard.text) == json.loads(ANSWER)
    assert (heard.calls, heard.stop) == ([], "end")
    stands_in = "json_answer" in cell.seen.tools
    return either(cell.seen.schema is not None, stands_in or "street" in cell.seen.system, cell.seen)


def _as_it_can(seen: Seen) -> Said:
    if "json_answer" in seen.tools:
        return Said(calls=(Call("json_answer", ANSWER),))
    return Said(ANSWER)


class Home(BaseModel):
    """Where somebody lives."""

    city: str
    street: str
    floor: int | None = None


async def parsed_answer(cell: Cell) -> Outcome:
    """The SDKs' own helpers, which make the schema of a class and an object of the answer."""
    with cell.provided(Said('{"city": "Bern", "street": "Aarweg", "floor": null}')):
        parsed = await asyncio.to_thread(cell.sdk.parse, cell.model, "Where does Heidi live?", Home)
    assert parsed == Home(city="Bern", street="Aarweg")
    assert cell.seen.schema is not None
    assert cell.seen.schema["properties"].keys() == {"city", "street", "floor"}
    return Outcome.YES
