"""Specification of addons/search/rounds.py through the engine: the router searches for models that cannot."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from addons.core.accumulate import Answer, fold
from addons.core.buckets import Bucket
from addons.core.errors import ErrorClass
from addons.core.events import FinishReason
from addons.core.http import Ask, Reply, UpstreamFailure
from addons.core.model import DialectName, Opaque, Text, ToolCall
from addons.core.plan import Memory, Model, Plan
from addons.core.web_search import SearchService, WebSearch
from addons.core.windows import Window
from addons.dialects import DIALECTS
from addons.exchange import Exchange
from addons.inline import NotFetched
from harness.answers import Call, Said, stream, whole
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, path
from harness.engine import body_of, header, json_of, no_sleep, offered, planned, posted, read, streamed
from harness.memory import RESET, MemoryUpstream, Scripted, json_answer

QUOTA = Bucket("month", {"requests": 1000}, Window("month", 1))
BRAVE = SearchService("brave", "brave", "k", "http://brave/search", 3, QUOTA)
EXA = SearchService("exa", "exa", "k", "http://exa/search", 3, QUOTA)
WEB = WebSearch((BRAVE,))
TOOL = {"type": "web_search_20250305", "name": "web_search"}
FETCH = {"type": "web_fetch_20250910", "name": "web_fetch"}
FOUND = {"web": {"results": [{"title": "Llamas", "url": "https://llamas.example/", "description": "They hum."}]}}
TARGETS = [CHAT, RESPONSES, GEMINI]


def found(body: object = FOUND, status: int = 200) -> Scripted:
    return json_answer(json.dumps(body).encode(), status)


def said(dialect: DialectName, what: Said, *, whole_answer: bool = False) -> Scripted:
    if whole_answer:
        return json_answer(json.dumps(whole(dialect, what)).encode())
    return Scripted(tuple(stream(dialect, what)))


def search(query: str = "llamas", n: int = 1, text: str = "") -> Said:
    """The model wants to know something."""
    return Said(text, calls=(Call("web_search", json.dumps({"query": query}), f"call_{n}"),), turn=n)


def plan(*dialects: DialectName, web: WebSearch = WEB, model: Model | None = None, **settings: Any) -> Plan:
    names = "abc"
    providers = [offered(names[n], each, model=model or Model("m")) for n, each in enumerate(dialects)]
    return planned(*providers, web_search=web, **settings)


class Web:
    """Serves pages by their URL."""

    def __init__(self, **pages: str) -> None:
        self.pages = {f"https://{name}.example/": text for name, text in pages.items()}

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        if url not in self.pages:
            raise NotFetched("it is not there")
        return "text/html", self.pages[url].encode()


def engine(config: Plan, upstream: MemoryUpstream, pages: Web | None = None) -> Exchange:
    return Exchange(
        config,
        upstream,
        pages=pages,
        chance=lambda: 0.0,
        sleep=no_sleep,
        now=lambda: 0.0,
        new_id=lambda: "req_1",
        clock=lambda: 1_800_000_000.0,
    )


def asked(*, stream: bool = True, tools: Sequence[Mapping[str, Any]] = (TOOL,), **body: Any) -> Ask:
    """What an Anthropic client asks."""
    question = [{"role": "user", "content": "what do llamas do?"}]
    return posted(
        path(CLAUDE),
        {"model": "all", "max_tokens": 500, "messages": question, "stream": stream, "tools": list(tools), **body},
    )


def raws(answer: Answer) -> list[Any]:
    """The blocks in order: texts as they are, calls by name."""
    shown: list[Any] = []
    for part in answer.parts:
        match part:
            case Text():
                shown.append(part.text)
            case ToolCall():
                shown.append(part.name)
            case Opaque():
                shown.append(part.raw)
    return shown


async def answer_of(reply: Reply, *, stream: bool) -> Answer:
    if stream:
        return await streamed(CLAUDE, reply)
    return fold(DIALECTS[CLAUDE].parse_response(await json_of(reply)))


def uses(sent: Any) -> Any:
    """The tools that a provider was offered, by name."""
    body = body_of(sent)
    tools = body.get("tools") or []
    named = [each.get("function", each) for each in tools]
    return [one.get("name") for each in named for one in each.get("functionDeclarations", [each])]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("stream", [True, False])
async def test_the_router_searches_for_a_model_that_cannot(target: DialectName, stream: bool) -> None:
    script = [said(target, search(text="Let me look."), whole_answer=not stream)]
    script.append(said(target, Said("They hum."), whole_answer=not stream))
    upstream = MemoryUpstream(a=script, brave=[found()])
    reply = await engine(plan(target), upstream).answer(asked(stream=stream))
    answer = await answer_of(reply, stream=stream)
    assert upstream.asked == ["a", "brave", "a"]
    assert uses(upstream.sent[0]) == ["web_search"]
    before, call, result, after = raws(answer)
    assert (before, after) == ("Let me look.", "They hum.")
    assert (call["type"], call["name"]) == ("server_tool_use", "web_search")
    assert (result["type"], result["tool_use_id"]) == ("web_search_tool_result", call["id"])
    (hit,) = result["content"]
    assert (hit["title"], hit["url"]) == ("Llamas", "https://llamas.example/")
    assert answer.finish is FinishReason.END_TURN
    assert "They hum." in upstream.sent[2].body.decode() and "https://llamas.example/" in upstream.sent[2].body.decode()


@pytest.mark.parametrize("stream", [True, False])
async def test_every_round_is_paid_for(stream: bool) -> None:
    script = [said(CHAT, search(n=n), whole_answer=not stream) for n in (1, 2)]
    script.append(said(CHAT, Said("Done."), whole_answer=not stream))
    upstream = MemoryUpstream(a=script, brave=[found()])
    reply = await engine(plan(CHAT), upstream).answer(asked(stream=stream))
    answer = await answer_of(reply, stream=stream)
    assert upstream.asked == ["a", "brave", "a", "brave", "a"]
    assert (answer.usage.input, answer.usage.output) == (300, 60)
    assert answer.usage.extras["server_tool_use"] == {"web_search_requests": 2, "web_fetch_requests": 0}


@pytest.mark.parametrize("stream", [True, False])
async def test_calls_of_one_round_are_looked_up_together(stream: bool) -> None:
    calls = tuple(Call("web_search", json.dumps({"query": word}), f"call_{word}") for word in ("one", "two"))
    script = [said(CHAT, Said(calls=calls), whole_answer=not stream), said(CHAT, Said("ok"), whole_answer=not stream)]
    upstream = MemoryUpstream(a=script, brave=[found()])
    answer = await answer_of(await engine(plan(CHAT), upstream).answer(asked(stream=stream)), stream=stream)
    one, two, first, second, text = raws(answer)
    assert [one["input"], two["input"], text] == [{"query": "one"}, {"query": "two"}, "ok"]
    assert [first["tool_use_id"], second["tool_use_id"]] == [one["id"], two["id"]]
    *_, assistant, first_result, second_result = body_of(upstream.sent[-1])["messages"]
    assert [call["id"] for call in assistant["tool_calls"]] == ["call_one", "call_two"]
    assert [each["tool_call_id"] for each in (first_result, second_result)] == ["call_one", "call_two"]


async def test_nothing_waits_for_the_end_of_a_round() -> None:
    """Text goes through as it comes, the call before it is answered, and the results before the next round begins."""
    first, searched, second = asyncio.Event(), asyncio.Event(), asyncio.Event()
    begun = stream(CHAT, search(text="Let me look."))
    round_1 = Scripted((*begun[:3], first, *begun[3:]))
    round_2 = Scripted((second, *stream(CHAT, Said("They hum."))))
    result = replace(found(), body=(searched, *found().body))
    reply = await engine(plan(CHAT), MemoryUpstream(a=[round_1, round_2], brave=[result])).answer(asked())
    assert not isinstance(reply.body, bytes)
    seen = b""

    async def until(mark: bytes, opened: asyncio.Event) -> None:
        nonlocal seen
        while mark not in seen:
            seen += await anext(reply.body)  # type: ignore[arg-type]
        opened.set()

    async with asyncio.timeout(5):
        await until(b"Let me look."[:6], first)
        await until(b"server_tool_use", searched)
        await until(b"web_search_tool_result", second)
        await until(b"message_stop", second)


async def test_clients_gather_the_input_of_the_call_from_its_deltas() -> None:
    """Claude Code reads the query there while it shows what is searched for."""
    upstream = MemoryUpstream(a=[said(CHAT, search("llamas")), said(CHAT, Said("ok"))], brave=[found()])
    events = [
        json.loads(line.removeprefix(b"data: "))
        for line in (await read(await engine(plan(CHAT), upstream).answer(asked()))).splitlines()
        if line.startswith(b"data: ")
    ]
    start = next(each for each in events if each.get("content_block", {}).get("type") == "server_tool_use")
    deltas = [
        each["delta"]["partial_json"]
        for each in events
        if each["type"] == "content_block_delta" and each["index"] == start["index"]
    ]
    assert start["content_block"]["input"] == {} and json.loads("".join(deltas)) == {"query": "llamas"}


@pytest.mark.parametrize("stream", [True, False])
async def test_a_call_of_the_clients_own_tool_ends_the_answer(stream: bool) -> None:
    """The searches of the same round are answered all the same: the next turn needs them."""
    own = {"name": "Bash", "input_schema": {"type": "object"}}
    calls = (Call("Bash", "{}", "call_1"), Call("web_search", '{"query": "x"}', "call_2"))
    upstream = MemoryUpstream(a=[said(CHAT, Said(calls=calls), whole_answer=not stream)], brave=[found()])
    reply = await engine(plan(CHAT), upstream).answer(asked(stream=stream, tools=(own, TOOL)))
    answer = await answer_of(reply, stream=stream)
    bash, call, result = raws(answer)
    assert (bash, call["type"], result["type"]) == ("Bash", "server_tool_use", "web_search_tool_result")
    assert answer.finish is FinishReason.TOOL_USE and upstream.asked == ["a", "brave"]


async def test_the_next_turn_knows_what_was_found() -> None:
    """The client keeps the results; what it cannot read itself the router reads again."""
    script = [
        said(CHAT, search(text="Look."), whole_answer=True),
        said(CHAT, Said("They do."), whole_answer=True),
        said(CHAT, Said("Because."), whole_answer=True),
    ]
    upstream = MemoryUpstream(a=script, brave=[found()])
    router = engine(plan(CHAT), upstream)
    content = (await json_of(await router.answer(asked(stream=False))))["content"]
    assert "They hum." not in json.dumps(content)
    messages = [
        {"role": "user", "content": "what do llamas do?"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": "why?"},
    ]
    await router.answer(asked(stream=False, messages=messages))
    _, call, result, answer, again = body_of(upstream.sent[-1])["messages"]
    assert call["content"] == "Look." and call["tool_calls"][0]["function"]["name"] == "web_search"
    assert result["tool_call_id"] == call["tool_calls"][0]["id"] and "They hum." in result["content"]
    assert (answer["content"], again["content"]) == ("They do.", "why?")


@pytest.mark.parametrize(("status", "code"), [(500, "unavailable"), (429, "too_many_requests"), (401, "unavailable")])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_failed_search_is_told_to_the_model_and_to_the_client(status: int, code: str, stream: bool) -> None:
    script = [
        said(CHAT, search(), whole_answer=not stream),
        said(CHAT, Said("I do not know."), whole_answer=not stream),
    ]
    upstream = MemoryUpstream(a=script, brave=[found({"error": "no"}, status)])
    answer = await answer_of(await engine(plan(CHAT), upstream).answer(asked(stream=stream)), stream=stream)
    _, result, text = raws(answer)
    assert result["content"] == {"type": "web_search_tool_result_error", "error_code": code}
    assert text == "I do not know." and "failed" in body_of(upstream.sent[-1])["messages"][-1]["content"]
    assert answer.usage.extras["server_tool_use"]["web_search_requests"] == 0


@pytest.mark.parametrize("broken", [RESET, UpstreamFailure(ErrorClass.TIMEOUT, "no answer")])
async def test_the_next_service_is_asked_when_one_fails(broken: UpstreamFailure) -> None:
    hits = {"results": [{"title": "L", "url": "https://l.example/", "text": "They spit."}]}
    upstream = MemoryUpstream(a=[said(CHAT, search()), said(CHAT, Said("ok"))], brave=[broken], exa=[found(hits)])
    await read(await engine(plan(CHAT, web=WebSearch((BRAVE, EXA))), upstream).answer(asked()))
    assert upstream.asked == ["a", "brave", "exa", "a"]
    assert "They spit." in upstream.sent[-1].body.decode()


async def test_the_quota_of_a_month_is_kept() -> None:
    small = replace(BRAVE, quota=Bucket("month", {"requests": 1}, Window("month", 1)))
    script = [said(CHAT, search(n=1)), said(CHAT, search(n=2)), said(CHAT, Said("ok"))]
    upstream = MemoryUpstream(a=script, brave=[found()])
    answer = await streamed(CLAUDE, await engine(plan(CHAT, web=WebSearch((small,))), upstream).answer(asked()))
    assert upstream.asked == ["a", "brave", "a", "a"]
    assert raws(answer)[3]["content"]["error_code"] == "too_many_requests"


async def test_no_more_uses_than_the_client_allows() -> None:
    script = [said(CHAT, search(n=n)) for n in (1, 2)] + [said(CHAT, Said("ok"))]
    upstream = MemoryUpstream(a=script, brave=[found()])
    reply = await engine(plan(CHAT), upstream).answer(asked(tools=({**TOOL, "max_uses": 1},)))
    answer = await streamed(CLAUDE, reply)
    assert upstream.asked == ["a", "brave", "a", "a"]
    assert raws(answer)[3]["content"] == {
        "type": "web_search_tool_result_error",
        "error_code": "max_uses_exceeded",
    }
    assert raws(answer)[-1] == "ok"


async def test_a_model_that_never_stops_searching_is_stopped() -> None:
    upstream = MemoryUpstream(a=[said(CHAT, search())], brave=[found()])
    answer = await streamed(CLAUDE, await engine(plan(CHAT), upstream).answer(asked()))
    assert upstream.asked.count("a") == 8 and answer.finish is FinishReason.END_TURN
    assert body_of([each for each in upstream.sent if each.url.startswith("http://a")][-1])["tool_choice"] == "none"


async def test_a_forced_search_is_forced_once() -> None:
    """Claude Code's WebSearch forces it."""
    upstream = MemoryUpstream(a=[said(CHAT, search()), said(CHAT, Said("ok"))], brave=[found()])
    forced = {"type": "tool", "name": "web_search"}
    await read(await engine(plan(CHAT), upstream).answer(asked(tool_choice=forced)))
    first, _, second = (body_of(each) if each.body else {} for each in upstream.sent)
    assert first["tool_choice"] == {"type": "function", "function": {"name": "web_search"}}
    assert "tool_choice" not in second


