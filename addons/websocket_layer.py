"""WebSocket towards a client, as a layer of mitmproxy: there is no server behind it, but a session of ours.

mitmproxy's own WebSocket layer relays between two connections; this one speaks for the far end. wsproto does the
frames; control frames are answered here, whole messages go to the session. It refuses messages beyond a size, and
clients who send faster than they listen.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from wsproto import events as ws
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.frame_protocol import CloseReason

from addons.core.upgrade import Closing

# Messages that wait for the session. It takes them at once, unless the client does not read what it was sent.
WAITING = 8
# How long the client may take to answer our close.
LINGER_SECONDS = 3.0
_OPEN = ConnectionState.OPEN


@dataclass
class Outgoing(events.Event):
    """A text message for the client, or the close that ends the talk."""

    stream_id: int
    what: str | Closing


class Line:
    """The client's end, as the session sees it: a `Socket`. `push` brings an event to the layer and waits until what
    it made has left for the client."""

    def __init__(self, stream_id: int, push: Callable[[Outgoing], Awaitable[None]]) -> None:
        self._stream_id = stream_id
        self._push = push
        self._waiting: deque[str | bytes] = deque()
        self._news = asyncio.Event()
        self._retired = False

    async def receive(self) -> str | bytes | None:
        while not self._retired and not self._waiting:
            self._news.clear()
            await self._news.wait()
        return None if self._retired else self._waiting.popleft()

    async def send(self, text: str) -> None:
        await self._push(Outgoing(self._stream_id, text))

    async def close(self, closing: Closing) -> None:
        """Begins the closing handshake."""
        await self._push(Outgoing(self._stream_id, closing))

    def arrived(self, message: str | bytes) -> bool:
        """Whether there was room for `message`."""
        if len(self._waiting) >= WAITING:
            return False
        self._waiting.append(message)
        self._news.set()
        return True

    def retire(self) -> None:
        """No more messages are taken; the session ends when it has answered what it took."""
        self._retired = True
        self._news.set()


class SocketLayer(layer.Layer):
    """`ended` is called when the client is gone or is not listened to any more; it may be called again."""

    def __init__(self, context: Context, line: Line, max_message: int, ended: Callable[[], None]) -> None:
        super().__init__(context)
        self._line = line
        self._max = max_message
        self._ended = ended
        self._ws = Connection(ConnectionType.SERVER)
        self._pieces: list[str | bytes] = []
        self._size = 0
        self._done = False

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._done:
            return
        match event:
            case events.DataReceived():
                self._ws.receive_data(event.data)
                yield from self._received()
            case events.ConnectionClosed() | events.Wakeup():
                yield from self._finish()
            case Outgoing(what=str(text)):
                if self._ws.state is _OPEN:
                    yield self._sent(ws.TextMessage(text))
            case Outgoing(what=Closing() as closing):
                yield from self._close(closing)
            case _:
                pass

    def _received(self) -> layer.CommandGenerator[None]:
        for event in self._ws.events():
            if isinstance(event, ws.CloseConnection):
                # the client's close, its answer to ours, or wsproto's verdict on bytes that are no frames
                if self._ws.state in (_OPEN, ConnectionState.REMOTE_CLOSING):
                    yield self._sent(event.response())
                yield from self._finish()
                return
            if self._ws.state is not _OPEN:
                continue
            if isinstance(event, ws.Ping):
                yield self._sent(event.response())
            elif isinstance(event, ws.TextMessage | ws.BytesMessage):
                yield from self._message(event)

    def _message(self, event: ws.TextMessage | ws.BytesMessage) -> layer.CommandGenerator[None]:
        piece = bytes(event.data) if isinstance(event, ws.BytesMessage) else event.data
        self._size += len(piece.encode() if isinstance(piece, str) else piece)
        if self._size > self._max:
            yield from self._give_up(Closing(CloseReason.MESSAGE_TOO_BIG, f"a message may have {self._max} bytes"))
            return
        self._pieces.append(piece)
        if event.message_finished:
            pieces, self._pieces, self._size = self._pieces, [], 0
            if not self._line.arrived(_joined(pieces)):
                yield from self._give_up(Closing(CloseReason.POLICY_VIOLATION, "too many messages wait"))

    def _give_up(self, closing: Closing) -> layer.CommandGenerator[None]:
        self._pieces = []
        self._ended()
        yield from self._close(closing)

    def _close(self, closing: Closing) -> layer.CommandGenerator[None]:
        """Sends our close and waits for the client's: cutting the connection at once could take the reason away."""
        if self._ws.state is _OPEN:
            yield self._sent(ws.CloseConnection(closing.code, closing.reason))
            yield commands.RequestWakeup(LINGER_SECONDS)

    def _finish(self) -> layer.CommandGenerator[None]:
        self._done = True
        self._ended()
        yield commands.CloseConnection(self.context.client)

    def _sent(self, event: ws.Event) -> commands.SendData:
        return commands.SendData(self.context.client, self._ws.send(event))


def _joined(pieces: list[str | bytes]) -> str | bytes:
    """One message; its pieces are of one kind."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    return "".join(texts) if texts else b"".join(piece for piece in pieces if isinstance(piece, bytes))
