"""Runs the real coding tools, headless, against a base URL: the scripted conversation, reported as JSON.

Every run has a home of its own, a closed stdin, no way out but loopback, and a deadline. `tests/clients/install`
puts the tools where they are looked for.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import meters, reporter
from clients.meters import Meter
from clients.script import SEEN, TOKEN

from harness.process import isolated

PROMPT = "TOOLTEST: run printf in the shell and report its output"
KEY = "made-up-key"
DEADLINE = 90.0
REPORTER: dict[str, Any] = {"command": sys.executable, "args": [str(Path(reporter.__file__).resolve())]}
EXTENSION = Path(__file__).with_name("pi_reporter.js")


def clients_root() -> Path:
    """Where the tools are installed: the same rule as in `tests/clients/install`."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("LLR_CLIENTS") or caches / "llr-clients")


def binary(client: str) -> Path:
    return clients_root() / client / "node_modules" / ".bin" / client


@dataclass(frozen=True)
class Ran:
    """How a tool ended, and everything that it wrote. `text` is what it gives as its final answer and `meter` what it
    counts as used; empty and nought where it got to none."""

    code: int
    output: str
    text: str = ""
    meter: Meter = Meter()

    @property
    def seen(self) -> tuple[str, ...]:
        """What the commands and reports really showed (it is in no prompt), as the final answer quotes it."""
        _, marked, quoted = self.text.partition(SEEN)
        return tuple(TOKEN.findall(quoted)) if marked and self.code == 0 else ()


type Reader = Callable[[str], tuple[str, Meter]]


async def _run(
    command: Sequence[str | Path], home: Path, env: Mapping[str, str], deadline: float, reader: Reader
) -> Ran:
    work = home / "work"
    work.mkdir()
    base = isolated(home)
    path = os.pathsep.join([str(binary("node").parent), base["PATH"]])
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=work,
        env={**base, "PATH": path, **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        written, complained = await asyncio.wait_for(process.communicate(), deadline)
    except TimeoutError:
        written, complained = b"", f"did not end within {deadline:.0f} seconds".encode()
    finally:
        if process.returncode is None:
            # the session is our child's own: its helpers end with it
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    output, errors = (data.decode("utf-8", "replace") for data in (written, complained))
    text, meter = reader(output)
    return Ran(process.returncode or 0, output + errors, text, meter)


def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="llr-client-", ignore_cleanup_errors=True)


async def claude_code(
    base_url: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE, allowed: Sequence[str] = ("Bash",)
) -> Ran:
    """Claude Code: Anthropic Messages at `base_url`/v1/messages. `allowed` are tools of its own that it may use."""
    env = {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    }
    with _home() as home:
        servers = Path(home) / "mcp.json"
        servers.write_text(json.dumps({"mcpServers": {reporter.SERVER: {"type": "stdio", **REPORTER}}}))
        command = [binary("claude"), "-p", prompt, "--model", model, "--output-format", "json"]
        command += ["--mcp-config", servers, "--strict-mcp-config"]
        command += ["--allowedTools", *allowed, f"mcp__{reporter.SERVER}"]
        return await _run(command, Path(home), env, deadline, meters.of_claude_code)


CODEX_CONFIG = """
model = "{model}"
model_provider = "tested"
check_for_update_on_startup = false
{more}
[analytics]
enabled = false
[model_providers.tested]
name = "{name}"
base_url = "{base_url}"
wire_api = "responses"
env_key = "TESTED_API_KEY"
request_max_retries = 1
stream_max_retries = 1
supports_websockets = {websockets}
[mcp_servers.{server}]
command = {command}
args = {args}
default_tools_approval_mode = "approve"
"""


