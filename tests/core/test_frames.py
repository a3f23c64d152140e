"""Specification of addons/core/frames.py: frames are counted as wsproto writes them, wherever they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import events as ws
from wsproto.connection import Connection, ConnectionType
from wsproto.extensions import PerMessageDeflate

from addons.core.frames import FrameCounter, Frames


def counted(data: bytes, *cuts: int) -> Frames:
    counter, ends = FrameCounter(), sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for begin, end in pairwise(ends):
        counter.feed(data[begin:end])
    return counter.counted


def written(*events: ws.Event, client: bool = True) -> bytes:
    connection = Connection(ConnectionType.CLIENT if client else ConnectionType.SERVER)
    return b"".join(connection.send(event) for event in events)


@pytest.mark.parametrize("client", [True, False], ids=["masked", "plain"])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_every_length_is_read(size: int, client: bool) -> None:
    data = written(ws.BytesMessage(b"x" * size), ws.TextMessage("y"), client=client)
    assert counted(data) == Frames(2, 2, size + 1)


def test_fragments_are_one_message_and_control_frames_are_none() -> None:
    pieces = (ws.TextMessage("one", message_finished=False), ws.Ping(b"hey"), ws.TextMessage("two"))
    assert counted(written(*pieces, ws.CloseConnection(1000, "enough"))) == Frames(4, 1, 6)


def test_compression_changes_the_bytes_alone() -> None:
    extension = PerMessageDeflate()
    extension.finalize(extension.offer())
    data = Connection(ConnectionType.CLIENT, [extension]).send(ws.TextMessage("a" * 10_000))
    found = counted(data)
    assert (found.frames, found.messages) == (1, 1) and found.bytes < 100


@given(st.lists(st.binary(max_size=300), max_size=5), st.lists(st.integers(0, 2000), max_size=6))
def test_cuts_change_nothing(messages: list[bytes], cuts: list[int]) -> None:
    data = written(*map(ws.BytesMessage, messages))
    assert counted(data, *cuts) == Frames(len(messages), len(messages), sum(map(len, messages)))


def test_nothing_of_the_content_is_kept() -> None:
    counter = FrameCounter()
    counter.feed(written(ws.BytesMessage(b"canary" * 100), client=False)[:-10])
    assert b"canary" not in repr(vars(counter)).encode()
