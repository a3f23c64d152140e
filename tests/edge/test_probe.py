"""Specification of addons/edge/probe.py: how a router is asked, and what is no answer of one."""

import socket
import threading
from collections.abc import Iterator

import pytest

from addons.edge.probe import authority, health, told


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1:9"),
        ("0.0.0.0", "127.0.0.1:9"),
        ("::", "[::1]:9"),
        ("::1", "[::1]:9"),
        ("localhost", "localhost:9"),
    ],
)
def test_where_it_can_be_reached(host: str, expected: str) -> None:
    assert authority(host, 9) == expected


class Answering:
    """Says the same to whoever connects."""

    def __init__(self, said: bytes) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self._said = said
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                client, _ = self.server.accept()
                with client:
                    client.recv(65536)
                    client.sendall(self._said)
        except OSError:
            return  # the test is over


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[Answering]:
    made = Answering(request.param)
    yield made
    made.server.close()


def http(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize("answering", [http("401 Unauthorized", b'{"error": {}}')], indirect=True)
def test_the_status_and_the_object_are_told(answering: Answering) -> None:
    assert told("127.0.0.1", answering.port, "/x") == (401, {"error": {}})


@pytest.mark.parametrize(
    "answering",
    [http("200 OK", b"<html>"), http("200 OK", b"[1]"), b"SSH-2.0\r\n", b"", http("200 OK", b"\xff")],
    indirect=True,
)
def test_what_is_no_answer_of_a_router(answering: Answering) -> None:
    assert health("127.0.0.1", answering.port) is None


def test_one_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert health("127.0.0.1", server.getsockname()[1], timeout=0.1) is None


def test_nobody_answers_for_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert health("127.0.0.1", port) is None
