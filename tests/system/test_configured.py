"""`llr config` beside a running router: what is edited counts, and what the router would refuse never reaches it."""

import asyncio
import sys

import httpx

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.asks import ask
from harness.process import ROOT, RouterProcess
from harness.replies import json_reply
from harness.upstream import FakeUpstream

CHAT = DialectName.CHAT


async def llr(router: RouterProcess, *words: str) -> tuple[int, str]:
    """`llr config …` on the router's file."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llr_cli.main", "config", *words, "--config", str(router.config_file),
        cwd=ROOT, env=router.env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode()


async def until(http: httpx.AsyncClient, router: RouterProcess, name: str) -> None:
    async with asyncio.timeout(10):
        while f'"{name}"' not in (await http.get(f"{router.url}/v1/models")).text:
            await asyncio.sleep(0.02)


async def test_a_provider_and_an_alias_that_are_added_answer() -> None:
    first = {"id": "old", "baseUrl": "http://127.0.0.1:1", "format": "openai", "models": ["m"]}
    async with FakeUpstream() as upstream, RouterProcess({"version": 2, "providers": [first]}) as router:
        upstream.default = lambda _: json_reply(whole(CHAT, Said()))
        flags = ("--base-url", f"{upstream.url}/v1", "--format", "openai", "--models", "new-model", "--probe")
        for words in (
            ("provider", "add", "new", *flags),
            ("alias", "add", "mine", "--targets", "new/new-model"),
            ("default", "set", "mine"),
        ):
            code, said = await llr(router, *words)
            assert code == 0, said
        async with httpx.AsyncClient(timeout=30) as http:
            await until(http, router, "mine")
            request = ask(CHAT)
            body = {"model": "mine", "messages": [{"role": "user", "content": "hello"}]}
            answer = await http.post(f"{router.url}{request.path}", json=body)
        assert answer.status_code == 200
        assert [received.json["model"] for received in upstream.requests] == ["new-model", "new-model"]


async def test_a_refused_edit_is_never_seen_by_the_router() -> None:
    first = {"id": "old", "baseUrl": "http://127.0.0.1:1", "format": "openai", "models": ["m"]}
    async with RouterProcess({"version": 2, "providers": [first]}) as router, httpx.AsyncClient() as http:
        before = (await http.get(f"{router.url}/health")).json()["config"]
        code, said = await llr(router, "default", "set", "nobody/nothing")
        assert code == 1 and "defaultModel" in said
        code, said = await llr(router, "alias", "add", "seen", "--targets", "old/m")
        assert code == 0, said
        await until(http, router, "seen")
        now = (await http.get(f"{router.url}/health")).json()["config"]
        assert "problem" not in before and "problem" not in now
        assert "nobody" not in router.stderr