@pytest.mark.parametrize("arguments", ["{}", "[]", "not json", '{"query": 3}', '{"query": " "}'])
async def test_a_call_without_a_query_is_an_error_of_the_call(arguments: str) -> None:
    odd = Said(calls=(Call("web_search", arguments),))
    upstream = MemoryUpstream(a=[said(CHAT, odd), said(CHAT, Said("ok"))], brave=[found()])
    answer = await streamed(CLAUDE, await engine(plan(CHAT), upstream).answer(asked()))
    assert upstream.asked == ["a", "a"]
    assert raws(answer)[1]["content"]["error_code"] == "invalid_tool_input"


async def test_results_are_of_the_domains_that_the_client_allows() -> None:
    hits = [{"title": name, "url": f"https://{name}.example/x"} for name in ("good", "bad")]
    upstream = MemoryUpstream(
        a=[said(CHAT, search()), said(CHAT, Said("ok"))], brave=[found({"web": {"results": hits}})]
    )
    reply = await engine(plan(CHAT), upstream).answer(asked(tools=({**TOOL, "allowed_domains": ["good.example"]},)))
    _, result, _ = raws(await streamed(CLAUDE, reply))
    assert [each["title"] for each in result["content"]] == ["good"]
    assert "site%3Agood.example" in upstream.sent[1].url


