"""A real `llr run` in front of small programs that do what tools do."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.process import ROOT, RouterProcess, isolated
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

SOON = 30.0
ASKS = """
import json, os, sys, urllib.request
base = os.environ[sys.argv[1]]
asked = {"model": os.environ.get("OPENAI_MODEL", "p/m"), "messages": [{"role": "user", "content": "hi"}]}
headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
request = urllib.request.Request(base + "/chat/completions", json.dumps(asked).encode(), headers)
print(json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"])
"""
MEANS_A_VENDOR = """
import json, urllib.request
asked = {"model": "p/m", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
headers = {"content-type": "application/json", "x-api-key": "sk-ant-own", "anthropic-version": "2023-06-01"}
request = urllib.request.Request("https://api.anthropic.com/v1/messages", json.dumps(asked).encode(), headers)
print(json.load(urllib.request.urlopen(request))["content"][0]["text"])
"""


def answered(_: Received) -> Reply:
    return json_reply(whole(DialectName.CHAT, Said("from the provider")))


@dataclass
class Parts:
    upstream: FakeUpstream
    home: Path
    env: dict[str, str]

    def program(self, name: str, text: str) -> str:
        """A program called `name`."""
        file = self.home / name
        file.write_text(f"#!{sys.executable}\n{text}")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return str(file)

    async def run(self, *words: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        process = await self.spawn(*words, env=env)
        out, err = await asyncio.wait_for(process.communicate(), SOON)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def spawn(self, *words: str, env: dict[str, str] | None = None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "llr_cli.main",
            "run",
            *words,
            env={**self.env, **(env or {}), "PYTHONPATH": str(ROOT)},
            cwd=self.home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


def config(upstream: FakeUpstream, **more: Any) -> dict[str, Any]:
    provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
    return {"version": 2, "providers": [provider], **more}


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    async with FakeUpstream(answered) as upstream:
        env = isolated(tmp_path)
        (tmp_path / ".llm-router.json").write_text(json.dumps(config(upstream)))
        yield Parts(upstream, tmp_path, env)


async def test_a_tool_has_a_router_of_its_own_when_none_runs(parts: Parts) -> None:
    tool = parts.program("qwen", ASKS.replace("sys.argv[1]", '"OPENAI_BASE_URL"'))
    code, out, err = await parts.run("--model", "p/m", "--", tool)
    assert (code, out, err) == (0, "from the provider\n", "")
    assert parts.upstream.requests[0].json["model"] == "m"


async def test_a_router_that_runs_is_used(parts: Parts) -> None:
    async with RouterProcess(config(parts.upstream)) as router:
        tool = parts.program("qwen", "import os; print(os.environ['OPENAI_BASE_URL'])")
        _, out, _ = await parts.run("--", tool, env=router.env)
    assert out == f"{router.url}/openai/v1\n"


async def test_no_file_of_a_tool_is_touched(parts: Parts) -> None:
    tool = parts.program("claude", "")
    before = sorted(path.name for path in parts.home.iterdir())
    assert (await parts.run("--", tool))[0] == 0
    assert sorted(path.name for path in parts.home.iterdir() if path.name != ".local") == before


@pytest.mark.parametrize("code", [0, 3])
async def test_the_tools_exit_code_is_passed_on(parts: Parts, code: int) -> None:
    tool = parts.program("claude", f"raise SystemExit({code})")
    assert (await parts.run("--", tool))[0] == code


async def test_a_tool_that_was_killed_is_told_as_shells_do(parts: Parts) -> None:
    tool = parts.program("claude", "import os; os.kill(os.getpid(), 9)")
    assert (await parts.run("--", tool))[0] == 128 + signal.SIGKILL


async def test_a_tool_that_is_not_there_is_told(parts: Parts) -> None:
    code, _, err = await parts.run("--", "no-such-tool")
    assert code == 127
    assert err.startswith("error: no-such-tool cannot be run")


async def test_a_model_that_nobody_has_is_told_before_the_tool_begins(parts: Parts) -> None:
    code, out, err = await parts.run("--model", "p/n", "--", parts.program("claude", "print('began')"))
    assert (code, out) == (1, "")
    assert "--model" in err
    assert "p/n" in err


async def test_a_tool_without_an_address_of_its_own_is_intercepted(parts: Parts) -> None:
    code, out, err = await parts.run("--", parts.program("mytool", MEANS_A_VENDOR))
    assert (code, out) == (0, "from the provider\n"), err
    assert parts.upstream.requests[0].headers["authorization"] == "Bearer k"


async def test_the_terminals_interrupt_is_the_tools(parts: Parts) -> None:
    tool = parts.program(
        "claude",
        "import signal, sys\nsignal.signal(2, lambda *_: sys.exit(7))\nprint('ready', flush=True)\nsignal.pause()",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llr_cli.main", "run", "--", tool,
        env={**parts.env, "PYTHONPATH": str(ROOT)}, cwd=parts.home, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), SOON) == b"ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), SOON) == 7


async def test_who_ends_it_ends_the_tool(parts: Parts) -> None:
    tool = parts.program("claude", "import os, signal\nprint(os.getpid(), flush=True)\nsignal.pause()")
    process = await parts.spawn("--", tool)
    assert process.stdout is not None
    pid = int(await asyncio.wait_for(process.stdout.readline(), SOON))
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), SOON) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
