"""`mitmdump -s addons/llr.py`: what any library logs there has no secrets, in both ways of starting it."""

import textwrap

import httpx
import pytest

from harness.process import RouterProcess

KEY = "a provider's own words"
SHAPE = "sk-ant-api03-0123456789abcdef"
TALKER = f"""
    import logging

    class Talker:
        def request(self, flow):
            if flow.request.method != "POST":
                return
            for name in ("aiohttp.client", "hpack", "mitmproxy.addons", ""):
                logging.getLogger(name).warning("heard of %s and %s", {KEY!r}, {SHAPE!r})
            try:
                raise RuntimeError({KEY!r})
            except RuntimeError:
                logging.getLogger("talker").exception("it failed with %s", {SHAPE!r})

    addons = [Talker()]
"""


@pytest.mark.parametrize("reloaded", [False, True], ids=["at first", "reloaded"])
async def test_no_library_tells_a_key(reloaded: bool) -> None:
    """Promise 44."""
    document = {
        "version": 2,
        "providers": [{"id": "p", "baseUrl": "http://127.0.0.1:9", "format": "openai", "apiKey": KEY, "models": ["m"]}],
    }
    router = RouterProcess({"version": 2} if reloaded else document, "--", "-s", "talker.py")
    (router.home / "talker.py").write_text(textwrap.dedent(TALKER))
    async with router, httpx.AsyncClient(base_url=router.url) as http:
        if reloaded:
            router.write_config(document)
            while "p/m" not in (await http.get("/v1/models")).text:
                pass
        await http.post("/v1/messages", json={})
        router.terminate()
        assert await router.wait() == 0
        told = router.stdout + router.stderr
    assert told.count("heard of [SECRET REMOVED] and [SECRET REMOVED]") >= 4
    assert "RuntimeError: [SECRET REMOVED]" in told
    assert KEY not in told and SHAPE not in told
