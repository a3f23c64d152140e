"""A real `llr setup` at a real terminal."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.process import isolated
from harness.replies import Reply, json_reply
from harness.terminal import Terminal
from harness.upstream import FakeUpstream, Received

KEY = "sk-made-up-for-the-test"


def provider(received: Received) -> Reply:
    """OpenAI's Chat API with two models, for whoever has the key."""
    if received.headers.get("authorization") != f"Bearer {KEY}":
        return json_reply({"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}}, 401)
    if received.path.endswith("/models"):
        return json_reply({"object": "list", "data": [{"id": "big", "object": "model"}, {"id": "small"}]})
    if received.path.endswith("/chat/completions"):
        return json_reply(whole(DialectName.CHAT, Said("OK")))
    return json_reply({"error": {"message": "not found"}}, 404)


@dataclass
class Parts:
    upstream: FakeUpstream
    home: Path
    env: dict[str, str]

    @property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / ".llm-router.json").read_text())
        return found


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    async with FakeUpstream(provider) as upstream:
        yield Parts(upstream, tmp_path, {**isolated(tmp_path), "PATH": str(tmp_path)})


async def to_the_provider(terminal: Terminal, parts: Parts) -> None:
    await terminal.answer("Which? [1]:")
    await terminal.answer("Provider:", f"{parts.upstream.url}/v1")
    await terminal.answer("A short name for it [mine]:")
    await terminal.whisper("Key (empty: none)", KEY)


async def test_it_leads_from_nothing_to_a_route_that_answers(parts: Parts) -> None:
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await to_the_provider(terminal, parts)
        await terminal.answer("[big, small]:", "big")
        await terminal.answer("in this order [main]:")
        await terminal.answer("Shall main answer for those? [Y/n]:")
        await terminal.answer("every client must show? [y/N]:")
        await terminal.until("main answers through mine/big")
        assert await terminal.end() == 0
    (entry,) = parts.config["providers"]
    assert (entry["id"], entry["models"]) == ("mine", ["big"])
    assert parts.config["modelAliases"]["claude-*"]["targets"] == ["main"]
    assert parts.config["defaultModel"] == "main"


async def test_the_key_is_not_shown(parts: Parts) -> None:
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await to_the_provider(terminal, parts)
        await terminal.until("[big, small]:")
        assert KEY not in terminal.seen


async def test_a_key_that_is_refused_is_asked_for_again(parts: Parts) -> None:
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await terminal.answer("Which? [1]:")
        await terminal.answer("Provider:", f"{parts.upstream.url}/v1")
        await terminal.answer("A short name for it [mine]:")
        await terminal.whisper("Key (empty: none)", "wrong")
        await terminal.answer("Models, names or patterns", "big")
        await terminal.answer("Try again? [Y/n]:")
        await terminal.answer("With another key? [y/N]:", "y")
        await terminal.whisper("Key", KEY)
        await terminal.answer("[big, small]:")
        await terminal.until("mine answers, and is saved with big, small")


async def test_a_provider_whose_key_is_in_the_environment_is_offered(parts: Parts) -> None:
    env = {**parts.env, "OPENROUTER_API_KEY": "sk-or-made-up"}
    async with Terminal("setup", env=env, cwd=parts.home) as terminal:
        await terminal.until("1  OpenRouter (OPENROUTER_API_KEY is set)")
        await terminal.until("another one")


async def test_what_was_answered_before_it_was_left_is_kept(parts: Parts) -> None:
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await to_the_provider(terminal, parts)
        await terminal.answer("[big, small]:", "*al*")
        await terminal.until("in this order [main]:")
        terminal.process.terminate()
        await terminal.end()
    assert parts.config["providers"][0]["models"] == ["small"]


async def test_a_second_run_starts_from_what_there_is(parts: Parts) -> None:
    entry = {"id": "mine", "baseUrl": f"{parts.upstream.url}/v1", "apiKey": KEY, "format": "openai", "models": ["big"]}
    (parts.home / ".llm-router.json").write_text(json.dumps({"version": 2, "providers": [entry]}))
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await terminal.until("There are models already: mine/big")
        await terminal.answer("Add another provider? [y/N]:")
        await terminal.answer("in this order [main]:")
        await terminal.answer("Shall main answer for those? [Y/n]:", "n")
        await terminal.answer("every client must show? [y/N]:", "y")
        await terminal.until("main answers through mine/big")
        assert await terminal.end() == 0
    assert parts.config["metadata"]["localServer"]["requireAuth"] is True
    assert len(parts.config["masterKey"]) > 20


async def test_a_tool_that_is_installed_is_connected_when_that_is_wanted(parts: Parts) -> None:
    (parts.home / ".claude").mkdir()
    entry = {"id": "mine", "baseUrl": f"{parts.upstream.url}/v1", "apiKey": KEY, "format": "openai", "models": ["big"]}
    (parts.home / ".llm-router.json").write_text(json.dumps({"version": 2, "providers": [entry]}))
    async with Terminal("setup", env=parts.env, cwd=parts.home) as terminal:
        await terminal.answer("Add another provider? [y/N]:")
        await terminal.answer("in this order [main]:")
        await terminal.answer("Shall main answer for those? [Y/n]:")
        await terminal.answer("every client must show? [y/N]:")
        await terminal.answer("Connect Claude Code?", "y")
        assert await terminal.end() == 0
    settings = json.loads((parts.home / ".claude" / "settings.json").read_text())
    assert settings["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:8376/anthropic"


async def test_without_a_terminal_it_says_what_scripts_use(parts: Parts) -> None:
    import asyncio
    import sys

    from harness.process import ROOT

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llr_cli.main", "setup",
        env={**parts.env, "PYTHONPATH": str(ROOT)}, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"llr config provider add" in err
