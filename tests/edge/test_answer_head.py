"""Specification of addons/edge/answer_head.py."""

import asyncio

import pytest

from addons.edge.answer_head import NoAnswer, answer_head
from harness.replies import HANDSHAKE_DEATH, json_reply
from harness.upstream import FakeUpstream


async def test_status_and_headers_of_an_answer() -> None:
    async with FakeUpstream() as upstream:
        upstream.script(json_reply({}, 404, {"X-LLM-Router-Request-Id": "req_1"}))
        status, headers = await asyncio.to_thread(answer_head, f"{upstream.url}/v1/models?limit=1")
        assert (status, headers["x-llm-router-request-id"]) == (404, "req_1")
        assert (upstream.requests[0].method, upstream.requests[0].target) == ("GET", "/v1/models?limit=1")


async def test_a_redirect_is_an_answer_like_any_other() -> None:
    async with FakeUpstream() as upstream:
        upstream.script(json_reply({}, 302, {"location": "/elsewhere"}))
        status, _ = await asyncio.to_thread(answer_head, upstream.url)
        assert status == 302 and len(upstream.requests) == 1


async def test_nobody_there_is_told_in_words() -> None:
    async with FakeUpstream() as upstream:
        upstream.script(HANDSHAKE_DEATH)
        with pytest.raises(NoAnswer, match=r"127\.0\.0\.1 did not answer"):
            await asyncio.to_thread(answer_head, upstream.url)


@pytest.mark.parametrize("url", ["ftp://a.example", "http://", "http://a.example:port", "http://[::1", "a.example"])
def test_what_is_no_address_is_told_in_words(url: str) -> None:
    with pytest.raises(NoAnswer, match="is no"):
        answer_head(url)
