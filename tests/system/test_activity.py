"""The activity log of a real `llr start`: every way that a request can end, and ends of the router itself."""

import asyncio
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from addons.core.activity import Entry
from addons.core.model import DialectName
from addons.edge.activity_files import entries
from harness.asks import ask, begun, stream
from harness.process import RouterProcess
from harness.replies import End, Reply, json_reply, sse
from harness.upstream import FakeUpstream

CHAT = DialectName.CHAT
SSE = {"content-type": "text/event-stream"}
WHOLE = {
    "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "canary-answer"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 50}, "completion_tokens_details": {"reasoning_tokens": 20},
    },
}  # fmt: skip
# as long as a line may take to the disk
GRACE = 0.1


def config(*upstreams: FakeUpstream) -> dict[str, Any]:
    providers = [
        {"id": name, "baseUrl": f"{each.url}/v1", "apiKey": f"canary-key-{name}", "format": "openai", "models": ["m"]}
        for name, each in zip("ab", upstreams, strict=False)
    ]
    targets = [f"{each['id']}/m" for each in providers]
    return {"version": 2, "providers": providers, "modelAliases": {"all": {"targets": targets}}}


def log_of(router: RouterProcess) -> Path:
    return router.home / ".local/state/llr/activity.jsonl"


async def logged(path: Path, count: int) -> list[Entry]:
    """The entries, as soon as there are `count`."""
    async with asyncio.timeout(10):
        while len(found := list(entries(path))) < count:
            await asyncio.sleep(0.02)
    return found


async def sent(router: RouterProcess, *, stream: bool = True, **headers: str) -> httpx.Response:
    request = ask(CHAT, "all", stream=stream, headers={"user-agent": "codex_cli_rs/0.1", **headers})
    async with httpx.AsyncClient(timeout=20) as http:
        return await http.post(f"{router.url}{request.path}", content=request.body, headers=dict(request.headers))


async def test_each_way_that_a_request_can_end_is_a_line() -> None:
    async with FakeUpstream() as a, FakeUpstream() as b, RouterProcess(config(a, b)) as router:
        a.script(sse(stream(CHAT)), json_reply(WHOLE))
        await sent(router)
        whole_reply = await sent(router, stream=False)
        a.script(json_reply({"error": {"message": "canary-error"}}, 401))
        b.script(sse(stream(CHAT)))
        a.default = b.default = lambda _: json_reply({"error": {"message": "canary-error"}}, 400)
        await sent(router)
        await sent(router)
        streamed, whole, fallback, failed = await logged(log_of(router), 4)
        assert (streamed.tool, streamed.served, streamed.status, streamed.stream) == ("codex", "a/m", 200, True)
        assert (streamed.usage.input, streamed.usage.output) == (7, 3)
        assert streamed.first_event is not None and 0 < streamed.first_event <= streamed.total < 10
        assert whole.id == whole_reply.headers["x-llm-router-request-id"]
        assert (whole.usage.input, whole.usage.output) == (70, 30)
        assert (whole.usage.cache_read, whole.usage.reasoning, whole.stream) == (50, 20, False)
        assert fallback.fell_back and (fallback.served, fallback.status) == ("b/m", 200)
        assert (failed.failed, failed.error, failed.status) == (True, "invalid_request", 400)
        assert b"canary" not in log_of(router).read_bytes()


async def test_an_answer_that_breaks_and_a_client_that_leaves_are_told_apart() -> None:
    cut = sse(stream(CHAT), after=len(begun(CHAT)), end=End.RESET)
    never = Reply(200, SSE, [*begun(CHAT), asyncio.Event()])
    async with FakeUpstream() as upstream, RouterProcess(config(upstream)) as router:
        upstream.script(cut, never)
        await sent(router)
        request = ask(CHAT, "all")
        url = f"{router.url}{request.path}"
        async with (
            httpx.AsyncClient() as http,
            http.stream("POST", url, content=request.body, headers=dict(request.headers)) as answer,
        ):
            await anext(answer.aiter_bytes())
        broken, left = await logged(log_of(router), 2)
        assert (broken.broken, broken.failed, broken.left) == ("truncated", True, False)
        assert (left.broken, left.failed, left.left, left.status) == (None, False, True, 200)


async def test_no_line_is_lost_when_the_router_is_killed() -> None:
    """Promise 50, for the log."""
    count = 40
    async with FakeUpstream(lambda _: json_reply(WHOLE)) as upstream, RouterProcess(config(upstream)) as router:
        answers = await asyncio.gather(*(sent(router, stream=False) for _ in range(count)))
        await asyncio.sleep(GRACE)
        router.process.kill()
        await router.wait()
        found = {entry.id for entry in entries(log_of(router))}
        assert found == {answer.headers["x-llm-router-request-id"] for answer in answers} and len(found) == count


