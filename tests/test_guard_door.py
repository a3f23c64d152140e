"""A flow becomes what the guard's table judges; who is let in meets the next door."""

from collections.abc import Iterator

import pytest
from mitmproxy import http
from mitmproxy.test import taddons, tflow

from addons.guard import Guard, arrival, guarded
from addons.passing_stream import Passage

OWN = "127.0.0.1:8376"


class Inner:
    """A door that lets nobody pass, and remembers who came."""

    def __init__(self) -> None:
        self.came: list[http.HTTPFlow] = []
        self.answer = http.Response.make(503)

    def passage(self, flow: http.HTTPFlow) -> Passage | http.Response | None:
        self.came.append(flow)
        return None

    def onward(self, flow: http.HTTPFlow) -> Passage | http.Response:
        self.came.append(flow)
        return self.answer


@pytest.fixture(autouse=True)
def options() -> Iterator[None]:
    with taddons.context() as master:
        master.options.update(listen_host="box.lan")
        yield


def flow(*fields: tuple[bytes, bytes], path: str = "/v1/messages", authority: bytes = b"", alpn: bytes = b""
         ) -> http.HTTPFlow:  # fmt: skip
    made = tflow.tflow(req=http.Request.make("POST", f"http://x{path}"))
    made.request.headers = http.Headers(fields)
    made.request.data.authority = authority
    made.client_conn.sockname = ("127.0.0.1", 8376)
    made.client_conn.alpn = alpn
    made.client_conn.timestamp_tls_setup = None
    return made


def refused(door: Guard, asked: http.HTTPFlow) -> http.Response:
    found = door.passage(asked)
    assert isinstance(found, http.Response)
    return found


def test_who_is_let_in_meets_the_next_door() -> None:
    inner, asked = Inner(), flow((b"Host", OWN.encode()))
    door = Guard(inner)
    assert door.passage(asked) is None
    assert door.onward(asked) is inner.answer
    assert inner.came == [asked, asked]


def test_who_is_not_meets_nobody() -> None:
    inner = Inner()
    answer = refused(Guard(inner), flow((b"HOST", b"evil.example")))
    assert (answer.status_code, inner.came) == (421, [])
    assert answer.json()["type"] == "error"  # the path is Anthropic's
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-llm-router-request-id"].startswith("req_")


def test_http2_has_no_connection_to_close() -> None:
    asked = flow(authority=b"evil.example", alpn=b"h2")
    asked.request.http_version = "HTTP/2.0"
    assert "connection" not in refused(Guard(Inner()), asked).headers


def test_a_version_that_is_only_claimed_changes_nothing() -> None:
    """Promise 42: else what follows could be taken for a request."""
    asked = flow((b"Host", OWN.encode()))
    asked.request.http_version = "HTTP/2.0"
    answer = refused(Guard(Inner()), asked)
    assert (answer.status_code, answer.headers["connection"]) == (505, "close")


def test_the_authority_is_that_of_the_request_line_or_of_http2() -> None:
    assert arrival(flow(authority=b"a.example")).target == "a.example"
    framed = arrival(flow(authority=b"a.example", alpn=b"h2"))
    assert (framed.target, framed.authority, framed.version) == ("", "a.example", "")


def test_names_are_those_of_the_connection_and_of_the_options() -> None:
    found = arrival(flow())
    assert (found.address, found.port, found.listens, found.tls) == ("127.0.0.1", 8376, "box.lan", False)


def test_bytes_that_are_no_text_are_judged_too() -> None:
    assert refused(Guard(Inner()), flow((b"Host", b"127.0.0.1:8376\xff"))).status_code == 421


@pytest.mark.parametrize(("path", "reads"), [("/v1/messages", True), ("/api/threads?x=1", False)])
def test_amps_own_server_reads_what_it_likes(path: str, reads: bool) -> None:
    assert arrival(flow(path=path)).reads_json is reads


def test_the_environment_adds_names_and_is_told_of_what_is_none() -> None:
    told: list[str] = []
    door = guarded(Inner(), {"LLM_ROUTER_ALLOWED_HOSTS": "llr.example, *"}, told.append)
    assert door.passage(flow((b"host", b"llr.example"))) is None
    assert len(told) == 1
    assert "'*'" in told[0]
