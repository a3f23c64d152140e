"""Hot reload of a real `llr start`: by the file, by `llr reload`, under load, and with a bad file."""

import asyncio
import json
import sys
import time
from typing import Any

import httpx
import pytest

from addons.core.model import DialectName
from harness.asks import ask, begun, stream
from harness.process import ROOT, RouterProcess
from harness.replies import Reply
from harness.upstream import FakeUpstream

CHAT = DialectName.CHAT
SSE = {"content-type": "text/event-stream"}


def config(upstream: FakeUpstream, model: str) -> dict[str, Any]:
    provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": [model]}
    return {"version": 2, "providers": [provider], "modelAliases": {"all": {"targets": [f"p/{model}"]}}}


async def until_model(http: httpx.AsyncClient, router: RouterProcess, model: str) -> float:
    """Seconds until the router lists `p/model`."""
    began = time.monotonic()
    async with asyncio.timeout(10):
        while f"p/{model}" not in (await http.get(f"{router.url}/v1/models")).text:
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def llr(router: RouterProcess, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llr_cli.main", *arguments, cwd=ROOT, env=router.env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode()


async def test_a_written_file_counts_in_under_half_a_second() -> None:
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router, httpx.AsyncClient() as http:
        await until_model(http, router, "a")
        times = []
        for model in ("b", "c", "d"):
            router.write_config(config(upstream, model))
            times.append(await until_model(http, router, model))
        assert sorted(times)[1] < 0.5
        assert router.stdout.count("reloaded") == 3


async def test_streams_that_run_are_not_dropped() -> None:
    """Promise 32."""
    go = asyncio.Event()
    count = 50
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router:
        upstream.script(*[Reply(200, SSE, [*begun(CHAT), go, *stream(CHAT)[len(begun(CHAT)) :]])] * count)
        request = ask(CHAT)
        url = f"{router.url}{request.path}"
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=count + 1)) as http:
            running = [
                asyncio.ensure_future(http.post(url, content=request.body, headers=dict(request.headers)))
                for _ in range(count)
            ]
            await upstream.request(count - 1)
            router.write_config(config(upstream, "b"))
            await until_model(http, router, "b")
            go.set()
            answers = await asyncio.gather(*running)
        assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"".join(stream(CHAT)))}


async def test_a_bad_file_keeps_the_old_plan_and_names_the_path() -> None:
    """Promise 32."""
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router, httpx.AsyncClient() as http:
        bad = config(upstream, "b")
        bad["providers"][0]["baseUrl"] = "no url"
        router.write_config(bad)
        async with asyncio.timeout(10):
            while "problem" not in (found := (await http.get(f"{router.url}/health")).json()["config"]):
                await asyncio.sleep(0.02)
        assert "providers[0].baseUrl" in found["problem"] and "providers[0].baseUrl" in router.stderr
        await until_model(http, router, "a")
        router.write_config(config(upstream, "c"))
        await until_model(http, router, "c")
        assert "problem" not in (await http.get(f"{router.url}/health")).json()["config"]


async def test_llr_reload_says_what_became_of_it() -> None:
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router:
        code, said = await llr(router, "reload")
        assert code == 0 and str(router.port) in said
        router.config_file.write_text("{")
        code, said = await llr(router, "reload", "--port", str(router.port))
        assert code == 1 and "invalid JSON" in said


async def test_llr_reload_without_a_router_names_the_command_that_starts_one() -> None:
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router:
        code, said = await llr(router, "reload", "--port", "1")
        assert code == 1 and "llr start" in said


async def test_under_mitmdump_it_reloads_too() -> None:
    async with (
        FakeUpstream() as upstream,
        httpx.AsyncClient() as http,
        RouterProcess(config(upstream, "a"), "--", "-q") as router,
    ):
        router.write_config(config(upstream, "b"))
        await until_model(http, router, "b")


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"providers": 7})])
async def test_a_half_written_file_drops_nothing(text: str) -> None:
    """Promise 32."""
    async with FakeUpstream() as upstream, RouterProcess(config(upstream, "a")) as router, httpx.AsyncClient() as http:
        router.config_file.write_text(text)
        async with asyncio.timeout(10):
            while "problem" not in (await http.get(f"{router.url}/health")).json()["config"]:
                await asyncio.sleep(0.02)
        await until_model(http, router, "a")