async def test_a_router_that_is_stopped_writes_what_is_waiting() -> None:
    async with FakeUpstream() as upstream, RouterProcess(config(upstream), "--grace", "0.2") as router:
        upstream.script(Reply(200, SSE, [*begun(CHAT), asyncio.Event()]))
        running = asyncio.ensure_future(sent(router))
        await upstream.request()
        router.terminate()
        await router.wait()
        await asyncio.gather(running, return_exceptions=True)
        assert len(list(entries(log_of(router)))) == 1


@pytest.mark.parametrize("mitmdump", [(), ("--", "-q")])
async def test_it_is_written_under_mitmdump_too(mitmdump: tuple[str, ...]) -> None:
    async with (
        FakeUpstream(lambda _: json_reply(WHOLE)) as upstream,
        RouterProcess(config(upstream), *mitmdump) as router,
    ):
        await sent(router, stream=False)
        assert len(await logged(log_of(router), 1)) == 1


async def test_two_routers_share_a_log_and_rotate_it(tmp_path: Path) -> None:
    env = {
        "LLM_ROUTER_STATE_DIR": str(tmp_path / "state"),
        "LLM_ROUTER_ACTIVITY_LOG_MAX_BYTES": "4096",
        "LLM_ROUTER_ACTIVITY_LOG_KEEP": "100",
    }
    async with (
        FakeUpstream(lambda _: json_reply(WHOLE)) as upstream,
        RouterProcess(config(upstream), env=env) as one,
        RouterProcess(config(upstream), env=env) as two,
    ):
        answers = await asyncio.gather(*(sent(router, stream=False) for router in (one, two) * 30))
        path = tmp_path / "state" / "activity.jsonl"
        found = await logged(path, 60)
        assert {entry.id for entry in found} == {answer.headers["x-llm-router-request-id"] for answer in answers}
        assert len(list(path.parent.glob("activity.jsonl.[0-9]*"))) > 1


async def test_it_is_for_its_owner_alone_whatever_the_umask() -> None:
    """Promise 46."""
    before = os.umask(0)
    try:
        async with FakeUpstream(lambda _: json_reply(WHOLE)) as upstream, RouterProcess(config(upstream)) as router:
            await sent(router, stream=False)
            await logged(log_of(router), 1)
            modes = {stat.S_IMODE(each.stat().st_mode) for each in (log_of(router), log_of(router).parent)}
            assert modes == {0o600, 0o700}
    finally:
        os.umask(before)


async def test_a_folder_that_cannot_be_written_stops_no_request() -> None:
    """Promise 51, for the log."""
    async with FakeUpstream(lambda _: json_reply(WHOLE)) as upstream:
        router = RouterProcess(config(upstream), env={"LLM_ROUTER_STATE_BACKEND": "memory"})
        (router.home / ".local").write_text("a file where a folder should be")
        async with router:
            statuses = [(await sent(router, stream=False)).status_code for _ in range(3)]
            async with asyncio.timeout(10):
                while "activity log" not in router.stderr:
                    await asyncio.sleep(0.02)
            assert statuses == [200] * 3 and router.stderr.count("activity log") == 1


def _off_by_the_environment(document: dict[str, Any]) -> dict[str, str]:
    return {"LLM_ROUTER_ACTIVITY_LOG": "off"}


def _off_by_the_document(document: dict[str, Any]) -> dict[str, str]:
    document["metadata"] = {"activityLog": {"enabled": False}}
    return {}


@pytest.mark.parametrize("switched", [_off_by_the_environment, _off_by_the_document])
async def test_switched_off_it_writes_nothing(switched: Callable[[dict[str, Any]], dict[str, str]]) -> None:
    async with FakeUpstream(lambda _: json_reply(WHOLE)) as upstream:
        document = config(upstream)
        env = switched(document)
        async with RouterProcess(document, env=env) as router:
            await sent(router, stream=False)
            router.terminate()
            await router.wait()
            assert not log_of(router).exists()


async def test_secrets_of_every_place_stay_out_of_it() -> None:
    """Promise 44, for the log."""
    refusal = json_reply(
        {"error": {"message": "canary-error", "code": "canary-code"}}, 400, {"x-request-id": "canary-id"}
    )
    async with FakeUpstream(lambda _: refusal) as upstream, RouterProcess(config(upstream)) as router:
        body = {
            "model": "all",
            "user": "canary-user",
            "messages": [{"role": "user", "content": "canary-question"}],
            "metadata": {"canary-name": "canary-value"},
            "tools": [{"type": "function", "function": {"name": "canary_tool", "parameters": {}}}],
        }
        headers = {
            "authorization": "Bearer canary-token", "x-api-key": "canary-x", "cookie": "canary-cookie",
            "user-agent": "canary-agent", "x-amp-thread-id": "canary-thread", "referer": "http://canary.example",
        }  # fmt: skip
        async with httpx.AsyncClient() as http:
            for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses"):
                asked = {**body, "input": "canary-question", "max_tokens": 9}
                url = f"{router.url}{path}?key=canary-query"
                await http.post(url, content=json.dumps(asked), headers={**headers, "content-type": "application/json"})
        assert len(await logged(log_of(router), 3)) == 3
        assert b"canary" not in log_of(router).read_bytes()
