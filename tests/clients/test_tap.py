"""The frames of a tool are read as RFC 6455 writes them."""

import json
from typing import Any

import pytest
from clients.tap import Frames
from websockets.frames import Frame, Opcode


def sent(*frames: Frame) -> Frames:
    found = Frames()
    for frame in frames:
        found.raw += frame.serialize(mask=True)
    return found


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_message_of_any_size_is_read(size: int) -> None:
    text = b"x" * size

    assert sent(Frame(Opcode.TEXT, text), Frame(Opcode.TEXT, b"next")).messages() == [text, b"next"]


def test_a_message_in_pieces_is_one() -> None:
    value: Any = {"a": "ü"}
    whole = json.dumps(value, ensure_ascii=False).encode()
    pieces = Frame(Opcode.TEXT, whole[:7], fin=False), Frame(Opcode.PING, b"!"), Frame(Opcode.CONT, whole[7:])

    assert [json.loads(message) for message in sent(*pieces).messages()] == [value]
