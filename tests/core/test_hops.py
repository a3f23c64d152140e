"""Specification of addons/core/hops.py: which headers are for one connection only."""

import pytest

from addons.core.hops import ONE_CONNECTION, for_one_connection, wants_websocket


def test_what_connection_names_stays_here_too() -> None:
    named = for_one_connection(((b"Connection", b"X-Hop, close"), (b"x-hop", b"1")))
    assert named == ONE_CONNECTION | {b"x-hop", b"close"}


@pytest.mark.parametrize(
    "name", [b"content-length", b"transfer-encoding", b"content-encoding", b"content-type", b"host"]
)
def test_what_frames_a_message_is_not_connections_business(name: bytes) -> None:
    assert name not in for_one_connection(((b"connection", name),))


@pytest.mark.parametrize(("value", "wanted"), [(b"WebSocket", True), (b"h2c, websocket", True), (b"h2c", False)])
def test_a_websocket_is_known_by_its_upgrade(value: bytes, wanted: bool) -> None:
    assert wants_websocket(((b"Upgrade", value),)) is wanted