async def test_a_tool_of_the_clients_of_the_same_name_stays_the_clients() -> None:
    own = {"name": "web_search", "input_schema": {"type": "object"}}
    hosted = {**TOOL, "name": "search"}
    upstream = MemoryUpstream(a=[said(CHAT, search())], brave=[found()])
    answer = await streamed(CLAUDE, await engine(plan(CHAT), upstream).answer(asked(tools=(own, hosted))))
    assert uses(upstream.sent[0]) == ["web_search", "web_search_2"] and upstream.asked == ["a"]
    assert raws(answer) == ["web_search"] and answer.finish is FinishReason.TOOL_USE


async def test_a_round_that_fails_before_the_stream_begins_is_somebody_elses_turn() -> None:
    upstream = MemoryUpstream(a=[RESET], b=[said(CHAT, search()), said(CHAT, Said("ok"))], brave=[found()])
    reply = await engine(plan(CHAT, CHAT), upstream).answer(asked())
    assert raws(await streamed(CLAUDE, reply))[-1] == "ok"
    assert upstream.asked == ["a", "b", "brave", "b"]


async def test_a_whole_answer_whose_second_round_fails_is_somebody_elses_turn() -> None:
    upstream = MemoryUpstream(
        a=[said(CHAT, search(), whole_answer=True), RESET],
        b=[said(CHAT, Said("ok"), whole_answer=True)],
        brave=[found()],
    )
    reply = await engine(plan(CHAT, CHAT), upstream).answer(asked(stream=False))
    assert (await json_of(reply))["content"] == [{"type": "text", "text": "ok"}]
    assert upstream.asked == ["a", "brave", "a", "b"]


