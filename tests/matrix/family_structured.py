"""Answers in JSON."""

import json

from matrix.cell import Cell, either
from matrix.outcomes import Outcome
from matrix.wishes import Json, Offer, Wish, user

from harness.answers import Said

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
