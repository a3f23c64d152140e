"""The handshake of a WebSocket (RFC 6455 §4.2)."""

import pytest

from addons.core.upgrade import accepted, wanted, without_handshake

# the example of RFC 6455 §1.3
ASKED = {
    "host": "localhost",
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}


def test_the_example_of_the_standard_is_answered_as_there() -> None:
    answered = dict(accepted(ASKED) or ())
    assert answered["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert (answered["upgrade"], answered["connection"]) == ("websocket", "Upgrade")


@pytest.mark.parametrize(
    "other",
    [{"connection": "keep-alive, Upgrade"}, {"upgrade": "WebSocket"}, {"upgrade": "h2c, websocket"}],
)
def test_other_spellings_are_accepted(other: dict[str, str]) -> None:
    assert accepted({**ASKED, **other}) is not None


@pytest.mark.parametrize(
    "other",
    [
        {"connection": "keep-alive"},
        {"upgrade": "h2c"},
        {"sec-websocket-version": "8"},
        {"sec-websocket-key": "c2hvcnQ="},
        {"sec-websocket-key": "not base64!"},
    ],
)
def test_what_is_no_handshake_is_refused(other: dict[str, str]) -> None:
    assert accepted({**ASKED, **other}) is None


@pytest.mark.parametrize("name", ["connection", "upgrade", "sec-websocket-version", "sec-websocket-key"])
def test_no_header_may_be_missing(name: str) -> None:
    assert accepted({key: value for key, value in ASKED.items() if key != name}) is None


def test_extensions_and_subprotocols_are_declined() -> None:
    offered = {"sec-websocket-extensions": "permessage-deflate", "sec-websocket-protocol": "chat"}
    assert accepted({**ASKED, **offered}) == accepted(ASKED)


def test_the_wish_alone_is_seen() -> None:
    assert wanted({"upgrade": "websocket"})
    assert not wanted({"upgrade": "h2c"})
    assert not wanted({})


def test_the_rest_of_the_request_is_an_ordinary_one() -> None:
    more = {"sec-websocket-extensions": "x", "authorization": "Bearer k", "content-length": "0"}
    assert without_handshake({**ASKED, **more}) == {"host": "localhost", "authorization": "Bearer k"}
