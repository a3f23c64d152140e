"""The newest AMP, whose inference is on its own servers, goes through the router untouched.

`tests/clients/install amp-1784106548 amp-1790142911` installs them.
"""

import asyncio
import json
import os
from pathlib import Path

import pytest
from clients import tools
from clients.actor import Ampcode

from harness.process import RouterProcess, isolated

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

KEY = "sgamp_user_upstream"
DEADLINE = 90.0
COMMAND = "printf 'passed-%d' 42"


async def amp(version: str, mode: str, url: str, home: Path) -> tuple[int, str]:
    """The exit code and the words of one turn of AMP with `url` for its server."""
    binary = tools.clients_root() / version / "node_modules" / ".bin" / "amp"
    if not binary.exists():
        pytest.skip(f"not installed: {version}")
    settings = home / ".config" / "amp" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"amp.url": url, "amp.updates.mode": "disabled"}))
    base = isolated(home)
    path = os.pathsep.join([str(tools.binary("node").parent), base["PATH"]])
    process = await asyncio.create_subprocess_exec(
        binary, "--mode", mode, "--dangerously-allow-all", "-x", "run printf and report its output",
        cwd=home,
        env={**base, "PATH": path, "AMP_URL": url, "AMP_API_KEY": "sgamp_user_mine", "AMP_SKIP_UPDATE_CHECK": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode("utf-8", "replace")


@pytest.mark.parametrize("options", [(), ("--", "-q")], ids=["llr start", "mitmdump"])
@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ("amp-1784106548", "smart"),
        ("amp-1790142911", "low"),
        ("amp-1790142911", "medium"),
        ("amp-1790142911", "ultra"),
    ],
)
async def test_a_turn_with_a_tool_goes_through(
    version: str, mode: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    async with Ampcode(COMMAND) as server:
        document = {"version": 2, "amp": {"upstreamUrl": server.url, "upstreamApiKey": KEY}}
        async with RouterProcess(document, *options) as router:
            code, said = await amp(version, mode, router.url, tmp_path)

        assert code == 0, said
        assert "passed-42" in said
        (actor,) = [each for each in server.actors.values() if each.results]
        assert "passed-42" in json.dumps(actor.results)
        assert server.keys == {f"Bearer {KEY}"}
        assert {"/api/internal", "/api/thread-actors"} <= set(server.asked)
        assert any(path.startswith("/actors/") for path in server.asked)
