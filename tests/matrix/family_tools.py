"""Tools: offered, called, and what they gave back."""

import json

from matrix.cell import Cell, either
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.seen import Seen
from matrix.wishes import WEATHER, Called, Json, Offer, Replayed, Result, Wish, model, user

from addons.core.model import DialectName
from harness.answers import Call, Said
from harness.answers_gemini import event
from harness.replies import sse

ASK = user("How is the weather in Zürich?")
ZURICH = Call("weather", '{"city": "Zürich"}', "call_a")
BERN = Call("weather", '{"city": "Bern"}', "call_b")
TOOLS = (Offer(), Offer("clock", {"type": "object", "properties": {}}, "The time."))


async def tool_call(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said(calls=(ZURICH,)))
    assert heard.calls == [("weather", {"city": "Zürich"})]
    assert heard.stop == "call"
    ((name, schema),) = cell.seen.tools.items()
    assert (name, schema["required"]) == ("weather", WEATHER["required"])
    return Outcome.YES


async def text_before_a_call(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said("Let me look.", calls=(ZURICH,)))
    assert (heard.text, heard.calls) == ("Let me look.", [("weather", {"city": "Zürich"})])
    return Outcome.YES


async def arguments_in_deltas(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said(calls=(ZURICH,)))
    pieces = [delta for delta in heard.argument_deltas if delta]
    assert json.loads("".join(pieces)) == {"city": "Zürich"}
    return either(len(pieces) > 1, len(pieces) == 1)


async def empty_arguments(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=TOOLS), Said(calls=(Call("clock", "", "call_a"),)))
    assert (heard.calls, heard.stop) == ([("clock", {})], "call")
    return Outcome.YES


async def parallel_calls(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said(calls=(ZURICH, BERN)))
    assert heard.calls == [("weather", {"city": "Zürich"}), ("weather", {"city": "Bern"})]
    assert len(set(heard.call_ids)) == 2
    return Outcome.YES


async def one_call_at_a_time(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),), parallel=False))
    body = cell.upstream.requests[-1].json
    told = body.get("parallel_tool_calls") is False or "'disable_parallel_tool_use': True" in str(body)
    return either(told, "parallel" in heard.losses, heard.losses)


async def result_round_trip(cell: Cell) -> Outcome:
    """The model's turn goes back as the SDK showed it."""
    first = await cell.ask(Wish((ASK,), tools=(Offer(),)), Said("Let me look.", calls=(ZURICH, BERN)))
    results = [Result((weather,), call_id) for call_id, weather in zip(first.call_ids, ("sunny", "rainy"), strict=True)]
    heard = await cell.ask(Wish((ASK, Replayed(first.turn), user(*results)), tools=(Offer(),)), Said("Sun and rain."))
    seen = cell.seen
    assert heard.text == "Sun and rain."
    assert [(call.name, call.arguments["city"]) for call in seen.calls] == [("weather", "Zürich"), ("weather", "Bern")]
    assert [result.call_id for result in seen.results] == [call.id for call in seen.calls]
    assert ["".join(map(str, result.content)) for result in seen.results] == ["sunny", "rainy"]
    assert ("model", "Let me look.") in seen.said
    return Outcome.YES


async def failed_tool(cell: Cell) -> Outcome:
    """A dialect without a flag for it says it in words."""
    turns = (ASK, model(Called("weather", {"city": "Bern"})), user(Result(("no network",), is_error=True)))
    await cell.ask(Wish(turns, tools=(Offer(),)))
    (result,) = cell.seen.results
    assert ("".join(map(str, result.content)), result.is_error) == ("no network", True)
    return either(cell.provider in (CLAUDE, GEMINI), approximate=True)


async def result_that_is_missing(cell: Cell) -> Outcome:
    """A history that was cut: providers refuse a call without its result."""
    turns = (ASK, model(Called("weather", {"city": "Bern"})), user("Never mind. And Zürich?"))
    heard = await cell.ask(Wish(turns, tools=(Offer(),)))
    (result,) = cell.seen.results
    assert "no result" in str(result.content)
    assert "has no result" in heard.losses
    return Outcome.YES


async def forced_tool(cell: Cell) -> Outcome:
    await cell.ask(Wish((ASK,), tools=TOOLS, choice="clock"))
    assert cell.seen.choice == "clock"
    return Outcome.YES


async def some_tool(cell: Cell) -> Outcome:
    await cell.ask(Wish((ASK,), tools=TOOLS, choice="required"))
    assert cell.seen.choice == "required"
    return Outcome.YES


async def no_tool(cell: Cell) -> Outcome:
    await cell.ask(Wish((ASK,), tools=TOOLS, choice="none"))
    assert cell.seen.choice == "none" or not cell.seen.tools
    return Outcome.YES


async def long_tool_name(cell: Cell) -> Outcome:
    """In the dialects' names there are 64 characters and no dots; MCP servers have both."""
    name = "mcp__" + "files.example.org__read_the_whole_directory_" * 2
    wish = Wish((ASK,), tools=(Offer(name),))
    first = await cell.ask(wish, _calls_the_only_tool)
    (wire,) = cell.seen.tools
    assert [called for called, _ in first.calls] == [name]
    again = (ASK, Replayed(first.turn), user(Result(("read",), first.call_ids[0], name)))
    await cell.ask(Wish(again, tools=wish.tools))
    assert ([call.name for call in cell.seen.calls], list(cell.seen.tools)) == ([wire], [wire])
    return Outcome.YES


def _calls_the_only_tool(seen: Seen) -> Said:
    (name,) = seen.tools
    return Said(calls=(Call(name, '{"city": "Bern"}', "call_a"),))


