"""The real coding tools on the files that `llr tools on` wrote: nothing else tells them of the router or its key."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from clients import tools

from addons.core.model import DialectName
from harness.answers import Said, stream, whole
from harness.process import ROOT, RouterProcess, isolated
from harness.replies import Reply, json_reply, sse
from harness.upstream import FakeUpstream, Received

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

CHAT = DialectName.CHAT
WORDS = "Said by the routed model."
PROMPT = "Say something."
WINDOW = 123_456
DEADLINE = 90.0
COMMANDS = {
    "claude-code": ("claude", "-p", PROMPT),
    "codex": ("codex", "exec", "--skip-git-repo-check", PROMPT),
    "gemini": ("gemini", "-p", PROMPT),
    "opencode": ("opencode", "run", PROMPT),
}
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "GEMINI_CLI_TRUST_WORKSPACE": "true",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
}


def answer(received: Received) -> Reply:
    said = Said(WORDS)
    return sse(stream(CHAT, said)) if received.json.get("stream") else json_reply(whole(CHAT, said))


def config(upstream: FakeUpstream) -> dict[str, Any]:
    model = {"id": "m", "contextWindow": WINDOW}
    provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "format": "openai", "apiKey": "sk-upstream"}
    return {
        "masterKey": "mk-of-the-router-0123",
        "metadata": {"localServer": {"requireAuth": True}},
        "providers": [{**provider, "models": [model]}],
        # gemini's and opencode's small models of their own choice land there too
        "modelAliases": {"fast": {"targets": ["p/m"]}, "*": {"targets": ["p/m"]}},
    }


async def ran(*command: str | Path, home: Path, env: Mapping[str, str]) -> str:
    """What the command said; it must end well."""
    work = home / "work"
    work.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=work,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode("utf-8", "replace")
    assert process.returncode == 0, text
    return text


def environment(home: Path) -> dict[str, str]:
    base = isolated(home)
    return {**base, **QUIET, "PATH": os.pathsep.join([str(tools.binary("node").parent), base["PATH"]])}


def installed(program: str) -> Path:
    for name in ("node", program):
        if not tools.binary(name).exists():
            pytest.fail(f"not installed: {name}; run tests/clients/install")
    return tools.binary(program)


@pytest.mark.parametrize("tool", COMMANDS)
async def test_a_tool_reads_what_was_written_and_nothing_is_left_of_it(tool: str, tmp_path: Path) -> None:
    """Promise 67 among others: the file that the tool itself has used since loses our values alone."""
    program, *words = COMMANDS[tool]
    binary, env = installed(program), environment(tmp_path)
    llr = [sys.executable, "-m", "llr_cli.main", "tools"]
    own = {**env, "PYTHONPATH": str(ROOT)}
    async with FakeUpstream(default=answer) as upstream, RouterProcess(config(upstream)) as router:
        on = [*llr, "on", tool, "--model", "fast", "--port", str(router.port), "--config", router.config_file]
        written = json.loads(await ran(*on, "--json", home=tmp_path, env=own))
        said = await ran(binary, *words, home=tmp_path, env=env)
        assert WORDS in said
        assert {each.json["model"] for each in upstream.requests} == {"m"}
        status = json.loads(await ran(*llr, "status", tool, "--json", home=tmp_path, env=own))
        assert status["tools"][0]["state"] == "on"
        await ran(*llr, "undo", home=tmp_path, env=own)
    for each in written["files"]:
        left = Path(each["file"]).read_text() if Path(each["file"]).exists() else ""
        assert "127.0.0.1" not in left and "mk-of-the-router" not in left


async def test_codex_takes_the_windows_from_the_catalogue(tmp_path: Path) -> None:
    """The predecessor wrote 272000 for every model."""
    binary, env = installed("codex"), environment(tmp_path)
    async with FakeUpstream(default=answer) as upstream:
        file = tmp_path / "llr.json"
        file.write_text(json.dumps(config(upstream)))
        on = [sys.executable, "-m", "llr_cli.main", "tools", "on", "codex", "--config", file]
        await ran(*on, home=tmp_path, env={**env, "PYTHONPATH": str(ROOT)})
    shown = await ran(binary, "debug", "models", home=tmp_path, env=env)
    models = json.loads(shown[shown.index('{"models"') :])["models"]
    assert {model["slug"]: model["context_window"] for model in models} == {"fast": WINDOW, "p/m": WINDOW}
