"""A real `llr start` as a forward proxy: what it routes, what it leads on, and what it does not even look at."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
import subprocess
import sys
from typing import Any

import httpx
import pytest

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.asks import body
from harness.process import ROOT, RouterProcess
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received


def answered(_: Received) -> Reply:
    return json_reply(whole(DialectName.CHAT, Said("from the provider")))


def config(upstream: FakeUpstream) -> dict[str, Any]:
    provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
    return {"version": 2, "providers": [provider], "modelAliases": {"claude-opus-4-8": {"targets": ["p/m"]}}}


def certified(router: RouterProcess) -> ssl.SSLContext:
    command = [sys.executable, "-m", "llr_cli.main", "certs", "create"]
    subprocess.run(command, env={**router.env, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(router.state_dir / "certs" / "authority.crt"))


async def test_a_tool_that_means_its_vendor_is_routed() -> None:
    async with FakeUpstream(answered) as upstream:
        router = RouterProcess(config(upstream), "--mode", "proxy")
        trusting = certified(router)
        async with router, httpx.AsyncClient(proxy=router.url, verify=trusting) as http:
            reply = await http.post(
                "https://api.anthropic.com/v1/messages",
                json=body(DialectName.ANTHROPIC, "claude-opus-4-8", stream=False),
                headers={"x-api-key": "the-tools-own", "anthropic-version": "2023-06-01"},
            )
            print(reply.text, reply.headers)
            assert reply.status_code == 200
        print(router.stderr)
        assert [r.headers["authorization"] for r in upstream.requests] == ["Bearer k"]
