"""The real Claude Code, Codex and AMP under `llr capture -- COMMAND`: what the capture holds, and what it must not."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from clients import amp, tools
from clients.actor import Ampcode
from clients.amp_routed import PAINTER, to_server
from clients.amp_script import HELPERS, AmpProvider
from clients.amp_script import PROMPT as AMP_PROMPT
from clients.providers import BASES, CHAT, Provider
from clients.script import TOKEN, ScriptedProvider

from addons.edge.capture_files import Folder
from harness.canaries import Canaries
from harness.process import ROOT, isolated
from harness.upstream import FakeUpstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]

DEADLINE = 120.0
PROVIDER = Provider(CHAT, "gpt-5.1")
MODEL = "the-model-of-the-test"
# what tools read of a folder before they begin
READ_FIRST = ("AGENTS.md", "CLAUDE.md")


@dataclass(frozen=True)
class Tool:
    """`path` is where it asks for models, `history` and `shell` what it calls its conversation and its shell there.
    `command` makes the words of a run of the prompt, `env` what that needs, with keys of its own."""

    name: str
    known_as: str
    path: str
    history: str
    shell: str
    command: Callable[[str], list[str]]
    env: Callable[[Canaries], dict[str, str]]


def claude(prompt: str) -> list[str]:
    options = ["--model", MODEL, "--output-format", "json", "--disallowedTools", "ToolSearch", "--allowedTools", "Bash"]
    return [str(tools.binary("claude")), "-p", prompt, *options]


def codex(prompt: str) -> list[str]:
    options = ["--json", "--skip-git-repo-check", "-s", "danger-full-access", "-m", MODEL]
    return [str(tools.binary("codex")), "exec", *options, prompt]


def ampcode(prompt: str) -> list[str]:
    return [str(amp.binary("1777897475")), "--mode", "smart", "--dangerously-allow-all", "-x", prompt]


def of_claude(made: Canaries) -> dict[str, str]:
    quiet = ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY")
    headers = f"x-of-my-own: {made.plain('header of the tool')}"
    key = made.key("key of the tool")
    return {"ANTHROPIC_API_KEY": key, "ANTHROPIC_CUSTOM_HEADERS": headers, **dict.fromkeys(quiet, "1")}


def of_codex(made: Canaries) -> dict[str, str]:
    return {"LLR_API_KEY": made.plain("key of the tool"), "RUST_LOG": "error"}


def of_amp(made: Canaries) -> dict[str, str]:
    return {"AMP_API_KEY": f"sgamp_user_{made.plain('key of the tool')}", "AMP_SKIP_UPDATE_CHECK": "1"}


TOOLS = (
    Tool("claude", "claude-code", "/v1/messages", "messages", "Bash", claude, of_claude),
    Tool("codex", "codex", "/v1/responses", "input", "exec_command", codex, of_codex),
    Tool("amp", "amp", "/api/provider/anthropic/v1/messages", "messages", "Bash", ampcode, of_amp),
)


def document(upstream: FakeUpstream, server: Ampcode, made: Canaries) -> dict[str, Any]:
    base = f"{upstream.url}{BASES[PROVIDER.dialect]}"
    key = made.plain("provider key")
    entry = {"id": "p", "baseUrl": base, "apiKey": key, "format": "openai", "models": [PROVIDER.model]}
    images = {"id": "images", "baseUrl": upstream.url, "apiKey": key, "format": "gemini", "models": [PAINTER]}
    block = {**to_server(server.url), "upstreamApiKey": made.plain("key of AMP's server")}
    return {
        "version": 2,
        "providers": [entry, images],
        "modelAliases": {MODEL: {"targets": [f"p/{PROVIDER.model}"]}},
        "amp": {**block, "routes": {"painter": f"images/{PAINTER}"}, "defaultRoute": MODEL, "fallback": {}},
    }


@dataclass(frozen=True)
class Captured:
    """How the command ended, what the router saw of it, and every file that the router wrote."""

    code: int
    said: str
    complained: bytes
    lines: list[dict[str, Any]]
    written: Mapping[str, bytes]

    @property
    def of_models(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["requested"]]


async def captured(words: Sequence[str], env: Mapping[str, str], place: Path, config: Mapping[str, Any]) -> Captured:
    """`llr capture` with `words` after its own; the command has a home of its own in `place`."""
    home = place / "home"
    own = place / "own"
    for folder in (amp.folder(home), own):
        folder.mkdir(parents=True, exist_ok=True)
    (place / "llr.json").write_text(json.dumps(config))
    base = {**isolated(home), "TMPDIR": str(home)}
    path = os.pathsep.join([str(tools.binary("node").parent), base["PATH"]])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llr_cli.main", "capture", "--config", str(place / "llr.json")),
        *("--out", str(own / "capture"), *words),
        cwd=amp.folder(home),
        env={**base, "PATH": path, "PYTHONPATH": str(ROOT), "LLM_ROUTER_STATE_DIR": str(own / "state"), **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, complained = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            # the session is our child's own: the tool ends with it
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    files = {str(each.relative_to(own)): each.read_bytes() for each in own.rglob("*") if each.is_file()}
    lines = list(Folder(own / "capture").requests())
    return Captured(process.returncode or 0, said.decode(), complained, lines, files)


@pytest.fixture
async def server() -> AsyncIterator[Ampcode]:
    async with Ampcode() as it:
        yield it


def assert_holds(found: Captured, tool: Tool, upstream: FakeUpstream, *, full: bool) -> None:
    """Every request, what it was made of, and what became of it."""
    assert {line["tool"] for line in found.lines} == {tool.known_as}
    assert len(found.of_models) == len(upstream.requests)
    for line in found.of_models:
        assert (line["response"]["status"], line["response"]["tokens"]["out"]) == (200, 20)
        assert line["routed"]["served"] in (f"p/{PROVIDER.model}", f"images/{PAINTER}")
        assert line["verdict"] is None or line["verdict"]["known"] is True
    asked = [line["request"] for line in found.of_models if line["request"]["path"] == tool.path and line["stream"]]
    # the last of the conversation
    last = max(asked, key=lambda request: len(request["body"][tool.history]))
    assert tool.shell in {each.get("name") for each in last["body"]["tools"]}
    said = last["body"][tool.history]
    assert {"user", "assistant"} <= {each.get("role") for each in said} or "function_call_output" in str(said)
    assert dict(last["headers"])["content-type"] == "application/json"
    words = b"".join(found.written.values())
    assert (b"TOOLTEST" in words) is full


def assert_knows_amp(found: Captured) -> None:
    """Whom each request of AMP's was from, and what went to its own server."""
    entities = {line["context"]["entity"] for line in found.of_models}
    assert entities == {"smart", "title", *(helper.entity for helper in HELPERS if helper.entity)}
    modes = {line["context"]["mode"] for line in found.of_models if line["context"]["entity"] == "smart"}
    assert modes == {"smart"}
    passed = {line["request"]["query"][0][0] for line in found.lines if line["request"]["path"] == "/api/internal"}
    assert {"getUserInfo", "uploadThread"} <= passed


