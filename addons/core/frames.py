"""Counts the frames of a WebSocket as its bytes go by, and keeps nothing of what they say.

Source: RFC 6455, section 5.2. Lengths are all that is read: masks, compression and close codes are for the two ends.
"""

from dataclasses import dataclass

_FINAL, _CONTROL = 0x80, 0x08
_MASKED, _LENGTH = 0x80, 0x7F
_LONGER = {126: 2, 127: 8}
_MASK_BYTES = 4


@dataclass(frozen=True, slots=True)
class Frames:
    """What one end has sent: `frames` of all kinds, whole `messages`, and the `bytes` of their payloads as they were
    on the wire (without pings, pongs and closes)."""

    frames: int = 0
    messages: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Talk:
    """What went over a WebSocket: `sent` by the client, `received` by it."""

    sent: Frames
    received: Frames


class FrameCounter:
    """One direction."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._payload = 0
        self._frames = self._messages = self._bytes = 0

    @property
    def counted(self) -> Frames:
        return Frames(self._frames, self._messages, self._bytes)

    def feed(self, data: bytes) -> None:
        """The next bytes, cut anywhere."""
        at = 0
        while at < len(data):
            if self._payload:
                passed = min(self._payload, len(data) - at)
                self._payload -= passed
                at += passed
                continue
            wanted = self._wanted()
            self._head += data[at : at + wanted]
            at += wanted
            if not self._wanted():
                self._begin()

    def _wanted(self) -> int:
        """How many bytes the head of a frame still lacks."""
        if len(self._head) < 2:
            return 2 - len(self._head)
        mask = _MASK_BYTES if self._head[1] & _MASKED else 0
        return 2 + _LONGER.get(self._head[1] & _LENGTH, 0) + mask - len(self._head)

    def _begin(self) -> None:
        first, short = self._head[0], self._head[1] & _LENGTH
        longer = _LONGER.get(short, 0)
        self._payload = int.from_bytes(self._head[2 : 2 + longer]) if longer else short
        self._head.clear()
        self._frames += 1
        if not first & _CONTROL:
            self._bytes += self._payload
            self._messages += bool(first & _FINAL)
