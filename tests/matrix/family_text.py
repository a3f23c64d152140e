"""Text, in and out."""

from matrix.cell import Cell
from matrix.outcomes import Outcome
from matrix.wishes import Wish, model, user

from harness.answers import Said, whole
from harness.replies import Reply, json_reply, sse

WORLD = "Zürich 😀 👩‍👩‍👧 日本語 \u2028 end"


async def plain_text(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((user("What is Bern?"),)), Said("A city on the Aare."))
    assert (heard.text, heard.stop) == ("A city on the Aare.", "end")
    assert cell.seen.said == [("user", "What is Bern?")]
    assert cell.seen.stream == cell.streamed
    return Outcome.YES


async def text_in_deltas(cell: Cell) -> Outcome:
    heard = await cell.ask(says=Said("A city on the Aare."))
    assert [delta for delta in heard.deltas if delta] == ["A city on", " the Aare."]
    return Outcome.YES


async def system_prompt(cell: Cell) -> Outcome:
    await cell.ask(Wish((user("Hi"),), system="Answer in one word."))
    assert cell.seen.system == "Answer in one word."
    assert cell.seen.said == [("user", "Hi")]
    return Outcome.YES


async def multi_turn(cell: Cell) -> Outcome:
    turns = (user("Hi"), model("Hello, who is there?"), user("Heidi"))
    heard = await cell.ask(Wish(turns), Said("Hello, Heidi!"))
    assert cell.seen.said == [("user", "Hi"), ("model", "Hello, who is there?"), ("user", "Heidi")]
    assert heard.text == "Hello, Heidi!"
    return Outcome.YES


async def unicode_in_pieces(cell: Cell) -> Outcome:
    """Three bytes at a time: most characters come in two pieces."""
    if cell.streamed:
        reply = sse(cell.events(Said(WORLD)), dribble=3)
    else:
        data = json_reply(whole(cell.provider, Said(WORLD))).pieces[0]
        assert isinstance(data, bytes)
        pieces = [data[at : at + 3] for at in range(0, len(data), 3)]
        reply = Reply(headers={"content-type": "application/json"}, pieces=pieces)
    heard = await cell.ask(Wish((user(WORLD),)), reply)
    assert heard.text == WORLD
    assert cell.seen.said == [("user", WORLD)]
    return Outcome.YES


async def model_name(cell: Cell) -> Outcome:
    heard = await cell.ask()
    assert heard.model == cell.seen.model == cell.models[cell.provider]
    return Outcome.YES