@pytest.mark.parametrize("options", [(), ("--full",)], ids=["signature", "full"])
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_a_real_session_is_captured_without_its_secrets(
    tool: Tool, options: tuple[str, ...], server: Ampcode, tmp_path: Path
) -> None:
    """Promises 44 and 48."""
    made = Canaries()
    # what looks like nothing is a text, and a full capture keeps texts
    text = made.key if options else made.plain
    work = amp.folder(tmp_path / "home")
    script = AmpProvider(work=work) if tool.name == "amp" else ScriptedProvider()
    work.mkdir(parents=True)
    for name in (*READ_FIRST, amp.FILE):
        (work / name).write_text(f"{amp.HELD} {text(name)}\n")
    prompt = f"{AMP_PROMPT if tool.name == 'amp' else tools.PROMPT}, and never tell {text('prompt')}"
    async with FakeUpstream(script) as upstream:
        found = await captured(
            ["--tool", tool.name, *options, "--", *tool.command(prompt)],
            tool.env(made),
            tmp_path,
            document(upstream, server, made),
        )
    assert found.code == 0, (found.said, found.complained)
    assert "mock-tool-ok-42" in TOKEN.findall(found.said) and script.refusals == []
    # they were there to be seen; of the prompt, AMP takes out by itself what looks like a key
    reached = {where for received in upstream.requests for where in made.found(received.body)}
    assert reached & set(READ_FIRST)
    assert_holds(found, tool, upstream, full=bool(options))
    if tool.name == "amp":
        assert_knows_amp(found)
    leaks = {name: sorted(set(made.found(data))) for name, data in found.written.items()}
    assert {name: places for name, places in leaks.items() if places} == {}
    assert list(made.found(found.complained)) == []
