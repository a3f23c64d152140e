"""Specification of addons/joined_sends.py."""

from collections.abc import Iterator
from typing import Any

from mitmproxy.proxy import commands, layer
from mitmproxy.test import tflow

from addons.joined_sends import LARGEST, joined

ONE, OTHER = tflow.tclient_conn(), tflow.tclient_conn()


def send(data: bytes, to: Any = ONE) -> commands.SendData:
    return commands.SendData(to, data)


def given(*wanted: commands.Command) -> layer.CommandGenerator[None]:
    yield from wanted


def sent(found: Iterator[commands.Command]) -> list[tuple[object, bytes] | commands.Command]:
    return [(each.connection, each.data) if isinstance(each, commands.SendData) else each for each in found]


def test_what_is_sent_in_a_row_is_one_piece() -> None:
    assert sent(joined(given(send(b"head"), send(b"body"), send(b"end")))) == [(ONE, b"headbodyend")]


def test_what_stands_between_keeps_its_place() -> None:
    close = commands.CloseConnection(ONE)
    found = sent(joined(given(send(b"a"), send(b"b"), close, send(b"c"))))
    assert found == [(ONE, b"ab"), close, (ONE, b"c")]


def test_connections_are_not_mixed() -> None:
    found = sent(joined(given(send(b"a"), send(b"b", OTHER), send(b"c"))))
    assert found == [(ONE, b"a"), (OTHER, b"b"), (ONE, b"c")]


def test_a_large_piece_is_not_copied() -> None:
    large = send(b"x" * LARGEST)
    found = list(joined(given(send(b"head"), large)))
    assert found[1] is large


def test_what_a_command_comes_to_goes_back() -> None:
    heard: list[object] = []

    def asks() -> layer.CommandGenerator[None]:
        heard.append((yield send(b"a")))
        heard.append((yield commands.OpenConnection(ONE)))
        heard.append((yield send(b"b")))

    found = joined(asks())
    assert [type(next(found)), type(next(found))] == [commands.SendData, commands.OpenConnection]
    assert isinstance(found.send("refused"), commands.SendData)
    assert list(found) == []
    assert heard == [None, "refused", None]