@pytest.mark.parametrize("broken", [RESET, json_answer(b'{"error": {"message": "no"}}', 500)])
async def test_a_stream_whose_second_round_fails_ends_in_an_error(broken: UpstreamFailure | Scripted) -> None:
    """Promise 4: nothing is sent twice, and the client hears of it in its own dialect."""
    upstream = MemoryUpstream(a=[said(CHAT, search()), broken], brave=[found()])
    reply = await engine(plan(CHAT), upstream).answer(asked())
    answer = await streamed(CLAUDE, reply)
    assert reply.status == 200 and answer.error is not None and answer.finish is None


async def test_without_a_service_the_tool_is_dropped_and_told() -> None:
    upstream = MemoryUpstream(a=[said(CHAT, Said("ok"))])
    reply = await engine(plan(CHAT, web=WebSearch()), upstream).answer(asked())
    assert uses(upstream.sent[0]) == [] and "web_search" in (header(reply, "x-llm-router-lost") or str(reply.headers))


@pytest.mark.parametrize(
    ("target", "model", "searches"),
    [
        (CLAUDE, "claude-sonnet-5", False),
        (CLAUDE, "glm-5", True),
        (RESPONSES, "gpt-5.4", False),
        (RESPONSES, "llama", True),
        (GEMINI, "gemini-3-flash", True),
        (CHAT, "gpt-5.4", True),
    ],
)
async def test_only_what_the_target_cannot_run_is_taken_over(target: DialectName, model: str, searches: bool) -> None:
    upstream = MemoryUpstream(a=[said(target, Said("ok"))])
    await read(await engine(plan(target, model=Model(model)), upstream).answer(asked()))
    tools = json.dumps(body_of(upstream.sent[0])["tools"])
    assert ("Searches the web" in tools) is searches


