"""The Responses API over WebSocket, on top of the engine that answers it over HTTP.

Each `response.create` becomes a `POST` to the engine, each event of its stream a frame. Later frames name the previous
response and bring new items only: what the engine does not keep (a prewarm, `store: false`) is remembered here, for as
long as the connection lasts.
What it refuses to do: run two responses at once, or guess a conversation that it has not seen.
"""

import asyncio
import math
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from addons.closing import close
from addons.core import jsonio, response_frames, upgrade
from addons.core.errors import RemoteDataError
from addons.core.http import Ask, Reply
from addons.core.response_ending import Ending
from addons.core.response_frames import Create, FrameError
from addons.core.response_store import Item, ResponseStore, input_items
from addons.core.sse import SseEvent, SseParser
from addons.core.upgrade import Closing, Socket, Upgrade

# An hour, but for the minute after which mitmproxy would cut the connection without a word.
IDLE_SECONDS = 3540.0
# What one connection may remember. Beyond it the client is told that its response is unknown, and sends everything.
MEMORY = 64 * 1024 * 1024

NORMAL, GOING_AWAY = 1000, 1001

_DONE = b"[DONE]"

type Engine = Callable[[Ask], Awaitable[Reply]]


def open_socket(ask: Ask, engine: Engine, kept: ResponseStore, max_message: int, refusal: Reply) -> Reply:
    """The answer to an upgrade request: an `Upgrade`, or `refusal` when its handshake is not one. `kept` is what the
    engine itself knows of conversations."""
    headers = upgrade.accepted(ask.headers)
    if headers is None:
        return refusal
    return Upgrade(101, headers, session=ResponsesSocket(ask, engine, kept), max_message=max_message, refusal=refusal)


class ResponsesSocket:
    """One connection. `ask` is its upgrade request: path, query and headers of every request to the engine. `kept` is
    the engine's store, `store` the connection's own."""

    def __init__(
        self,
        ask: Ask,
        engine: Engine,
        kept: ResponseStore,
        *,
        idle: float = IDLE_SECONDS,
        store: ResponseStore | None = None,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: f"resp_{uuid.uuid4().hex}",
    ) -> None:
        self._path, self._query = ask.path, ask.query
        headers = response_frames.without_beta(upgrade.without_handshake(ask.headers))
        self._headers = {**headers, "content-type": "application/json", "accept": "text/event-stream"}
        self._engine = engine
        self._kept = kept
        self._idle = idle
        self._store = ResponseStore(math.inf, MEMORY, time.monotonic) if store is None else store
        self._clock = clock
        self._new_id = new_id
        self._running: Create | None = None

    async def run(self, socket: Socket) -> Closing:
        """Serves until the client is silent for too long, or the router ends. Cancelled when the client leaves."""
        async with asyncio.TaskGroup() as group:  # leaving it waits for the response that runs
            while True:
                try:
                    async with asyncio.timeout(self._idle):
                        message = await socket.receive()
                except TimeoutError:
                    if self._running is None:
                        await socket.send(_TOO_LONG)
                        return Closing(NORMAL, "idle")
                    continue
                if message is None:
                    return Closing(GOING_AWAY, "the router ends")
                create = await self._read(message, socket)
                if create is not None:
                    self._running = create
                    group.create_task(self._answer(create, socket), name="a response over WebSocket")

    async def _read(self, message: str | bytes, socket: Socket) -> Create | None:
        """The request of a frame that is to be answered; complains about all others."""
        try:
            create = response_frames.read(message)
            if create is not None and self._running is not None:
                raise FrameError("another response is running on this connection", code="response_in_progress")
        except FrameError as error:
            await socket.send(response_frames.complaint(error))
            return None
        return create

    async def _answer(self, create: Create, socket: Socket) -> None:
        try:
            async with aclosing(self._frames(create)) as frames:
                async for frame, last in frames:
                    if last:  # before it is sent: the client's next frame may come at once
                        self._over(create)
                    await socket.send(frame)
        finally:
            self._over(create)

    def _over(self, create: Create) -> None:
        if self._running is create:
            self._running = None

    async def _frames(self, create: Create) -> AsyncGenerator[tuple[str, bool]]:
        """The frames of an answer, each with whether it is the last one."""
        try:
            body, asked = self._continued(create)
        except FrameError as error:
            yield response_frames.complaint(error, create.lane), True
            return
        if not create.generate:
            name = self._new_id()
            self._store.remember(name, asked or [], [])
            first, last = response_frames.warmed(create, name, self._clock())
            yield first, False
            yield last, True
            return
        data = jsonio.dumps({**body, "stream": True})
        reply = await self._engine(Ask("POST", self._path, self._query, self._headers, data))
        if reply.status >= 400 and isinstance(reply.body, bytes):
            yield response_frames.refused(reply.status, reply.headers, reply.body, create.lane), True
            return
        async with aclosing(self._events(reply, asked, create.lane)) as frames:
            async for frame in frames:
                yield frame

    def _continued(self, create: Create) -> tuple[Mapping[str, Any], list[Item] | None]:
        """What the engine is asked, and the whole conversation; None for one that only a provider may know. Raises
        FrameError when nobody can know it."""
        body = self._store.expanded(create.body)
        whole = self._kept.expanded(body)
        previous = whole.get("previous_response_id")
        if not previous:
            known = bool(body.get("previous_response_id"))  # the engine puts it in place itself
            return body if known else _unlinked(body), input_items(whole.get("input"))
        if create.generate and body.get("store") is not False:
            return body, None
        message = f"Previous response with id '{previous}' not found."
        raise FrameError(message, code="previous_response_not_found", param="previous_response_id")

    async def _events(
        self, reply: Reply, asked: list[Item] | None, lane: str | None
    ) -> AsyncGenerator[tuple[str, bool]]:
        answer = Ending()
        async with aclosing(_sse(reply.body)) as events:
            async for event in events:
                if event.data == _DONE or answer.ended:
                    continue
                noted = answer.note(event)
                if answer.id is not None and asked is not None and self._kept.items(answer.id) is None:
                    self._store.remember(answer.id, asked, answer.output)
                if noted.get("type") == "error":
                    yield response_frames.failure_frame(noted, lane), True
                else:
                    yield response_frames.event_frame(event.data, lane), answer.ended
        if not answer.ended:
            yield response_frames.error_frame(502, _CUT, lane=lane), True


def _unlinked(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """`body` without the name of a response: what it stands for is in the body, or it was none."""
    return {name: value for name, value in body.items() if name != "previous_response_id"}


_CUT = {"type": "server_error", "code": "upstream_truncated", "message": "the answer ended before its last event"}
_TOO_LONG = response_frames.error_frame(
    400,
    {
        "type": "invalid_request_error",
        "code": "websocket_connection_limit_reached",  # what Codex answers with a new connection
        "message": "This connection was idle for too long. Open a new one to continue.",
    },
)


async def _sse(body: bytes | AsyncIterator[bytes]) -> AsyncGenerator[SseEvent]:
    """The events of a body, which is closed in every case."""
    parser = SseParser()
    if isinstance(body, bytes):
        for event in [*parser.feed(body), *parser.finish()]:
            yield event
        return
    try:
        async for data in body:
            for event in parser.feed(data):
                yield event
        for event in parser.finish():
            yield event
    except RemoteDataError:
        return
    finally:
        await close(body)
