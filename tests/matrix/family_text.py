"""Text, in and out."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from matrix.cell import SAMPLERS, Cell, either
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Json, Replayed, Wish, model, user

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.replies import Reply, json_reply, sse

BEGUN = Wish((user("A rhyme, please"), model("The mouse")))
REFUSING = {CLAUDE: "claude-sonnet-4-6", GEMINI: "gemini-3.6-flash"}
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


async def continued_response(cell: Cell) -> Outcome:
    """With `previous_response_id`: the router keeps what a provider of another dialect cannot."""
    first = await cell.ask(Wish((user("I am Heidi."),), native={RESPONSES: {"store": True}}), Said("Hello, Heidi!"))
    again = {"store": True, "previous_response_id": first.id}
    await cell.ask(Wish((user("Who am I?"),), native={RESPONSES: again}))
    whole = [("user", "I am Heidi."), ("model", "Hello, Heidi!"), ("user", "Who am I?")]
    kept = cell.seen.settings.get("previous_response_id") == first.id and cell.seen.said == whole[2:]
    return either(kept or cell.seen.said == whole, False, cell.seen)


async def moved_response(cell: Cell) -> Outcome:
    """With `previous_response_id`, at a provider that did not give that response: it is told everything."""
    other = replace(cell, provider=CLAUDE if cell.provider is not CLAUDE else RESPONSES)
    first = await cell.ask(Wish((user("I am Heidi."),), native={RESPONSES: {"store": True}}), Said("Hello, Heidi!"))
    again = {"store": True, "previous_response_id": first.id}
    heard = await other.ask(Wish((user("Who am I?"),), native={RESPONSES: again}), Said("Heidi."))
    assert other.seen.said == [("user", "I am Heidi."), ("model", "Hello, Heidi!"), ("user", "Who am I?")]
    assert "previous_response_id" not in other.seen.settings
    assert heard.text == "Heidi."
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


async def instruction_later(cell: Cell) -> Outcome:
    """An instruction behind the first turns stays one, or is read as the user's words."""
    later: Mapping[DialectName, Json] = {
        CHAT: {"role": "developer", "content": "From now on in rhymes."},
        RESPONSES: {"role": "developer", "content": [{"type": "input_text", "text": "From now on in rhymes."}]},
    }
    turns = (user("Hi"), model("Hello!"), Replayed((later[cell.client],)), user("Who are you?"))
    await cell.ask(Wish(turns, system="Be short."))
    instructed = "From now on in rhymes." in cell.seen.system
    assert "Be short." in cell.seen.system
    return either(instructed, any("From now on in rhymes." in text for _, text in cell.seen.said), cell.seen)


async def begun_answer(cell: Cell) -> Outcome:
    """The model goes on with its own words, where it can."""
    cell.models = SAMPLERS
    await cell.ask(BEGUN, Said(" is in the house."))
    assert cell.seen.said[-1] == ("model", "The mouse")
    return Outcome.YES


async def begun_answer_refused(cell: Cell) -> Outcome:
    """The newest models of Anthropic and Google refuse a request that ends with their own words."""
    cell.models = REFUSING
    heard = await cell.ask(BEGUN, Said(" is in the house."))
    *_, begun, last = cell.seen.said
    assert (begun, last[0]) == (("model", "The mouse"), "user")
    return either(False, "told to go on" in heard.losses, heard.losses)


async def model_list(cell: Cell) -> Outcome:
    assert cell.model in await asyncio.to_thread(cell.sdk.models)
    return Outcome.YES