async def test_a_compatible_provider_of_the_same_dialect_is_searched_for_too() -> None:
    upstream = MemoryUpstream(a=[said(CLAUDE, search()), said(CLAUDE, Said("ok"))], brave=[found()])
    reply = await engine(plan(CLAUDE, model=Model("glm-5")), upstream).answer(asked())
    _, result, text = raws(await streamed(CLAUDE, reply))
    assert (result["type"], text) == ("web_search_tool_result", "ok")


async def test_claude_code_has_a_search_of_its_own() -> None:
    upstream = MemoryUpstream(a=[said(CHAT, search()), said(CHAT, Said("ok"))], brave=[found()], exa=[found({})])
    router = engine(plan(CHAT, web=WebSearch((BRAVE, EXA), claude_code=EXA)), upstream)
    own = asked()
    await read(
        await router.answer(replace(own, headers={**own.headers, "user-agent": "claude-cli/2.1.329 (external)"}))
    )
    assert upstream.asked == ["a", "exa", "a"]


async def test_a_page_is_fetched_when_its_address_stands_in_the_conversation() -> None:
    url = "https://llamas.example/"
    fetch = Said(calls=(Call("web_fetch", json.dumps({"url": url})),))
    upstream = MemoryUpstream(a=[said(CHAT, fetch), said(CHAT, Said("ok"))])
    pages = Web(llamas="<title>On llamas</title><p>They hum at night.</p>")
    question = [{"role": "user", "content": f"what does {url} say?"}]
    reply = await engine(plan(CHAT), upstream, pages).answer(asked(tools=(FETCH,), messages=question))
    call, result, _ = raws(await streamed(CLAUDE, reply))
    assert (call["name"], result["type"]) == ("web_fetch", "web_fetch_tool_result")
    page = result["content"]
    assert (page["type"], page["url"], page["content"]["title"]) == ("web_fetch_result", url, "On llamas")
    assert page["content"]["source"]["data"] == "They hum at night."
    assert "They hum at night." in body_of(upstream.sent[-1])["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("url", "tool", "code"),
    [
        ("https://elsewhere.example/?stolen=1", {}, "url_not_in_prior_context"),
        ("https://gone.example/", {}, "url_not_accessible"),
        ("https://llamas.example/", {"allowed_domains": ["other.example"]}, "url_not_allowed"),
        ("file:///etc/passwd", {}, "invalid_tool_input"),
        ("https://llamas.example/" + "x" * 300, {}, "url_too_long"),
    ],
)
async def test_a_page_that_may_not_be_fetched(url: str, tool: dict[str, Any], code: str) -> None:
    """Promise 39 among them: what the guard refuses is not accessible."""
    fetch = Said(calls=(Call("web_fetch", json.dumps({"url": url})),))
    upstream = MemoryUpstream(a=[said(CHAT, fetch), said(CHAT, Said("ok"))])
    question = [{"role": "user", "content": "https://llamas.example/ https://gone.example/ file:///etc/passwd"}]
    router = engine(plan(CHAT), upstream, Web(llamas="text"))
    reply = await router.answer(asked(tools=({**FETCH, **tool},), messages=question))
    _, result, _ = raws(await streamed(CLAUDE, reply))
    assert result["content"] == {"type": "web_fetch_tool_result_error", "error_code": code}


