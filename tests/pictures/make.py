"""Takes the pictures of README: real commands at a real terminal, with fake providers. `make pictures` runs it."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from pictures.screen import COLUMNS, ROWS, Screen

from addons.core.model import DialectName
from harness import asks
from harness.answers import Said, whole
from harness.process import ROOT, RouterProcess, free_port, isolated
from harness.replies import Reply, json_reply
from harness.terminal import Terminal
from harness.upstream import FakeUpstream, Received

FOLDER = ROOT / "docs" / "pictures"
KEY = "sk-made-up"
MODELS = ("glm-5.1", "glm-5.1-air", "kimi-k3")
TOOLS: tuple[tuple[DialectName, str, dict[str, str]], ...] = (
    (DialectName.ANTHROPIC, "claude-opus-5-5", {"user-agent": "claude-cli/2.1.0 (external, cli)"}),
    (DialectName.RESPONSES, "gpt-5.5", {"user-agent": "codex_exec/0.169.0", "originator": "codex_exec"}),
    (DialectName.ANTHROPIC, "claude-haiku-5-5", {"user-agent": "claude-cli/2.1.0 (external, cli)"}),
    (DialectName.GEMINI, "gemini-3.8-flash", {"user-agent": "GeminiCLI/0.61.0/gemini-3.8-flash (linux; x64)"}),
    (DialectName.CHAT, "kimi", {"user-agent": "opencode/1.18.33"}),
)


def provider(received: Received) -> Reply:
    if received.path.endswith("/models"):
        return json_reply({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
    if not received.path.endswith("/chat/completions"):
        return json_reply({"error": {"message": "not found"}}, 404)
    if received.json["model"] == "kimi-k3":
        return json_reply({"error": {"message": "rate limit reached"}}, 429, {"retry-after": "20"})
    if received.json.get("stream"):
        events = asks.stream(DialectName.CHAT, "Done.")
        return Reply(200, {"content-type": "text/event-stream"}, [0.15, *events])
    return json_reply(whole(DialectName.CHAT, Said("OK")))


def config(upstream: FakeUpstream) -> dict[str, Any]:
    entry = {
        "id": "zai", "baseUrl": f"{upstream.url}/v1", "apiKey": KEY, "format": "openai", "models": list(MODELS),
        "rateLimits": [{"id": "daily", "requests": 500, "window": {"unit": "day", "size": 1}}],
    }  # fmt: skip
    main = {"strategy": "auto", "targets": ["zai/glm-5.1", "zai/glm-5.1-air"]}
    aliases = {pattern: {"targets": ["main"]} for pattern in ("claude-*", "gpt-*", "gemini-*")}
    kimi = {"targets": ["zai/kimi-k3"], "fallbackTargets": ["main"]}
    return {"version": 2, "providers": [entry], "modelAliases": {"main": main, **aliases, "kimi": kimi}}


async def ask_all(url: str, times: int) -> None:
    """What tools ask, one after the other."""
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        for _ in range(times):
            for dialect, model, headers in TOOLS:
                request = asks.ask(dialect, model, headers=headers)
                where = f"{url}{request.path}" + (f"?{request.query}" if request.query else "")
                await http.post(where, content=request.body, headers=dict(request.headers))


async def setup(upstream: FakeUpstream, screen: Screen, home: Path) -> None:
    env = {**isolated(home), "PATH": str(home), "OPENROUTER_API_KEY": "sk-or-made-up"}
    async with Terminal("setup", env=env, cwd=home, screen=screen.feed, size=(ROWS, COLUMNS)) as terminal:
        await terminal.answer("Which?", "2")
        await terminal.answer("Provider:", f"{upstream.url}/v1")
        await terminal.answer("A short name for it", "zai")
        await terminal.whisper("Key", KEY)
        await terminal.answer("Models, names or patterns", "glm*")
        await terminal.answer("in this order [main]:")
        await terminal.answer("Shall main answer for those?")
        await terminal.answer("every client must show?")
        assert await terminal.end() == 0, terminal.seen


async def status(upstream: FakeUpstream, screen: Screen, home: Path) -> None:
    async with RouterProcess(config(upstream)) as router:
        await ask_all(router.url, 2)
        env = {**router.env, "HOME": str(router.home)}
        async with Terminal(
            "status", "--watch", env=env, cwd=home, screen=screen.feed, size=(ROWS, COLUMNS)
        ) as terminal:
            await terminal.until("zai/glm-5.1")
            await asyncio.sleep(1.5)


async def capture(upstream: FakeUpstream, screen: Screen, home: Path) -> None:
    (home / ".llm-router.json").write_text(json.dumps(config(upstream)))
    port = free_port()
    words = ("capture", "--port", str(port))
    async with Terminal(*words, env=isolated(home), cwd=home, screen=screen.feed, size=(ROWS, COLUMNS)) as terminal:
        await terminal.until("captures into")
        await ask_all(f"http://127.0.0.1:{port}", 2)
        await terminal.until("opencode")
        await asyncio.sleep(0.5)


PICTURES: dict[str, tuple[str, Callable[[FakeUpstream, Screen, Path], Awaitable[None]]]] = {
    "setup": ("llr setup", setup),
    "status": ("llr status --watch", status),
    "capture": ("llr capture", capture),
}


async def main(wanted: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, (title, take) in PICTURES.items():
        if wanted and name not in wanted:
            continue
        screen = Screen()
        with tempfile.TemporaryDirectory(prefix="llr-") as folder:
            async with FakeUpstream(provider) as upstream:
                await take(upstream, screen, Path(folder))
        (FOLDER / f"{name}.svg").write_text(screen.svg(title))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
