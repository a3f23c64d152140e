"""What a fresh capture of the real AMP suggests makes the same session route: no mode and no helper is left over.

`tests/clients/install amp-1770734955 amp-1777897475` installs them.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from clients import amp
from clients.actor import Ampcode
from clients.amp_routed import to_server
from clients.amp_script import HELPERS, PICTURE, PROMPT, SHOWN, AmpProvider
from clients.script import TOKEN

from addons.core.capture_suggest import PLACEHOLDER
from harness.capturing import CapturingProcess
from harness.process import RouterProcess
from harness.upstream import FakeUpstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

FEBRUARY, MAY = "1770734955", "1777897475"
# nothing that AMP asks for is called so: whatever it is routed by has to be suggested first
OFFERED = ["claude-opus-4-8", "claude-sonnet-4-8", "claude-haiku-4-8", "gpt-5.5", "gpt-5.5-codex", "gemini-3.8-flash"]
PAINTER = "gemini-3.8-pro-image"
SHOWS = [SHOWN, *(helper.report for helper in HELPERS if helper.tells)]


def config(upstream: FakeUpstream, server: Ampcode) -> dict[str, Any]:
    entry = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": OFFERED}
    images = {"id": "images", "baseUrl": upstream.url, "apiKey": "k", "format": "gemini", "models": [PAINTER]}
    return {"version": 2, "providers": [entry, images], "amp": to_server(server.url)}


def merged(document: dict[str, Any], suggestion: dict[str, Any]) -> dict[str, Any]:
    return {**document, "amp": {**document["amp"], **suggestion["amp"]}}


@pytest.mark.parametrize(
    ("version", "mode", "observed"), [(FEBRUARY, "large", True), (MAY, "smart", False), (MAY, "rush", True)]
)
async def test_a_suggestion_routes_the_session_that_it_was_made_of(
    version: str, mode: str, observed: bool, tmp_path: Path
) -> None:
    words = ["--mode", mode, "-x", PROMPT]
    own, script = (AmpProvider(work=amp.folder(tmp_path)) for _ in range(2))
    async with FakeUpstream(script) as upstream, Ampcode(models=own) as server:
        document = config(upstream, server)
        options = ["--observe", "--upstream", server.url] if observed else []
        async with CapturingProcess(document, *options) as router:
            first = await amp.run(version, words, router.url, tmp_path)
            await router.ended()
            suggestion = json.loads(await router.run("capture", "suggest", str(router.folder.path)))
        # all of it was for AMP's own server
        assert TOKEN.findall(first.said) == SHOWS, first.said
        assert upstream.requests == [] and own.refusals == []
        assert suggestion["amp"].keys() == {"routes"} and PLACEHOLDER not in str(suggestion)
        entities = {mode, "title", *(helper.entity for helper in HELPERS if helper.entity)}
        assert set(suggestion["amp"]["routes"]) == entities

        server.asked.clear()
        async with RouterProcess(merged(document, suggestion)) as router:
            again = await amp.run(version, words, router.url, tmp_path)
        assert TOKEN.findall(again.said) == SHOWS, again.said
        assert script.refusals == []
        assert [path for path in server.asked if path.startswith("/api/provider")] == []
        for took in (script.took, own.took):
            assert {who for who, _ in took} - {"next"} == {"agent", *entities - {mode}}
        assert any(PICTURE.encode() in received.body for received in upstream.requests)
