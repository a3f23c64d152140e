"""Runs the real coding tools, headless, against a base URL: one shell command, then a final text.

Every run has a home of its own, a closed stdin, no way out but loopback, and a deadline. `tests/clients/install`
puts the tools where they are looked for.
"""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.process import isolated

PROMPT = "TOOLTEST: run printf in the shell and report its output"
SEEN = "mock-tool-ok-42"
KEY = "made-up-key"
DEADLINE = 90.0


def clients_root() -> Path:
    """Where the tools are installed: the same rule as in `tests/clients/install`."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("LLR_CLIENTS") or caches / "llr-clients")


def binary(client: str) -> Path:
    return clients_root() / client / "node_modules" / ".bin" / client


@dataclass(frozen=True)
class Ran:
    """How a tool ended, and everything that it wrote."""

    code: int
    output: str

    @property
    def passed(self) -> bool:
        """The command really ran (its output is nowhere in the prompt) and the final text was printed."""
        return self.code == 0 and f"TOOL-RESULT-SEEN: {SEEN}" in " ".join(self.output.split())


async def _run(command: Sequence[str | Path], home: Path, env: Mapping[str, str], deadline: float) -> Ran:
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
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), deadline)
    except TimeoutError:
        output = f"did not end within {deadline:.0f} seconds".encode()
    finally:
        if process.returncode is None:
            # the session is our child's own: its helpers end with it
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return Ran(process.returncode or 0, output.decode("utf-8", "replace"))


def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="llr-client-", ignore_cleanup_errors=True)


async def claude_code(base_url: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """Claude Code: Anthropic Messages at `base_url`/v1/messages."""
    env = {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    }
    with _home() as home:
        command = [binary("claude"), "-p", prompt, "--model", model, "--allowedTools", "Bash(printf:*)"]
        return await _run(command, Path(home), env, deadline)


CODEX_CONFIG = """
model = "{model}"
model_provider = "tested"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.tested]
name = "tested"
base_url = "{base_url}"
wire_api = "responses"
env_key = "TESTED_API_KEY"
request_max_retries = 1
stream_max_retries = 1
"""


async def codex(base_url: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """Codex: Responses at `base_url`/responses (so `base_url` ends in /v1)."""
    with _home() as home:
        folder = Path(home) / ".codex"
        folder.mkdir()
        (folder / "config.toml").write_text(CODEX_CONFIG.format(model=model, base_url=base_url))
        env = {"CODEX_HOME": str(folder), "TESTED_API_KEY": KEY, "RUST_LOG": "error"}
        command = [binary("codex"), "exec", "--skip-git-repo-check", "-s", "danger-full-access", prompt]
        return await _run(command, Path(home), env, deadline)


async def pi(base_url: str, api: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """pi, in the dialect `api`: openai-completions, openai-responses, anthropic-messages or google-generative-ai.
    `base_url` is what pi puts /chat/completions, /responses, /v1/messages or /models/… behind."""
    entry = {
        "id": model, "name": model, "reasoning": True, "input": ["text"], "contextWindow": 200_000,
        "maxTokens": 32_000, "cost": dict.fromkeys(("input", "output", "cacheRead", "cacheWrite"), 0),
    }  # fmt: skip
    provider = {"baseUrl": base_url, "api": api, "apiKey": KEY, "models": [entry]}
    with _home() as home:
        folder = Path(home) / ".pi" / "agent"
        folder.mkdir(parents=True)
        (folder / "models.json").write_text(json.dumps({"providers": {"tested": provider}}))
        env = {"PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1"}
        command = [binary("pi"), "--provider", "tested", "--model", model, "-p", prompt]
        return await _run(command, Path(home), env, deadline)


async def gemini_cli(base_url: str, model: str, *, prompt: str = PROMPT, deadline: float = DEADLINE) -> Ran:
    """Gemini CLI: generateContent at `base_url`/v1beta/models/…; it also asks small models of its own choice."""
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"enableAutoUpdate": False},
    }
    with _home() as home:
        folder = Path(home) / ".gemini"
        folder.mkdir()
        (folder / "settings.json").write_text(json.dumps(settings))
        env = {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": base_url, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
        command = [binary("gemini"), "-p", prompt, "-m", model, "--approval-mode", "yolo"]
        return await _run(command, Path(home), env, deadline)
