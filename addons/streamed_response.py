"""The requests in flight: their answers, streams among them, on the way to their clients."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.proxy import layer
from mitmproxy.proxy.layers.http import HttpLayer

from addons.client_connection import connection
from addons.closing import close
from addons.core.http import Handed, Pulse
from addons.core.upgrade import Closing, Upgrade
from addons.edge.tasks import Tasks
from addons.http_layer import LlrStream, Pushed, adopt
from addons.limited_stream import SizeCheck, any_size
from addons.passing_stream import Door, Watched
from addons.pulse import Beats
from addons.websocket_layer import Line

log = logging.getLogger("llr")


class Streams:
    """The requests in flight. One addon a process, shared by the router and the layers."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks
        # Hooks of a request that no addon listens to: answered in the layer, they cost nothing.
        self.unheard: frozenset[str] = frozenset()
        self.check_size: SizeCheck = any_size
        self.door: Door | None = None
        self._by_flow: WeakKeyDictionary[http.HTTPFlow, LlrStream] = WeakKeyDictionary()
        self._active: set[LlrStream] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.retired = False

    def __len__(self) -> int:
        return len(self._active)

    @contextmanager
    def asking(self, flow: http.HTTPFlow) -> Iterator[None]:
        """Around the search for an answer: the task that runs it is cancelled when the client goes away, and that
        cancellation ends here. What is left of the block is skipped then."""
        stream = self._by_flow.get(flow)
        if stream is None:  # a replayed flow: nobody can leave
            yield
            return
        stream.worker = task = asyncio.current_task()
        assert task is not None
        try:
            yield
        except asyncio.CancelledError:
            if not stream.gone or task.uncancel():
                raise
        finally:
            stream.worker = None

    def stream(self, flow: http.HTTPFlow, body: AsyncIterator[bytes], pulse: Pulse | None = None) -> bool:
        """Sends `body` after the head that `flow.response` is, and `pulse` in its silences. The body is closed in
        every case, once this has said True; False says that the flow has no client to stream to."""
        stream = self._by_flow.get(flow)
        if stream is None:
            return False
        stream.body, stream.pulse = body, pulse
        if stream.gone:
            stream.release()
        return True

    def upgrade(self, flow: http.HTTPFlow, reply: Upgrade) -> bool:
        """Makes the connection of `flow` a WebSocket, on which the session of `reply` talks. False when it cannot be
        one: a replayed flow has no client, and HTTP/2 would need RFC 8441, which mitmproxy does not speak."""
        stream = self._by_flow.get(flow)
        if stream is None or flow.request.is_http2 or flow.request.is_http3:
            return False
        flow.response = http.Response.make(reply.status, b"")
        flow.response.headers = http.Headers([(name.encode(), value.encode()) for name, value in reply.headers])
        stream.upgrade = reply
        return True

    def passes(self, flow: http.HTTPFlow) -> bool:
        """Whether mitmproxy itself passes `flow` on."""
        stream = self._by_flow.get(flow)
        return stream is not None and stream.passes

    def pass_on(self, flow: http.HTTPFlow, handed: Handed | None = None) -> bool:
        """Has `flow`, a whole request, passed on by the door, which may refuse it; `handed` hears of it. False when
        there is no door, or no client to answer (a replayed flow)."""
        stream = self._by_flow.get(flow)
        if stream is None or self.door is None:
            return False
        found = self.door.onward(flow)
        if isinstance(found, http.Response):
            flow.response = found
            if handed is not None:
                handed.refused(found.status_code, found.raw_content or b"")
        else:
            if handed is not None and not (isinstance(found, Watched) and found.watch.takes(handed)):
                handed.gone()
            stream.pass_on(found)
        return True

    def retire(self) -> None:
        """Has the WebSockets end as soon as they have answered what they took: they would stay open for ever."""
        self.retired = True
        for stream in self._active:
            if stream.line is not None:
                stream.line.retire()

    async def idle(self, seconds: float) -> bool:
        """Whether every request in flight was finished within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def end_all(self) -> None:
        """Ends the work for every request in flight: a search that went on would ask the next provider."""
        for stream in tuple(self._active):
            stream.release()

    def next_layer(self, data: layer.NextLayer) -> None:
        """Hook: gives each HTTP layer our behaviour. With TLS it is stacked below the TLS layers already."""
        found: Any = data.layer
        while found is not None:
            if type(found) is HttpLayer:
                adopt(found, self)
            found = getattr(found, "child_layer", None)

    def entered(self, stream: LlrStream) -> None:
        """`stream` has a whole request."""
        self._by_flow[stream.flow] = stream
        self._active.add(stream)
        self._idle.clear()

    def left(self, stream: LlrStream) -> None:
        """`stream` needs no more work. May be said more than once."""
        self._active.discard(stream)
        if not self._active:
            self._idle.set()

    async def pump(self, stream: LlrStream, body: AsyncIterator[bytes]) -> None:
        """Feeds `body` to the client, no faster than it reads."""
        client = connection(stream.context.client.id)
        beats = self._beats(stream, client)
        try:
            if client is None:
                return
            ending = Pushed(stream.stream_id, None)
            try:
                beats.quiet()
                async for data in body:
                    if data:
                        beats.busy()
                        await client.server_event(Pushed(stream.stream_id, data))
                        await client.drain_writers()
                        beats.quiet()
            except Exception:  # whatever it was: the client must see that the answer is not whole
                log.exception("the stream for %s broke", stream.flow.request.path.partition("?")[0])
                ending = Pushed(stream.stream_id, None, broken=True)
            beats.stop()
            await client.server_event(ending)
            await client.drain_writers()
        finally:
            beats.stop()
            self.left(stream)
            await close(body)

    def _beats(self, stream: LlrStream, client: Any) -> Beats:
        async def send(data: bytes) -> None:
            await client.server_event(Pushed(stream.stream_id, data))

        return Beats(stream.pulse, send, self.tasks.spawn)

    async def talk(self, stream: LlrStream, line: Line, upgrade: Upgrade) -> None:
        """Runs a session on `line` and closes it."""
        try:
            try:
                closing = await upgrade.session.run(line)
            except Exception:  # whatever it was: the client must not wait for an answer
                log.exception("the WebSocket at %s broke", stream.flow.request.path.partition("?")[0])
                closing = Closing(1011, "the router failed; its log has the details")
            await line.close(closing)
        finally:
            self.left(stream)
