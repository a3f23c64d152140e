"""`llr run` in front of real tools: by their settings, and by taking what they send to their vendors' own hosts.

The hosts' names lead to fakes in the router's process (tests/harness/names); everything else is real.
"""

import asyncio
import base64
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from clients import amp
from clients.amp_routed import routed
from clients.amp_script import PROMPT, SHOWN
from clients.providers import CHAT, Provider
from clients.tools import binary

from addons.core.model import DialectName
from harness import asks
from harness.certificates import Authority
from harness.process import ROOT, isolated
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

DEADLINE = 120.0
SAID = "Greetings from the provider"
KEY = "sk-of-the-provider"
ACCOUNT = "acct-made-up"
AMP = "1777897475"


def answered(received: Received) -> Reply:
    if received.json.get("stream"):
        return Reply(200, {"content-type": "text/event-stream"}, asks.stream(DialectName.CHAT, SAID))
    return json_reply({"error": {"message": "a stream is expected"}}, 400)


def of_the_vendor(received: Received) -> Reply:
    """What Codex wants to know of its account before it begins; nothing for everybody else."""
    if received.path.endswith("/wham/accounts/check"):
        account = {
            "id": ACCOUNT, "account_user_id": "u", "structure": "personal", "plan_type": "plus",
            "is_deactivated": False, "name": None, "profile_picture_url": None,
            "is_fedramp_compliant_workspace": False, "can_access_with_session": True, "sso_connection_name": None,
            "account_routing_override": "NO_CONSTRAINT", "workspace_backend_origin": "https://chatgpt.com",
        }  # fmt: skip
        return json_reply({"accounts": [account], "account_ordering": [ACCOUNT], "default_account_id": ACCOUNT})
    return json_reply({}, 200)


