"""Which headers travel to AMP's server, and back."""

import pytest

from addons.amp.onward import Fields, request_fields, response_fields

HOST = (b"Host", b"amp.example")
OWN = (b"Authorization", b"Bearer the-clients-own")


def sent(*fields: tuple[bytes, bytes], key: str | None = None, master_key: str | None = None) -> Fields:
    return request_fields(fields, "amp.example", key, master_key)


def test_what_amp_says_of_itself_travels_as_it_is_written() -> None:
    fields = (
        (b"X-Amp-Client-Version", b"0.0.1"),
        (b"Content-Encoding", b"gzip"),
        (b"Content-Length", b"5"),
        (b"cookie", b"session=1"),
        (b"Accept", b"\xff"),
    )
    assert sent(*fields) == (HOST, *fields)


@pytest.mark.parametrize(
    "name",
    [
        "Host", "X-Api-Key", "X-Goog-Api-Key", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "Via", "CF-Ray",
        "cf-connecting-ip", "Sec-Fetch-Mode", "sec-ch-ua", "X-Real-IP", "Keep-Alive", "TE", "Trailer", "Upgrade",
        "Proxy-Authorization", "Proxy-Connection", "HTTP2-Settings", "x-llm-router-debug",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", [None, "k"])
def test_what_is_not_for_the_server_stays_here(name: str, key: str | None) -> None:
    """Promise 41."""
    assert b"a-value" not in [value for _, value in sent((name.encode(), b"a-value"), key=key)]


def test_the_configured_key_takes_the_place_of_every_credential() -> None:
    """Promise 41."""
    made = sent(OWN, (b"X-API-KEY", b"mine"), key="secret")
    assert made == (HOST, (b"Authorization", b"Bearer secret"), (b"x-api-key", b"secret"))


def test_without_one_the_clients_own_account_is_spoken_to() -> None:
    assert sent(OWN, (b"x-api-key", b"mine")) == (HOST, OWN)


@pytest.mark.parametrize("value", [b"Bearer master", b"bearer  master", b"master"])
def test_the_routers_own_key_never_travels(value: bytes) -> None:
    """Promise 41."""
    assert sent((b"authorization", value), master_key="master") == (HOST,)
    assert sent(OWN, master_key="master") == (HOST, OWN)


def test_what_connection_names_stays_here_but_not_the_framing() -> None:
    made = sent((b"Connection", b"close, X-Hop, content-length"), (b"x-hop", b"1"), (b"Content-Length", b"2"))
    assert made == (HOST, (b"Content-Length", b"2"))


def test_the_handshake_of_a_websocket_is_for_the_two_ends() -> None:
    handshake = (
        (b"Sec-WebSocket-Key", b"x"),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Protocol", b"rivet, rivet_encoding.bare"),
        (b"Sec-WebSocket-Extensions", b"permessage-deflate"),
    )
    made = sent((b"Connection", b"keep-alive, upgrade"), (b"Upgrade", b"WebSocket"), *handshake)
    assert made == (HOST, *handshake, (b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))


def test_an_answer_loses_what_belongs_to_its_connection() -> None:
    kept = ((b"Content-Type", b"text/html"), (b"Set-Cookie", b"a=1"), (b"Location", b"https://elsewhere"))
    lost = ((b"Connection", b"close, x-hop"), (b"X-Hop", b"1"), (b"Keep-Alive", b"5"), (b"x-llm-router-route", b"r"))
    assert response_fields((*kept, *lost), upgraded=False) == kept


def test_an_answer_that_opens_a_websocket_says_so() -> None:
    upgrade = ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))
    assert response_fields(upgrade, upgraded=True) == upgrade
