"""A flow becomes an `Ask`, a `Reply` becomes a response; nothing is lost in between."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from mitmproxy import http
from mitmproxy.test import tflow

from addons.core.http import Ask, Reply
from addons.edge.tasks import Tasks
from addons.router import Router, ask, response
from addons.streamed_response import Streams
from harness.fixed_engine import Engine


def request(path: str = "/v1/x", method: str = "POST", body: bytes = b"{}", **headers: str) -> http.Request:
    made = http.Request.make(
        method, f"http://localhost{path}", b"", {k.replace("_", "-"): v for k, v in headers.items()}
    )
    made.raw_content = body
    return made


class Fixed(Engine):
    """An engine with one answer, that remembers what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[Ask] = []

    async def answer(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        return self.reply


def routing(reply: Reply) -> tuple[Router, Fixed]:
    engine = Fixed(reply)
    tasks = Tasks()
    return Router(engine, tasks, Streams(tasks)), engine


@pytest.mark.parametrize(("size", "status"), [(1000, None), (1001, 413)])
def test_the_size_of_a_body_is_judged_by_the_engine(size: int, status: int | None) -> None:
    """Promise 20."""
    tasks = Tasks()
    streams = Streams(tasks)
    Router(Fixed(Reply(200)), tasks, streams)
    flow = tflow.tflow(req=request())
    refusal = streams.check_size(flow, size)
    assert (refusal and refusal.status_code) == status
    assert refusal is None or (refusal.headers["connection"], refusal.text) == ("close", "/v1/x 1001")


@pytest.mark.parametrize(
    ("target", "path", "query"), [("/v1/x", "/v1/x", ""), ("/v1/x?a=1&b=%2F?", "/v1/x", "a=1&b=%2F?"), ("/?", "/", "")]
)
def test_the_path_has_no_query(target: str, path: str, query: str) -> None:
    asked = ask(request(target))
    assert (asked.path, asked.query) == (path, query)


def test_header_names_are_lower_case_and_the_first_of_repeated_ones_counts() -> None:
    made = request()
    made.headers = http.Headers([(b"X-Api-Key", b"one"), (b"x-api-key", b"two"), (b"Accept", b"\xff")])
    headers = ask(made).headers
    assert headers == {"x-api-key": "one", "accept": "\udcff"}


def test_a_body_keeps_its_bytes() -> None:
    assert ask(request(body=b'{"a": 1.0, "\xff"')).body == b'{"a": 1.0, "\xff"'


def test_a_compressed_body_goes_to_the_engine_as_it_is() -> None:
    asked = ask(request(body=gzip.compress(b"hello", mtime=0), content_encoding="gzip"))

    assert (asked.body, asked.headers["content-encoding"]) == (gzip.compress(b"hello", mtime=0), "gzip")


def test_a_whole_answer_has_its_length() -> None:
    made = response(request(), Reply(404, (("content-type", "text/plain"), ("x-note", "é")), b"nothing"))
    fields = ((b"content-type", b"text/plain"), (b"x-note", "é".encode()), (b"content-length", b"7"))
    assert (made.status_code, made.headers.fields, made.raw_content) == (404, fields, b"nothing")


def test_an_answer_to_head_has_the_length_and_no_body() -> None:
    made = response(request(method="HEAD"), Reply(200, (), b"1234"))
    assert (made.headers["content-length"], made.raw_content) == ("4", b"")


def test_the_last_answer_on_a_connection_says_so() -> None:
    assert response(request(), Reply(200), closing=True).headers["connection"] == "close"


async def test_a_stream_for_a_replayed_flow_is_given_whole_and_closed() -> None:
    closed = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            yield b"one "
            yield b"two"
        finally:
            closed.set()

    router, _ = routing(Reply(200, (), body()))
    flow = tflow.tflow(req=request())
    await router.request(flow)
    assert flow.response is not None
    assert flow.response.raw_content == b"one two"
    assert closed.is_set()


@pytest.mark.parametrize("reply", [Reply(200, (("content-type", "text/plain"),), b"x"), Reply(204)])
def test_a_response_is_one_that_mitmproxy_would_have_made(reply: Reply) -> None:
    """Making it anew from its state looks at every field."""
    made = response(request(), reply)
    assert http.Response.from_state(made.get_state()).get_state() == made.get_state()
    assert made.copy().raw_content == made.raw_content
