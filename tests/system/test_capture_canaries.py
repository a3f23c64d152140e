"""Promise 44: secrets are planted wherever a request, an answer or a configuration can hold one; a real router runs
with captures, debugging and logs; then every byte that it wrote is searched for them."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from harness.canaries import Canaries
from harness.capturing import CapturingProcess
from harness.replies import End, Reply, json_reply, raw_reply, sse
from harness.upstream import FakeUpstream, Received


def config(upstream: FakeUpstream, dead: int, made: Canaries) -> dict[str, Any]:
    secret_url = upstream.url.replace("://", f"://user:{made.plain('URL of a provider')}@")
    named = {"format": "claude", "models": ["m"], "headers": {"x-tenant": made.plain("configured header")}}
    return {
        "version": 2,
        "masterKey": made.plain("master key"),
        "providers": [
            {"id": "good", "baseUrl": upstream.url, "apiKey": made.plain("provider key"), **named},
            {"id": "chat", "baseUrl": f"{upstream.url}/v1", **named, "apiKey": made.key("chat"), "format": "openai"},
            {"id": "url", "baseUrl": f"{secret_url}?api_key={made.plain('URL query')}", **named, "apiKey": "key5"},
            {"id": "dead", "baseUrl": f"http://127.0.0.1:{dead}", "apiKey": made.plain("dead provider's key"), **named},
            {"id": "keys", "baseUrl": upstream.url, "format": "claude", "models": ["k"],
             "apiKeys": [{"id": name, "key": made.plain(f"{name} of keys")} for name in ("first", "second")]},
        ],
        "modelAliases": {"all": {"targets": ["dead/m", "url/m", "keys/k", "good/m"], "fallbackTargets": ["chat/m"]}},
        "webSearch": {"providers": [{"id": "brave", "apiKey": made.plain("search key")}]},
        "amp": {"upstreamUrl": f"{secret_url}/amp?api_key={made.plain('query of amp.upstreamUrl')}",
                "upstreamApiKey": made.plain("amp.upstreamApiKey")},
    }  # fmt: skip


def echo(received: Received) -> dict[str, Any]:
    """Everything that was sent, said again: keys too."""
    heard = [f"{name}: {value}" for name, value in received.raw_headers]
    return {"message": " ".join((*heard, received.target, received.body.decode(errors="replace")))}


def event(kind: str, **members: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n".encode()


def answers(numbers: Iterator[int], received: Received) -> Reply:
    """Another kind of answer every time."""
    told = echo(received)
    kinds: list[Reply] = [
        json_reply({"type": "error", "error": {"type": "authentication_error", **told}}, 401),
        json_reply({"type": "error", "error": {"type": "invalid_request_error", **told}}, 400),
        raw_reply(f"<html>{told['message']}</html>".encode(), "text/html", 503),
        json_reply({"type": "message", "role": "assistant", "content": [{"type": "text", "text": told["message"]}]}),
        sse([event("error", error={"type": "overloaded_error", **told})]),
        sse([event("message_start", message={"id": told["message"], "usage": {}})], end=End.RESET),
        raw_reply(f"not json {told['message']}".encode(), "application/json"),
    ]
    return kinds[next(numbers) % len(kinds)]


def body(made: Canaries, model: str, text: Any, *, stream: bool) -> dict[str, Any]:
    """A request with a secret in every member that a client can fill."""
    call = {"command": text("tool arguments"), "nested": {"env": [text("nested")]}, text("name of an argument"): 1}
    schema = {"type": "string", "enum": [text("enum")], "default": text("default"), "description": text("property")}
    image = {"type": "base64", "media_type": made.key("media type"), "data": text("image")}
    url = f"https://user:{made.key('URL userinfo')}@host/x?api_key={made.plain('URL query')}"
    return {
        "model": model, "max_tokens": 50, "stream": stream,
        "system": [{"type": "text", "text": text("system prompt")}],
        "metadata": {"user_id": text("metadata"), text("name in metadata"): text("value in metadata")},
        "stop_sequences": [text("stop sequence")],
        "tools": [
            {"name": made.key("tool name"), "description": text("tool description"),
             "input_schema": {"type": "object", "properties": {made.key("property name"): schema}}}
        ],
        "messages": [
            {"role": "user", "content": f"look at {url}", "name": text("name of a person")},
            {"role": "user", "content": f"export OPENAI_API_KEY={made.plain('assignment')}"},
            {"role": "assistant", "content": [
                {"type": "text", "text": text("assistant's text")},
                {"type": "tool_use", "id": made.key("call id"), "name": "run", "input": call},
                {"type": made.key("type"), "text": text("text of an unknown type")}]},
            {"role": made.key("role"), "content": [
                {"type": "tool_result", "tool_use_id": made.key("id of a result"), "content": text("tool result")},
                {"type": "image", "source": image}]},
        ],
        "thinking": {"type": "enabled", "budget_tokens": 1024, "mode": made.key("mode"), "effort": made.key("effort")},
        made.key("name of a member"): text("member of nobody"),
        "arguments": json.dumps({"password": made.plain("arguments in a string")}),
    }  # fmt: skip


HEADERS = ("x-api-key", "cookie", "x-goog-api-key", "proxy-authorization", "x-auth-token", "x-own", "session-id")
SHOWN = ("user-agent", "x-amp-mode", "x-amp-feature", "anthropic-beta", "x-stainless-lang", "originator", "accept")


def headers(made: Canaries, master: str) -> dict[str, str]:
    """`authorization` lets the client in."""
    return {
        "authorization": f"Bearer {master}", "content-type": "application/json",
        **{name: made.plain(f"header {name}") for name in HEADERS},
        **{name: f"tool/1.0 {made.key(f'header {name}')}" for name in SHOWN},
        made.key("name of a header").lower(): "1",
    }  # fmt: skip


PATHS = ("/v1/messages", "/v1/chat/completions", "/v1/responses", "/v1beta/models/all:generateContent")


async def run(router: CapturingProcess, made: Canaries, master: str, text: Any) -> None:
    """Good requests, bad ones, and some that are none."""
    query = f"key={made.plain('query key')}&x={made.plain('query')}&{made.plain('name of a parameter')}=1"
    async with httpx.AsyncClient(timeout=30) as http:

        async def ask(path: str, content: bytes, **more: str) -> None:
            await http.post(f"{router.url}{path}", content=content, headers={**headers(made, master), **more})

        for number in range(14):
            sent = body(made, "all", text, stream=number % 2 == 0)
            await ask(f"{PATHS[number % 2]}?{query}", json.dumps(sent).encode())
        for path in PATHS:
            asked = body(made, made.key("model"), text, stream=True)
            await ask(
                path,
                json.dumps(
                    {**asked, "input": text("input"), "contents": [{"parts": [{"text": text("part")}]}]}
                ).encode(),
            )
        await ask(f"/v1beta/models/{made.key('model in a path')}:generateContent", b"{}")
        await ask("/v1/messages", f'{{"model": "all", "broken {made.key("broken JSON")}'.encode())
        await ask("/v1/messages", made.key("compressed").encode(), **{"content-encoding": made.key("coding")})
        await ask(f"/v1/{made.key('path')}", b"{}")
        await ask(
            "/v1/messages",
            json.dumps(body(made, "all", text, stream=False)).encode(),
            authorization="Bearer " + made.key("wrong key"),
        )


UPGRADE = {
    "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def query(made: Canaries) -> str:
    return f"getUserInfo&key={made.plain('query key')}&x={made.plain('query')}&{made.plain('name')}=1"


async def pass_on(router: CapturingProcess, made: Canaries, master: str, text: Any) -> None:
    """What goes to the tool's own server: management paths, models of AMP's that map to nothing, an upgrade."""
    async with httpx.AsyncClient(timeout=30) as http:

        async def ask(method: str, path: str, content: bytes, **more: str) -> None:
            named = {**headers(made, master), **more}
            with contextlib.suppress(httpx.RemoteProtocolError):  # the server broke off, and so did the router
                await http.request(method, f"{router.url}{path}?{query(made)}", content=content, headers=named)

        for number in range(5):
            sent = json.dumps(body(made, made.key("model of AMP"), text, stream=number % 2 == 0)).encode()
            packed = {"content-encoding": "gzip"}
            await ask("POST", "/api/internal", sent)
            await ask("POST", f"/api/threads/{made.plain('thread')}", gzip.compress(sent), **packed)
            await ask("PUT", f"/api/attachments/{made.key('attachment')}", text("a text").encode())
            await ask("POST", "/api/provider/anthropic/v1/messages", sent)
        await ask("GET", "/actors/gateway", b"", **UPGRADE)
        await ask("POST", "/api/internal", b"{}", authorization="Bearer " + made.key("wrong key"))


SHOWING = (
    ("capture", "report", "capture", "--json"),
    ("capture", "suggest", "capture"),
    ("capture", "diff", "capture", "capture"),
    ("capture", "export", "capture", "--har", "exported.har"),
    ("logs", "--json"),
    ("logs",),
    ("stats", "--by", "tool"),
    ("config", "validate", "--config", "llr.json"),
    ("config", "list", "--config", "llr.json"),
    ("route", "explain", "all", "--config", "llr.json"),
)


WRITTEN = {
    "requests.jsonl", "stderr", "stdout", "state.db", "activity.jsonl", "exported.har", "large-requests.jsonl",
}  # fmt: skip


@pytest.mark.timeout(150)
@pytest.mark.parametrize("options", [(), ("--full",)], ids=["signature", "full"])
async def test_no_secret_is_written_anywhere(options: tuple[str, ...]) -> None:
    """Promise 44: in files, in `ps`, and in what other commands make of the capture."""
    made = Canaries()
    # what looks like nothing is a text, and a full capture keeps texts
    text = made.key if options else made.plain
    async with FakeUpstream(partial(answers, count())) as upstream:
        written = config(upstream, 9, made)
        env = {
            "LLM_ROUTER_REQUIRE_AUTH": "true", "LLM_ROUTER_LOG_LARGE_REQUESTS": "1",
            "LLM_ROUTER_LARGE_REQUEST_LOG_THRESHOLD_BYTES": "1024",
        }  # fmt: skip
        async with CapturingProcess(written, "--debug", *options, env=env) as router:
            await run(router, made, written["masterKey"], text)
            await pass_on(router, made, written["masterKey"], text)
            with open(f"/proc/{router.pid}/cmdline", "rb") as file:
                shown = file.read()
            requests = await router.ended()
            shown += b"".join([await router.shown(*words) for words in SHOWING])
            files = router.written()
    assert len(requests) >= 40 and len(made.planted) > 1_000
    assert len([each for each in requests if each["routed"]["passedOn"]]) >= 18
    assert {each.name for each in files} >= WRITTEN
    leaks = {str(path): sorted(set(made.found(data))) for path, data in files.items()}
    assert {path: places for path, places in leaks.items() if places} == {}
    assert list(made.found(shown)) == []


async def test_the_search_would_find_a_secret() -> None:
    """The test above can fail."""
    made = Canaries()
    secret = made.plain("somewhere")
    for form in (secret, quote(secret), secret[5:]):
        assert list(made.found(f"x{form}x".encode())) == ["somewhere"]


@pytest.mark.timeout(150)
@pytest.mark.parametrize("options", [(), ("--full",)], ids=["signature", "full"])
async def test_no_secret_of_what_is_only_observed_is_written_anywhere(options: tuple[str, ...]) -> None:
    """Promise 44: what goes to the tool's own server has all of its keys, and may come back with them."""
    made = Canaries()
    text = made.key if options else made.plain
    async with FakeUpstream() as upstream:
        upstream.default = lambda received: json_reply({"status": "ok"})  # it is asked whether it is ready
        url = upstream.url.replace("://", f"://user:{made.plain('URL of the server')}@")
        router = CapturingProcess({"version": 2}, "--observe", "--upstream", url, "--debug", *options)
        async with router:
            upstream.default = partial(answers, count())
            await run(router, made, made.plain("the client's key"), text)
            await pass_on(router, made, made.plain("the client's key"), text)
            requests = await router.ended()
            shown = b"".join([await router.shown(*words) for words in SHOWING[:6]])
            files = router.written()
    assert len(requests) >= 40 and len(made.planted) > 1_000
    leaks = {str(path): sorted(set(made.found(data))) for path, data in files.items()}
    assert {path: places for path, places in leaks.items() if places} == {}
    assert list(made.found(shown)) == []