async def test_where_fetching_is_switched_off_no_page_is_read() -> None:
    fetch = Said(calls=(Call("web_fetch", '{"url": "https://llamas.example/"}'),))
    upstream = MemoryUpstream(a=[said(CHAT, fetch), said(CHAT, Said("ok"))])
    question = [{"role": "user", "content": "https://llamas.example/"}]
    router = engine(plan(CHAT, fetches=False), upstream, Web(llamas="text"))
    reply = await router.answer(asked(tools=(FETCH,), messages=question))
    assert raws(await streamed(CLAUDE, reply))[1]["content"]["error_code"] == "url_not_accessible"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_responses_client_sees_the_search_as_an_item(stream: bool) -> None:
    script = [
        said(CHAT, search(text="Look."), whole_answer=not stream),
        said(CHAT, Said("ok"), whole_answer=not stream),
    ]
    upstream = MemoryUpstream(a=script, brave=[found()])
    body = {"model": "all", "input": "hi", "stream": stream, "tools": [{"type": "web_search"}]}
    reply = await engine(plan(CHAT), upstream).answer(posted(path(RESPONSES), body))
    answer = (
        await streamed(RESPONSES, reply) if stream else fold(DIALECTS[RESPONSES].parse_response(await json_of(reply)))
    )
    before, item, after = raws(answer)
    assert (before, after, item["type"], item["status"]) == ("Look.", "ok", "web_search_call", "completed")
    assert item["action"]["query"] == "llamas"
    assert item["action"]["sources"] == [{"type": "url", "url": "https://llamas.example/"}]


async def test_a_client_that_wants_no_live_access_gets_none() -> None:
    """Codex may say so."""
    upstream = MemoryUpstream(a=[said(CHAT, Said("ok"))])
    tools = [{"type": "web_search", "external_web_access": False}]
    ask = posted(path(RESPONSES), {"model": "all", "input": "hi", "stream": True, "tools": tools})
    await read(await engine(plan(CHAT), upstream).answer(ask))
    assert uses(upstream.sent[0]) == []