async def codex(
    base_url: str,
    model: str,
    *,
    prompt: str = PROMPT,
    deadline: float = DEADLINE,
    websockets: bool = False,
    name: str = "tested",
    more: str = "",
) -> Ran:
    """Codex: Responses at `base_url`/responses (so `base_url` ends in /v1). `more` are lines of its configuration;
    a provider with the `name` OpenAI is taken for the real one."""
    config = CODEX_CONFIG.format(
        model=model,
        base_url=base_url,
        name=name,
        more=more,
        websockets=json.dumps(websockets),
        server=reporter.SERVER,
        command=json.dumps(REPORTER["command"]),
        args=json.dumps(REPORTER["args"]),
    )
    with _home() as home:
        folder = Path(home) / ".codex"
        folder.mkdir()
        (folder / "config.toml").write_text(config)
        env = {"CODEX_HOME": str(folder), "TESTED_API_KEY": KEY, "RUST_LOG": "error"}
        command = [binary("codex"), "exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", prompt]
        return await _run(command, Path(home), env, deadline, meters.of_codex)


async def pi(base_url: str, api: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """pi, in the dialect `api`: openai-completions, openai-responses, anthropic-messages or google-generative-ai.
    `base_url` is what pi puts /chat/completions, /responses, /v1/messages or /models/… behind."""
    entry = {
        "id": model, "name": model, "reasoning": True, "input": ["text"], "contextWindow": 200_000,
        "maxTokens": 32_000, "cost": dict.fromkeys(("input", "output", "cacheRead", "cacheWrite"), 0),
    }  # fmt: skip
    provider = {"baseUrl": base_url, "api": api, "apiKey": KEY, "models": [entry]}
    # pi gives names to its provider as they are: only Anthropic and Google take long ones
    stem = reporter.STEM if api.startswith("openai") else f"mcp__{reporter.SERVER}__{reporter.STEM}"
    given = {"stem": stem, "schema": reporter.SCHEMA, "arguments": reporter.ARGUMENTS, "sections": reporter.SECTIONS}
    with _home() as home:
        folder = Path(home) / ".pi" / "agent"
        folder.mkdir(parents=True)
        (folder / "models.json").write_text(json.dumps({"providers": {"tested": provider}}))
        env = {"PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1", "REPORTER": json.dumps(given)}
        command = [binary("pi"), "--mode", "json", "--provider", "tested", "--model", model, "-e", EXTENSION]
        return await _run([*command, "-p", prompt], Path(home), env, deadline, meters.of_pi)


async def gemini_cli(base_url: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """Gemini CLI: generateContent at `base_url`/v1beta/models/…; it also asks small models of its own choice."""
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"enableAutoUpdate": False},
        "mcpServers": {reporter.SERVER: {**REPORTER, "trust": True}},
    }
    with _home() as home:
        folder = Path(home) / ".gemini"
        folder.mkdir()
        (folder / "settings.json").write_text(json.dumps(settings))
        env = {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": base_url, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
        command = [binary("gemini"), "-p", prompt, "-m", model, "--approval-mode", "yolo", "--output-format", "json"]
        return await _run(command, Path(home), env, deadline, meters.of_gemini_cli)


OPENCODE = {
    "openai-completions": "@ai-sdk/openai-compatible",
    "openai-responses": "@ai-sdk/openai",
    "anthropic-messages": "@ai-sdk/anthropic",
    "google-generative-ai": "@ai-sdk/google",
}


async def opencode(base_url: str, api: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """OpenCode, in the dialect `api` (named as pi does); `base_url` ends in the version. It asks for a title first."""
    entry = {"name": model, "reasoning": True, "tool_call": True, "limit": {"context": 200_000, "output": 32_000}}
    options = {"baseURL": base_url, "apiKey": KEY}
    # it puts the server's name before a tool's whatever the length, and OpenAI takes 64 characters
    server = "r" if api.startswith("openai") else reporter.SERVER
    config = {
        "autoupdate": False,
        "share": "disabled",
        "small_model": f"tested/{model}",
        "provider": {"tested": {"npm": OPENCODE[api], "name": "tested", "options": options, "models": {model: entry}}},
        "mcp": {server: {"type": "local", "command": [REPORTER["command"], *REPORTER["args"]]}},
    }
    with _home() as home:
        folder = Path(home) / ".config" / "opencode"
        folder.mkdir(parents=True)
        (folder / "opencode.json").write_text(json.dumps(config))
        env = {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"}
        command = [binary("opencode"), "run", "--format", "json", "-m", f"tested/{model}", prompt]
        return await _run(command, Path(home), env, deadline, meters.of_opencode)
