"""Tools: offered, called, and what they gave back."""

from matrix.cell import Cell
from matrix.table import Outcome
from matrix.wishes import WEATHER, Offer, Wish, user

from harness.answers import Call, Said

ASK = user("How is the weather in Zürich?")
ZURICH = Call("weather", '{"city": "Zürich"}', "call_a")


async def tool_call(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said(calls=(ZURICH,)))
    assert heard.calls == [("weather", {"city": "Zürich"})]
    assert heard.stop == "call"
    ((name, schema),) = cell.seen.tools.items()
    assert (name, schema["required"]) == ("weather", WEATHER["required"])
    return Outcome.YES