@dataclass
class Parts:
    provider: FakeUpstream
    vendor: FakeUpstream
    home: Path
    env: dict[str, str]
    output: str = field(default="", init=False)

    async def run(self, *command: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None) -> int:
        """The exit code of `llr run [options] -- command`."""
        work = self.home / "work"
        work.mkdir(exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "llr_cli.main", "run", *options, "--", *command,
            env={**self.env, **(env or {})}, cwd=work, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            out, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
        except TimeoutError:
            process.terminate()
            out, _ = await process.communicate()
        self.output = out.decode("utf-8", "replace")
        assert process.returncode is not None
        return process.returncode

    def of_provider(self, name: str) -> set[str]:
        return {received.headers.get(name, "") for received in self.provider.requests}

    def at_vendor(self, path: str) -> list[Received]:
        return [received for received in self.vendor.requests if received.path.endswith(path)]


@asynccontextmanager
async def prepared(host: str, *models: str) -> AsyncIterator[Parts]:
    """`host` is the vendor's; `models` are the aliases of the only provider."""
    with tempfile.TemporaryDirectory(prefix="llr-intercept-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        authority = Authority(home)
        tls = authority.server_context(host)
        async with FakeUpstream(answered) as provider, FakeUpstream(of_the_vendor, tls) as vendor:
            entry = {"id": "p", "baseUrl": f"{provider.url}/v1", "apiKey": KEY, "format": "openai", "models": ["m"]}
            aliases = {model: {"targets": ["p/m"]} for model in models}
            config: dict[str, Any] = {
                "version": 2, "providers": [entry], "modelAliases": aliases, "proxy": {"allow": [host]}
            }  # fmt: skip
            (home / ".llm-router.json").write_text(json.dumps(config))
            base = isolated(home)
            env = {
                **base,
                "PATH": os.pathsep.join([str(binary("node").parent), base["PATH"]]),
                "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "harness" / "names"), str(ROOT)]),
                "LLR_TEST_NAMES": json.dumps({host: vendor.port}),
                "SSL_CERT_FILE": str(authority.file),
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "DISABLE_AUTOUPDATER": "1",
                "DISABLE_TELEMETRY": "1",
            }
            yield Parts(provider, vendor, home, env)


CLAUDE = ("-p", "Say hello", "--model", "claude-opus-4-8", "--output-format", "text")


async def test_claude_code_is_told_of_the_router() -> None:
    async with prepared("api.anthropic.com", "claude-opus-4-8") as parts:
        assert await parts.run(str(binary("claude")), *CLAUDE) == 0, parts.output
        assert SAID in parts.output
        assert parts.of_provider("authorization") == {f"Bearer {KEY}"}
        assert parts.vendor.requests == []
        assert not (parts.home / ".claude" / "settings.json").exists()


async def test_claude_code_asks_for_the_model_that_is_named() -> None:
    async with prepared("api.anthropic.com") as parts:
        code = await parts.run(str(binary("claude")), "-p", "Say hello", options=("--model", "p/m"))
        assert (code, SAID in parts.output) == (0, True), parts.output


async def test_claude_code_is_taken_on_its_own_host() -> None:
    async with prepared("api.anthropic.com", "claude-opus-4-8") as parts:
        code = await parts.run(
            str(binary("claude")), *CLAUDE, options=("--intercept",), env={"ANTHROPIC_API_KEY": "sk-ant-made-up"}
        )
        assert (code, SAID in parts.output) == (0, True), parts.output
        assert parts.of_provider("authorization") == {f"Bearer {KEY}"}
        assert parts.at_vendor("/v1/messages") == []


async def test_claude_code_goes_on_to_its_own_host_with_its_own_key() -> None:
    """Nobody here has the model."""
    async with prepared("api.anthropic.com", "another") as parts:
        parts.vendor.default = lambda received: (
            Reply(200, {"content-type": "text/event-stream"}, asks.stream(DialectName.ANTHROPIC, "From the vendor"))
            if received.path == "/v1/messages"
            else json_reply({})
        )
        code = await parts.run(
            str(binary("claude")), *CLAUDE, options=("--intercept",), env={"ANTHROPIC_API_KEY": "sk-ant-made-up"}
        )
        assert (code, "From the vendor" in parts.output) == (0, True), parts.output
        assert {each.headers["x-api-key"] for each in parts.at_vendor("/v1/messages")} == {"sk-ant-made-up"}
        assert parts.provider.requests == []


def login(home: Path) -> None:
    """A ChatGPT login that nobody has signed."""
    auth = {"chatgpt_account_id": ACCOUNT, "chatgpt_plan_type": "plus", "chatgpt_user_id": "u"}
    claims = {"email": "a@b.example", "exp": int(time.time()) + 86_400, "https://api.openai.com/auth": auth}
    parts = ({"alg": "none", "typ": "JWT"}, claims, "unsigned")
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    tokens = {"id_token": token, "access_token": token, "refresh_token": "made-up", "account_id": ACCOUNT}
    folder = home / ".codex"
    folder.mkdir()
    (folder / "auth.json").write_text(
        json.dumps(
            {
                "OPENAI_API_KEY": None,
                "tokens": tokens,
                "last_refresh": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
        )
    )
    lines = ['model = "gpt-5.5"', "check_for_update_on_startup = false", 'cli_auth_credentials_store = "file"']
    (folder / "config.toml").write_text("\n".join([*lines, "[analytics]", "enabled = false", ""]))


CODEX = ("exec", "--skip-git-repo-check", "-s", "danger-full-access", "Say hello")


async def test_codex_is_told_of_the_router() -> None:
    async with prepared("chatgpt.com", "gpt-5.5") as parts:
        code = await parts.run(str(binary("codex")), "-c", 'model="gpt-5.5"', *CODEX)
        assert (code, SAID in parts.output) == (0, True), parts.output
        assert parts.vendor.requests == []


async def test_codex_with_a_login_is_taken_on_its_own_host() -> None:
    async with prepared("chatgpt.com", "gpt-5.5") as parts:
        login(parts.home)
        code = await parts.run(str(binary("codex")), *CODEX, options=("--intercept",))
        assert (code, SAID in parts.output) == (0, True), parts.output
        assert parts.of_provider("authorization") == {f"Bearer {KEY}"}
        assert parts.at_vendor("/codex/responses") == []
        assert parts.at_vendor("/wham/accounts/check") != []


async def test_amp_is_told_of_the_router_that_runs(tmp_path: Path) -> None:
    """It keeps the key of its own account, which goes to no provider."""
    provider = Provider(CHAT, "gpt-5.1")
    async with routed(provider, tmp_path) as case:
        env = {**amp.prepared("https://ampcode.com", tmp_path), **case.router.env}
        command = [str(amp.binary(AMP)), "--dangerously-allow-all", "--mode", "smart", "-x", PROMPT]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "llr_cli.main", "run", "--", *command,
            env={**env, "PATH": amp.prepared("", tmp_path)["PATH"], "PYTHONPATH": str(ROOT)}, cwd=amp.folder(tmp_path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said = (await asyncio.wait_for(process.communicate(), DEADLINE))[0].decode()
        assert (process.returncode, SHOWN in said) == (0, True), said
        assert case.fallen() == []
        assert amp.KEY not in str([received.raw_headers for received in case.upstream.requests])
        assert any(who == "agent" for who, _ in case.script.took)
