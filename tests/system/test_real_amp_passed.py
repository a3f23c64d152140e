"""The newest AMP, whose inference is on its own servers, goes through the router untouched.

`tests/clients/install amp-1784106548 amp-1790142911` installs them.
"""

import json
from pathlib import Path

import pytest
from clients import amp
from clients.actor import Ampcode

from harness.process import RouterProcess

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

KEY = "sgamp_user_upstream"
COMMAND = "printf 'passed-%d' 42"


@pytest.mark.parametrize("options", [(), ("--", "-q")], ids=["llr start", "mitmdump"])
@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ("1784106548", "smart"),
        ("1790142911", "low"),
        ("1790142911", "medium"),
        ("1790142911", "ultra"),
    ],
)
async def test_a_turn_with_a_tool_goes_through(
    version: str, mode: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    async with Ampcode(COMMAND) as server:
        document = {"version": 2, "amp": {"upstreamUrl": server.url, "upstreamApiKey": KEY}}
        async with RouterProcess(document, *options) as router:
            ran = await amp.run(version, ["--mode", mode, "-x", "run printf"], router.url, tmp_path)

        assert ran.code == 0, ran.said
        assert "passed-42" in ran.said
        (actor,) = [each for each in server.actors.values() if each.results]
        assert "passed-42" in json.dumps(actor.results)
        assert server.keys == {f"Bearer {KEY}"}
        assert {"/api/internal", "/api/thread-actors"} <= set(server.asked)
        assert any(path.startswith("/actors/") for path in server.asked)
