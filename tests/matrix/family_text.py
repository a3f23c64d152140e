"""Text, in and out."""

from matrix.cell import Cell
from matrix.table import Outcome
from matrix.wishes import Wish, user

from harness.answers import Said


async def plain_text(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((user("What is Bern?"),)), Said("A city on the Aare."))
    assert (heard.text, heard.stop) == ("A city on the Aare.", "end")
    assert cell.seen.said == [("user", "What is Bern?")]
    assert cell.seen.stream == cell.streamed
    assert not cell.streamed or "".join(heard.deltas) == heard.text
    return Outcome.YES


async def system_prompt(cell: Cell) -> Outcome:
    await cell.ask(Wish((user("Hi"),), system="Answer in one word."))
    assert cell.seen.system == "Answer in one word."
    assert cell.seen.said == [("user", "Hi")]
    return Outcome.YES
