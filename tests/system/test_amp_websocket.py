"""WebSockets between AMP's client and its own server, through a real router process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from harness.process import RouterProcess

ACTOR = "/actors/gateway/threadActor/websocket/?rvt-namespace=default&rvt-key=T-1"
OFFERED = [Subprotocol(name) for name in ("rivet", "rivet_encoding.bare", "rivet_conn_params.%7B%22wsToken%22%3A1%7D")]
SOON = 5.0


class ActorServer:
    """Echoes what it gets, message by message; `close` has it close with 4001."""

    def __init__(self) -> None:
        self.talks: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.ended: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()

    async def talk(self, socket: ServerConnection) -> None:
        await self.talks.put(socket)
        try:
            async for message in socket:
                if message == "close":
                    await socket.close(4001, "as told")
                elif message == "ping":
                    await (await socket.ping(b"are you there"))
                    await socket.send("pong")
                else:
                    await socket.send(message)
        finally:
            await socket.wait_closed()
            await self.ended.put((socket.close_code, socket.close_reason))


@asynccontextmanager
async def acting(*options: str, **more: Any) -> AsyncIterator[tuple[ActorServer, RouterProcess]]:
    actor = ActorServer()
    async with serve(actor.talk, "127.0.0.1", 0, max_size=None, subprotocols=OFFERED[:1], **more) as server:
        port = server.sockets[0].getsockname()[1]
        document = {"version": 2, "amp": {"upstreamUrl": f"http://127.0.0.1:{port}", "upstreamApiKey": "sgamp"}}
        async with RouterProcess(document, *options) as router:
            yield actor, router


@pytest.fixture(scope="module")
async def parts() -> AsyncIterator[tuple[ActorServer, RouterProcess]]:
    async with acting() as made:
        yield made


def opened(router: RouterProcess, **more: Any) -> connect:
    url = router.url.replace("http:", "ws:") + ACTOR
    return connect(url, max_size=None, subprotocols=OFFERED, **more)


async def answer(client: ClientConnection) -> str | bytes:
    return await asyncio.wait_for(client.recv(), SOON)


type Parts = tuple[ActorServer, RouterProcess]


@pytest.mark.parametrize("options", [(), ("--", "-q")], ids=["llr start", "mitmdump"])
async def test_the_two_ends_agree_on_the_handshake(options: tuple[str, ...]) -> None:
    async with acting(*options) as (actor, router), opened(router) as client:
        server = await actor.talks.get()
        assert client.subprotocol == "rivet"
        assert server.request is not None
        assert server.request.path == ACTOR
        assert server.request.headers["sec-websocket-protocol"].split(", ") == OFFERED
        assert server.request.headers["authorization"] == "Bearer sgamp"
        await client.send("hello")
        assert await answer(client) == "hello"


@pytest.mark.parametrize("compression", ["deflate", None])
@pytest.mark.parametrize("message", ["", "text with \N{SNOWMAN}", b"", b"\x00\xff" * 1000, b"b" * (16 * 1024 * 1024)])
async def test_messages_pass_both_ways(parts: Parts, message: str | bytes, compression: str | None) -> None:
    async with opened(parts[1], compression=compression) as client:
        await client.send(message)
        assert await asyncio.wait_for(client.recv(), 20) == message


async def test_fragments_stay_fragments(parts: Parts) -> None:
    actor, router = parts
    while not actor.talks.empty():
        actor.talks.get_nowait()
    async with opened(router, compression=None) as client:
        await client.send(["one ", "two ", "three"])
        assert await answer(client) == "one two three"
        server = await actor.talks.get()
        await server.send(["a", "b"])
        assert [piece async for piece in client.recv_streaming()] == ["a", "b", ""]


async def test_pings_and_pongs_are_for_the_two_ends(parts: Parts) -> None:
    async with opened(parts[1], ping_interval=None) as client:
        await asyncio.wait_for(await client.ping(b"hey"), SOON)
        await client.send("ping")
        assert await answer(client) == "pong"


async def test_the_close_of_the_client_reaches_the_server(parts: Parts) -> None:
    actor, router = parts
    while not actor.ended.empty():
        actor.ended.get_nowait()
    async with opened(router) as client:
        await client.close(4002, "enough")
    assert await asyncio.wait_for(actor.ended.get(), SOON) == (4002, "enough")


async def test_the_close_of_the_server_reaches_the_client(parts: Parts) -> None:
    async with opened(parts[1]) as client:
        await client.send("close")
        with pytest.raises(ConnectionClosed):
            await answer(client)
        assert (client.close_code, client.close_reason) == (4001, "as told")


async def test_a_client_that_vanishes_ends_the_connection_to_the_server(parts: Parts) -> None:
    """Promise 8."""
    actor, router = parts
    while not actor.ended.empty():
        actor.ended.get_nowait()
    async with opened(router) as client:
        await client.send("hello")
        await answer(client)
        client.transport.abort()
        assert (await asyncio.wait_for(actor.ended.get(), SOON))[0] == 1006


async def test_a_server_that_refuses_is_heard() -> None:
    def refuse(connection: ServerConnection, _: object) -> Any:
        return connection.respond(403, "not you\n")

    async with acting(process_request=refuse) as (_, router):
        with pytest.raises(InvalidStatus) as refusal:
            async with opened(router):
                pass
        assert refusal.value.response.status_code == 403
        assert refusal.value.response.body == b"not you\n"


async def test_a_page_of_another_site_opens_none(parts: Parts) -> None:
    """Promise 34."""
    with pytest.raises(InvalidStatus) as refusal:
        async with opened(parts[1], origin="https://evil.example"):
            pass
    assert refusal.value.response.status_code == 403


async def test_an_open_socket_does_not_hold_up_the_end() -> None:
    """Promise 58. It would stay open for ever: AMP's client comes back by itself."""
    async with acting() as (_, router), opened(router) as client:
        await client.send("hello")
        await answer(client)
        router.terminate()
        assert await router.wait(SOON) == 0
        with pytest.raises(ConnectionClosed):
            await answer(client)
