"""A real router as a forward proxy, a provider behind it, and a host that its clients mean."""

import asyncio
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.certificates import Authority
from harness.process import ROOT, RouterProcess
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

HOSTS = ("api.anthropic.com", "api.openai.com", "chatgpt.com", "ampcode.com", "googleapis.com", "localhost")
ROUTED = "claude-opus-4-8"
KEY = "sk-of-the-provider"


@dataclass
class Parts:
    """`origin` speaks HTTPS as `localhost`; `trusting` believes the router, and `strict` everybody but the router."""

    router: RouterProcess
    provider: FakeUpstream
    origin: FakeUpstream
    trusting: ssl.SSLContext
    strict: ssl.SSLContext

    @property
    def meant(self) -> str:
        return f"https://localhost:{self.origin.port}"

    def client(
        self, *, verify: ssl.SSLContext | None = None, proxy: str = "", http2: bool = False
    ) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            proxy=proxy or self.router.url, verify=verify or self.trusting, http2=http2, timeout=20, trust_env=False
        )

    async def tunnel(self, to: str, headers: str = "") -> bytes:
        """The head of the answer to a CONNECT."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.router.port)
        try:
            writer.write(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{headers}\r\n".encode())
            return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        finally:
            writer.close()


def certified(router: RouterProcess, *hosts: str) -> ssl.SSLContext:
    """Has an authority made, and believes it."""
    command = [sys.executable, "-m", "llr_cli.main", "certs", "create"]
    command += [word for host in hosts for word in ("--host", host)]
    subprocess.run(command, env={**router.env, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(router.state_dir / "certs" / "authority.crt"))


def _from_the_provider(_: Received) -> Reply:
    return json_reply(whole(DialectName.CHAT, Said("from the provider")))


def _from_the_origin(_: Received) -> Reply:
    return json_reply({"from": "the origin"})


@asynccontextmanager
async def proxied(
    *options: str,
    more: dict[str, Any] | None = None,
    allow: bool = True,
    process: type[RouterProcess] = RouterProcess,
) -> AsyncIterator[Parts]:
    """`more` is merged into the configuration; `allow`: the host may be reached though it is on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        theirs = Authority(Path(folder))
        tls = theirs.server_context("localhost")
        async with FakeUpstream(_from_the_provider) as provider, FakeUpstream(_from_the_origin, tls) as origin:
            entry = {"id": "p", "baseUrl": f"{provider.url}/v1", "apiKey": KEY, "format": "openai", "models": ["m"]}
            meant = f"localhost:{origin.port}"
            config = {
                "version": 2,
                "providers": [entry],
                "modelAliases": {ROUTED: {"targets": ["p/m"]}},
                "proxy": {"hosts": {meant: "route"}, "allow": [meant] if allow else []},
                **(more or {}),
            }
            router = process(config, *(options or ("--mode", "proxy")), env={"SSL_CERT_FILE": str(theirs.file)})
            trusting = certified(router, *HOSTS)
            strict = ssl.create_default_context(cafile=str(theirs.file))
            strict.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the tests' authority is a simple one
            async with router:
                yield Parts(router, provider, origin, trusting, strict)
