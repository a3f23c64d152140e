"""Thinking: asked for, shown, and given back."""

from clients.checks import SIGNATURE
from matrix.cell import Cell, either
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Json, Offer, Replayed, Result, Wish, user

from addons.core.model import DialectName
from harness.answers import Call, Said

ASK = user("Is it warm in Bern?")
# these take a budget in tokens; the others a word
BUDGETED = {CLAUDE: "claude-haiku-4-5", CHAT: "gpt-5.1", RESPONSES: "gpt-5.1", GEMINI: "gemini-2.5-flash"}


async def effort(cell: Cell) -> Outcome:
    await cell.ask(Wish((ASK,), effort="high"))
    assert str(cell.seen.effort).lower() == "high"
    return Outcome.YES


async def budget(cell: Cell) -> Outcome:
    """Half of the limit is "medium" in words."""
    cell.models = BUDGETED
    native: dict[DialectName, Json] = {
        CLAUDE: {"thinking": {"type": "enabled", "budget_tokens": 4000}},
        GEMINI: {"config": {"thinking_config": {"thinking_budget": 4000, "include_thoughts": True}}},
    }
    await cell.ask(Wish((ASK,), max_tokens=8000, native=native))
    return either(cell.seen.effort == 4000, cell.seen.effort == "medium", cell.seen)


async def thinking_shown(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), effort="high"), Said("Yes.", thinking="Summer, so warm."))
    assert (heard.thinking, heard.text) == ("Summer, so warm.", "Yes.")
    return Outcome.YES


async def thinking_given_back(cell: Cell) -> Outcome:
    """In the middle of a tool loop, where providers want to see the signature of their thinking again."""
    call = Call("weather", '{"city": "Bern"}', "call_a")
    wish = Wish((ASK,), tools=(Offer(),), effort="high")
    first = await cell.ask(wish, Said(thinking="I must look.", calls=(call,)))
    again = (ASK, Replayed(first.turn), user(Result(("28 degrees",), first.call_ids[0])))
    heard = await cell.ask(Wish(again, tools=wish.tools, effort="high"), Said("Yes."))
    assert heard.text == "Yes."
    assert [call.name for call in cell.seen.calls] == ["weather"]
    return either(SIGNATURE in cell.upstream.requests[-1].body.decode(), approximate=True)


async def no_thinking(cell: Cell) -> Outcome:
    """Where a model always thinks, it is asked to think as little as it can."""
    native: dict[DialectName, Json] = {
        CLAUDE: {"thinking": {"type": "disabled"}},
        CHAT: {"reasoning_effort": "none"},
        RESPONSES: {"reasoning": {"effort": "none"}},
        GEMINI: {"config": {"thinking_config": {"thinking_budget": 0}}},
    }
    await cell.ask(Wish((ASK,), native=native))
    told = cell.upstream.requests[-1].json.get("thinking", {}).get("type")
    silent = cell.provider is CLAUDE and told in (None, "disabled")
    return either(silent or cell.seen.effort in ("none", 0), cell.seen.effort in ("low", "LOW"), cell.seen)