PLACE = {
    "type": "object",
    "properties": {"home": {"$ref": "#/$defs/place"}, "work": {"$ref": "#/$defs/place"}},
    "required": ["home"],
    "additionalProperties": False,
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "number": {"type": ["integer", "null"], "minimum": 1}},
            "required": ["street"],
            "additionalProperties": False,
        }
    },
}


async def nested_schema(cell: Cell) -> Outcome:
    call = Call("move", '{"home": {"street": "Aarweg", "number": 3}}', "call_a")
    heard = await cell.ask(Wish((ASK,), tools=(Offer("move", PLACE),)), Said(calls=(call,)))
    assert heard.calls == [("move", {"home": {"street": "Aarweg", "number": 3}})]
    sent = cell.seen.tools["move"]
    assert "street" in json.dumps(sent)
    assert {"home", "work"} <= sent["properties"].keys()
    return Outcome.YES


async def hosted_tool(cell: Cell) -> Outcome:
    """A search that the provider runs, beside a tool of the client's."""
    heard = await cell.ask(_with_search(cell))
    body = cell.upstream.requests[-1].json
    assert "weather" in cell.seen.tools
    searches = "web_search" in json.dumps(body["tools"]) or "oogleSearch" in json.dumps(body["tools"])
    return either(searches, "tools." in heard.losses, heard.losses)


async def forced_hosted_tool(cell: Cell) -> Outcome:
    """Where no such tool is, the request is refused; it would be answered without what was asked for."""
    wish = _with_search(cell, forced=True)
    await cell.ask(wish)
    assert "web_search" in json.dumps(cell.upstream.requests[-1].json["tools"])
    return Outcome.YES


def _with_search(cell: Cell, *, forced: bool = False) -> Wish:
    own = cell.body(Wish((ASK,), tools=(Offer(),)))
    if cell.client is GEMINI:
        tools = [*own["config"]["tools"], {"google_search": {}}]
        return Wish((ASK,), native={GEMINI: {"config": {**own["config"], "tools": tools}}})
    search = {
        CLAUDE: {"type": "web_search_20250305", "name": "web_search"},
        RESPONSES: {"type": "web_search"},
    }[cell.client]
    choice = {CLAUDE: {"type": "tool", "name": "web_search"}, RESPONSES: {"type": "web_search"}}
    native = {"tools": [*own["tools"], search]} | ({"tool_choice": choice[cell.client]} if forced else {})
    return Wish((ASK,), native={cell.client: native})


PATCH = '*** Begin Patch\n"quoted" and \\n escaped'


async def free_text_tool(cell: Cell) -> Outcome:
    """A tool whose input is no JSON; where there are only functions, one stands in."""
    tool: dict[DialectName, Json] = {
        CHAT: {"type": "custom", "custom": {"name": "patch", "description": "Takes a patch."}},
        RESPONSES: {"type": "custom", "name": "patch", "description": "Takes a patch."},
    }
    wish = Wish((ASK,), native={cell.client: {"tools": [tool[cell.client]]}})
    own = Call("patch", PATCH, "call_a", kind="custom")
    stand_in = Call("patch", json.dumps({"input": PATCH}), "call_a")
    heard = await cell.ask(wish, cell.answer(Said(calls=(own if cell.same else stand_in,))))
    assert heard.calls == [("patch", PATCH)]
    return either("custom" in str(cell.upstream.requests[-1].json["tools"]), "patch" in cell.seen.tools)


async def arguments_in_pieces(cell: Cell) -> Outcome:
    """Vertex AI gives the values of a tree, each with its place."""
    texts = ("Zü", "rich")
    calls: list[Json] = [{"name": "weather", "id": "call_a", "willContinue": True}]
    calls += [{"partialArgs": [{"jsonPath": "$.city", "stringValue": text, "willContinue": True}]} for text in texts]
    chunks = [
        {"candidates": [{"content": {"role": "model", "parts": [{"functionCall": {**call, "willContinue": True}}]}}]}
        for call in calls
    ]
    last = {"content": {"role": "model", "parts": [{"functionCall": {}}]}, "finishReason": "STOP"}
    chunks.append({"candidates": [last], "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3}})
    heard = await cell.ask(Wish((ASK,), tools=(Offer(),)), sse([event(chunk) for chunk in chunks]))
    assert (heard.calls, heard.stop) == ([("weather", {"city": "Zürich"})], "call")
    assert len([delta for delta in heard.argument_deltas if delta]) > 1
    return Outcome.YES


async def functions_of_old(cell: Cell) -> Outcome:
    """From before there were tools: a call and its result, round trip."""
    functions = {CHAT: {"functions": [{"name": "weather", "parameters": dict(WEATHER)}]}}
    heard = await cell.ask(Wish((ASK,), native=functions), Said(calls=(ZURICH,)))
    assert (heard.calls, heard.call_ids, heard.stop) == ([("weather", {"city": "Zürich"})], [], "call")
    result = {"role": "function", "name": "weather", "content": "sunny"}
    turns = (ASK, Replayed((*heard.turn, result)))
    heard = await cell.ask(Wish(turns, native=functions), Said("Sunny."))
    seen = cell.seen
    assert [(call.name, call.arguments["city"]) for call in seen.calls] == [("weather", "Zürich")]
    assert ["".join(map(str, each.content)) for each in seen.results] == ["sunny"]
    assert [each.call_id for each in seen.results] == [call.id for call in seen.calls]
    assert list(seen.tools) == ["weather"]
    return Outcome.YES


async def many_tools(cell: Cell) -> Outcome:
    """OpenAI's models take 128 of them."""
    tools = tuple(Offer(f"tool_{n}") for n in range(130))
    heard = await cell.ask(Wish((ASK,), tools=tools))
    names = [tool.name for tool in tools]
    return either(list(cell.seen.tools) == names, list(cell.seen.tools) == names[:128] and "tools" in heard.losses)