@pytest.mark.parametrize("stream", [True, False])
async def test_a_gemini_client_sees_what_the_answer_rests_on(stream: bool) -> None:
    """Gemini CLI lists the sources of its google_web_search from there."""
    script = [said(CHAT, search(word, n), whole_answer=not stream) for n, word in enumerate(("one", "two"))]
    script.append(said(CHAT, Said("They hum."), whole_answer=not stream))
    upstream = MemoryUpstream(a=script, brave=[found()])
    question = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "tools": [{"googleSearch": {}}]}
    asking = posted(path(GEMINI, stream=stream), question, "alt=sse" if stream else "")
    data = await read(await engine(plan(CHAT), upstream).answer(asking))
    chunks = [json.loads(line.removeprefix(b"data: ")) for line in data.splitlines() if line]
    texts = [part.get("text", "") for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    grounding = chunks[-1]["candidates"][0]["groundingMetadata"]
    assert "".join(texts) == "They hum." and grounding["webSearchQueries"] == ["one", "two"]
    assert grounding["groundingChunks"] == [{"web": {"uri": "https://llamas.example/", "title": "Llamas"}}] * 2


async def test_thinking_of_a_round_stands_before_its_call_in_the_next() -> None:
    first = Said("", thinking="I should look.", calls=(Call("web_search", '{"query": "x"}'),))
    upstream = MemoryUpstream(a=[said(CHAT, first), said(CHAT, Said("ok"))], brave=[found()])
    await read(await engine(plan(CHAT, model=Model("kimi-k2")), upstream).answer(asked()))
    assistant = body_of(upstream.sent[-1])["messages"][-2]
    assert assistant.get("reasoning_content") == "I should look."


async def test_a_wish_that_the_search_does_not_know_is_told() -> None:
    upstream = MemoryUpstream(a=[said(CHAT, Said("ok"))])
    tool = {**TOOL, "user_location": {"type": "approximate", "city": "Lima"}}
    reply = await engine(plan(CHAT), upstream).answer(asked(tools=(tool,)))
    assert "user_location" in str(reply.headers)


@pytest.mark.parametrize(
    ("memory", "store", "searched"),
    [("keeps", {"store": False}, True), ("keeps", {}, False), ("unsure", {}, True), ("none", {}, True)],
)
async def test_a_conversation_that_the_provider_keeps_is_left_to_it(memory: Memory, store: Any, searched: bool) -> None:
    """It goes by the id of the provider's own answer, which an answer of several rounds has not."""
    upstream = MemoryUpstream(a=[said(RESPONSES, search()), said(RESPONSES, Said("ok"))], brave=[found()])
    body = {"model": "all", "input": "hi", "stream": True, "tools": [{"type": "web_search"}], **store}
    offer = plan(RESPONSES, model=Model("llama", memory=memory))
    await read(await engine(offer, upstream).answer(posted(path(RESPONSES), body)))
    assert upstream.asked == (["a", "brave", "a"] if searched else ["a"])


async def test_a_responses_client_goes_on_from_an_answer_with_a_search() -> None:
    script = [said(CHAT, search(), whole_answer=True), *(said(CHAT, Said(word), whole_answer=True) for word in "ab")]
    router = engine(plan(CHAT), MemoryUpstream(a=script, brave=[found()]))
    body = {"model": "all", "input": "hi", "tools": [{"type": "web_search"}]}
    first = await json_of(await router.answer(posted(path(RESPONSES), body)))
    more = {**body, "input": "why?", "previous_response_id": first["id"]}
    second = await json_of(await router.answer(posted(path(RESPONSES), more)))
    assert [item["type"] for item in first["output"]] == ["web_search_call", "message"]
    assert second["output"][0]["content"][0]["text"] == "b"


@pytest.mark.parametrize(("target", "model"), [(GEMINI, "gemini-3-flash"), (RESPONSES, "llama"), (CLAUDE, "glm-5")])
@pytest.mark.parametrize("stream", [True, False])
async def test_signed_thinking_goes_back_with_the_call_of_its_round(
    target: DialectName, model: str, stream: bool
) -> None:
    """Promise 15: Gemini and Anthropic refuse the next round otherwise."""
    first = Said("", thinking="hmm", calls=(Call("web_search", '{"query": "x"}'),))
    script = [said(target, each, whole_answer=not stream) for each in (first, Said("ok"))]
    upstream = MemoryUpstream(a=script, brave=[found()])
    reply = await engine(plan(target, model=Model(model)), upstream).answer(asked(stream=stream))
    assert raws(await answer_of(reply, stream=stream))[-1] == "ok"
    assert first.signature in upstream.sent[-1].body.decode()
