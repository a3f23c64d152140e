"""What AMP's client and its own server say to each other through a real router process."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from harness.certificates import Authority
from harness.process import RouterProcess, free_port
from harness.replies import CLOSED, NEVER, RESET, End, Framing, Reply, json_reply, raw_reply, sse
from harness.upstream import FakeUpstream, Received

KEY = "sgamp_upstream"
RPC = "/api/internal?getUserInfo"
USER = b'{"ok":true, "result":{"id":"u", "features":["x", "thread-actors-tui"], "team":null}}'
MEBIBYTE = 1024 * 1024
SOON = 5.0


def config(url: str | None, **amp: object) -> dict[str, Any]:
    provider = {
        "id": "p", "baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "format": "openai", "models": ["m"],
    }  # fmt: skip
    return {"version": 2, "providers": [provider], "amp": {"upstreamUrl": url, "upstreamApiKey": KEY, **amp}}


def unexpected(received: Received) -> Reply:
    return json_reply({"unexpected": received.target}, 500)


class AmpServer(FakeUpstream):
    """AMP's server. `contacted` is set when it is connected to."""

    def __init__(self) -> None:
        super().__init__()
        self.contacted = asyncio.Event()

    def opened(self, connection: Any) -> None:
        super().opened(connection)
        self.contacted.set()

    def forget(self) -> None:
        self.requests.clear()
        self.contacted.clear()
        self._script.clear()
        self.default = unexpected


type Parts = tuple[AmpServer, RouterProcess, httpx.AsyncClient]


@asynccontextmanager
async def passing(*options: str, **amp: object) -> AsyncIterator[Parts]:
    async with (
        AmpServer() as server,
        RouterProcess(config(server.url, **amp), *options) as router,
        httpx.AsyncClient(base_url=router.url, timeout=20) as client,
    ):
        yield server, router, client


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[Parts]:
    async with passing() as parts:
        yield parts


@pytest.fixture
def amp(shared: Parts) -> Parts:
    """A router that several tests use, with a server that has heard nothing yet."""
    shared[0].forget()
    return shared


@pytest.mark.parametrize("options", [(), ("--", "-q")], ids=["llr start", "mitmdump"])
async def test_a_call_goes_to_amps_server_with_the_key_of_the_configuration(options: tuple[str, ...]) -> None:
    """Promise 41."""
    async with passing(*options) as (server, _, client):
        server.script(json_reply({"ok": True, "result": {}}))
        headers = {"authorization": "Bearer mine", "x-goog-api-key": "mine", "x-forwarded-for": "10.0.0.1"}
        answer = await client.post(f"{RPC}&auth_token=mine", json={"method": "getUserInfo"}, headers=headers)

        assert (answer.status_code, answer.json()) == (200, {"ok": True, "result": {}})
        received = await server.request()
        assert (received.method, received.target) == ("POST", RPC)
        assert received.json == {"method": "getUserInfo"}
        assert received.headers["authorization"] == f"Bearer {KEY}"
        assert received.headers["x-api-key"] == KEY
        assert received.headers["host"] == f"127.0.0.1:{server.port}"
        assert "mine" not in str(received.raw_headers) + received.target
        assert not {"x-goog-api-key", "x-forwarded-for", "via", "connection"} & received.headers.keys()


async def test_a_compressed_body_goes_as_it_is(amp: Parts) -> None:
    server, _, client = amp
    server.script(json_reply({"ok": True}))
    body = gzip.compress(b'{"method": "uploadThread"}', mtime=0)
    await client.post("/api/internal?uploadThread", content=body, headers={"content-encoding": "gzip"})

    received = await server.request()
    assert (received.body, received.headers["content-encoding"]) == (body, "gzip")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_for_the_client(amp: Parts, status: int) -> None:
    """Promise 37."""
    server, _, client = amp
    async with FakeUpstream() as elsewhere:
        location = {"location": f"{elsewhere.url}/steal"}
        server.script(raw_reply(b"moved", "text/plain", status, location))
        answer = await client.get("/auth/login")

        assert (answer.status_code, answer.headers["location"]) == (status, f"{elsewhere.url}/steal")
        assert elsewhere.requests == []


HOSTS = [
    "GET http://{evil}/api/internal?getUserInfo HTTP/1.1\r\nhost: {evil}\r\n",
    "GET https://{evil}/threads HTTP/1.1\r\nhost: {evil}\r\n",
    "GET /threads HTTP/1.1\r\nhost: {evil}\r\n",
    "GET /threads HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nhost: {evil}\r\n",
    "GET /threads HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-forwarded-host: {evil}\r\nforwarded: host={evil}\r\n",
    "GET /threads/@{evil}/ HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n",
    "GET /threads//{evil}/x HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n",
    "GET /threads/..//{evil}/x HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n",
    "GET //{evil}/threads HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n",
    "GET /api/user?url=http://{evil}/&host={evil} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n",
]


@pytest.mark.parametrize("head", HOSTS)
async def test_a_client_chooses_neither_host_nor_port(amp: Parts, head: str) -> None:
    """Promise 36. What is not for AMP's server gets an answer of the router's; nothing goes elsewhere."""
    server, router, _ = amp
    server.default = lambda _: json_reply({"from": "amp"})
    async with FakeUpstream(lambda _: json_reply({"from": "evil"})) as evil:
        reader, writer = await asyncio.open_connection("127.0.0.1", router.port)
        writer.write(
            f"{head.format(evil=f'127.0.0.1:{evil.port}', port=router.port)}connection: close\r\n\r\n".encode()
        )
        answer = await asyncio.wait_for(reader.read(), SOON)
        writer.close()

        assert answer.startswith(b"HTTP/1.1 ")
        assert evil.connections == 0
        assert all(each.headers["host"] == f"127.0.0.1:{server.port}" for each in server.requests)


async def test_an_answer_is_given_while_it_comes(amp: Parts) -> None:
    """Promise 7."""
    server, _, client = amp
    gate = asyncio.Event()
    server.script(sse([b"data: one\n\n", b"data: two\n\n"], gates={1: gate}))
    async with client.stream("GET", "/api/threads/T-1/events") as answer:
        pieces = answer.aiter_raw()
        assert await asyncio.wait_for(anext(pieces), SOON) == b"data: one\n\n"
        gate.set()
        assert b"".join([piece async for piece in pieces]) == b"data: two\n\n"


async def test_a_body_goes_up_while_it_comes(amp: Parts) -> None:
    server, router, _ = amp
    reader, writer = await asyncio.open_connection("127.0.0.1", router.port)
    head = f"POST /api/attachments HTTP/1.1\r\nhost: 127.0.0.1:{router.port}\r\ncontent-length: 4\r\n\r\n"
    writer.write(f"{head}12".encode())
    await writer.drain()
    await asyncio.wait_for(server.contacted.wait(), SOON)  # before the body is whole
    server.script(json_reply({"ok": True}))
    writer.write(b"34")
    assert (await asyncio.wait_for(reader.readline(), SOON)).startswith(b"HTTP/1.1 200")
    writer.close()
    assert (await server.request()).body == b"1234"


async def test_large_bodies_pass_in_little_memory(amp: Parts) -> None:
    """Neither way is gathered, and the limit for requests of models does not count."""
    server, router, client = amp
    process = psutil.Process(router.pid)
    before = process.memory_info().rss

    async def upload() -> AsyncIterator[bytes]:
        for _ in range(96):
            yield b"u" * MEBIBYTE

    server.script(raw_reply(b"d" * (96 * MEBIBYTE), "application/octet-stream"))
    size = {"content-length": str(96 * MEBIBYTE)}
    answer = await client.post("/api/attachments", content=upload(), headers=size)

    assert len(answer.content) == len((await server.request()).body) == 96 * MEBIBYTE
    assert process.memory_info().rss - before < 64 * MEBIBYTE


async def test_gzip_that_does_not_say_so_is_marked(amp: Parts) -> None:
    server, _, client = amp
    packed = gzip.compress(b'{"ok": true}')
    server.script(raw_reply(packed, "application/json"))
    answer = await client.get("/api/user")
    assert (answer.headers["content-encoding"], answer.headers["content-length"]) == ("gzip", str(len(packed)))
    assert answer.json() == {"ok": True}


@pytest.mark.parametrize("framing", list(Framing))
async def test_gzip_that_does_not_say_so_is_expanded_for_who_cannot(amp: Parts, framing: Framing) -> None:
    server, _, client = amp
    text = json.dumps({"ok": True, "text": "long " * 50_000}).encode()
    packed = gzip.compress(text)
    pieces = [packed[at : at + 50] for at in range(0, len(packed), 50)]
    server.script(Reply(200, {"content-type": "application/json; charset=utf-8"}, pieces, framing))
    answer = await client.get("/api/user", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == text


@pytest.mark.parametrize(
    ("content_type", "coding"),
    [("application/gzip", {}), ("application/json", {"content-encoding": "gzip"}), ("text/event-stream", {})],
)
async def test_other_gzip_stays_as_it_is(amp: Parts, content_type: str, coding: dict[str, str]) -> None:
    server, _, client = amp
    packed = gzip.compress(b'{"ok": true}')
    server.script(raw_reply(packed, content_type, headers=coding))
    async with client.stream("GET", "/api/threads/T-1.zip") as answer:
        assert b"".join([piece async for piece in answer.aiter_raw()]) == packed
        assert answer.headers.get("content-encoding") == coding.get("content-encoding")


@pytest.mark.parametrize("method", ["HEAD", "GET", "DELETE", "PATCH", "OPTIONS"])
async def test_every_method_passes(amp: Parts, method: str) -> None:
    server, _, client = amp
    server.script(Reply(204, {}, (), Framing.LENGTH), Reply(204, {}, (), Framing.LENGTH))
    for _ in range(2):  # the connection is good for another request
        assert (await client.request(method, "/api/threads/T-1")).status_code == 204
    assert [received.method for received in server.requests] == [method] * 2


async def test_a_body_that_ends_with_its_connection_is_whole(amp: Parts) -> None:
    server, _, client = amp
    server.script(raw_reply(b"to the end", "text/plain", framing=Framing.CLOSE), json_reply({"ok": True}))
    assert (await client.get("/news.rss")).text == "to the end"
    assert (await client.get(RPC)).json() == {"ok": True}


@pytest.mark.parametrize("end", [End.FIN, End.RESET])
async def test_an_answer_that_breaks_does_not_look_whole(amp: Parts, end: End) -> None:
    server, _, client = amp
    server.script(sse([b"data: one\n\n", b"data: two\n\n"], after=1, end=end))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/api/threads/T-1/events")
    server.script(json_reply({"ok": True}))
    assert (await client.get(RPC)).json() == {"ok": True}


@pytest.mark.parametrize("fault", [RESET, CLOSED, Reply(head=False, pieces=[b"SSH-2.0-x\r\n\r\n"])])
@pytest.mark.parametrize("body", [b"", b"x" * 300_000])
async def test_a_server_that_gives_no_answer_is_told_in_json(amp: Parts, fault: Reply, body: bytes) -> None:
    """Promise 64."""
    server, router, _ = amp
    async with httpx.AsyncClient(base_url=router.url) as client:
        server.script(fault)
        answer = await client.post(RPC, content=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["class"]) == (502, "network_error")
        assert error["hint"]
        assert error["request_id"] == answer.headers["x-llm-router-request-id"]
        assert "SSH" not in answer.text

        server.script(json_reply({"ok": True}))
        assert (await client.post(RPC, content=body)).json() == {"ok": True}


@pytest.mark.parametrize("fault", [RESET, CLOSED])
async def test_a_kept_connection_that_the_server_closes_is_not_noticed(amp: Parts, fault: Reply) -> None:
    """Promise 59."""
    server, router, _ = amp
    async with httpx.AsyncClient(base_url=router.url) as client:
        server.script(json_reply({"ok": 1}), fault, json_reply({"ok": 2}))
        assert (await client.post(RPC, json={})).json() == {"ok": 1}
        assert (await client.post(RPC, json={"method": "x"})).json() == {"ok": 2}
        assert [received.body for received in server.requests[1:]] == [b'{"method":"x"}'] * 2


async def test_a_server_that_is_down_is_told_and_found_again() -> None:
    port = free_port()
    async with (
        RouterProcess(config(f"http://127.0.0.1:{port}")) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        for content in (b"", b"{}"):
            answer = await client.post(RPC, content=content)
            assert (answer.status_code, answer.json()["error"]["class"]) == (502, "network_error")
        server = FakeUpstream(lambda _: json_reply({"ok": True}))
        await server.start(port)
        try:
            assert (await client.post(RPC, content=b"{}")).json() == {"ok": True}
        finally:
            await server.stop()


async def test_a_router_that_is_its_own_upstream_says_so() -> None:
    """Promise 39."""
    router = RouterProcess(config(None))
    router.write_config(config(router.url))
    async with router, httpx.AsyncClient(base_url=router.url) as client:
        answer = await client.post(RPC, json={})
        assert answer.status_code == 502
        assert "this router itself" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b'{"method": "getUserInfo"}'])
async def test_without_an_upstream_the_setting_is_named(body: bytes) -> None:
    async with RouterProcess(config("")) as router, httpx.AsyncClient(base_url=router.url) as client:
        answer = await client.post(RPC, content=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["class"]) == (503, "configuration_error")
        assert "amp.upstreamUrl" in error["message"]


async def test_the_routers_key_is_wanted_and_goes_nowhere() -> None:
    """Promise 41."""
    async with FakeUpstream(lambda _: json_reply({"ok": True})) as server:
        document = config(server.url, upstreamApiKey="") | {"masterKey": "master-key-of-the-router"}
        headers = {"authorization": "Bearer master-key-of-the-router"}
        async with (
            RouterProcess(document, "--require-auth") as router,
            httpx.AsyncClient(base_url=router.url) as client,
        ):
            assert (await client.post(RPC, json={})).status_code == 401
            assert server.requests == []
            assert (await client.post(RPC, json={}, headers=headers)).status_code == 200
            assert "master-key" not in str((await server.request()).raw_headers)


async def test_a_page_of_another_site_may_not_use_the_key(amp: Parts) -> None:
    """Promises 34 and 35."""
    server, _, client = amp
    answer = await client.post(RPC, content=b"{}", headers={"origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["error"]["class"]) == (403, "forbidden")
    assert server.requests == []


@pytest.mark.parametrize("framing", list(Framing))
async def test_a_flag_is_stripped_from_the_user_and_nothing_else(framing: Framing) -> None:
    async with passing(stripFeatures=["thread-actors-tui"]) as (server, _, client):
        server.script(raw_reply(USER, "application/json", framing=framing))
        answer = await client.post(RPC, json={})
        expected = USER.replace(b', "thread-actors-tui"', b"")
        assert answer.content == expected
        assert answer.headers["content-length"] == str(len(expected))


async def test_a_flag_is_stripped_from_a_compressed_answer() -> None:
    async with passing(stripFeatures=["thread-actors-tui"]) as (server, _, client):
        server.script(raw_reply(gzip.compress(USER), "application/json", headers={"content-encoding": "gzip"}))
        async with client.stream("POST", RPC, json={}) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert zlib.decompress(raw, 31) == USER.replace(b', "thread-actors-tui"', b"")


async def test_nothing_is_stripped_unless_it_is_configured(amp: Parts) -> None:
    server, _, client = amp
    server.script(raw_reply(USER, "application/json"))
    assert (await client.post(RPC, json={})).content == USER


@pytest.mark.parametrize("answered", [False, True])
async def test_a_client_that_leaves_ends_the_request_to_the_server(amp: Parts, *, answered: bool) -> None:
    """Promise 8."""
    server, router, _ = amp
    server.script(sse([b"data: one\n\n"], end=End.HANG) if answered else NEVER)
    reader, writer = await asyncio.open_connection("127.0.0.1", router.port)
    writer.write(f"GET /api/threads/T-1 HTTP/1.1\r\nhost: 127.0.0.1:{router.port}\r\n\r\n".encode())
    received = await server.request()
    if answered:
        await asyncio.wait_for(reader.readuntil(b"data: one"), SOON)
    writer.close()
    await received.gone(SOON)


async def test_a_running_answer_is_finished_in_the_grace() -> None:
    """Promise 58."""
    async with passing() as (server, router, client):
        gate = asyncio.Event()
        server.script(sse([b"data: one\n\n", b"data: two\n\n"], gates={1: gate}))
        async with client.stream("GET", "/api/threads/T-1/events") as answer:
            pieces = answer.aiter_raw()
            await anext(pieces)
            router.terminate()
            with pytest.raises(TimeoutError):
                await router.wait(0.5)
            gate.set()
            assert b"".join([piece async for piece in pieces]) == b"data: two\n\n"
        assert await router.wait() == 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    yield Authority(tmp_path_factory.mktemp("authority"))


@asynccontextmanager
async def secure(authority: Authority, name: str) -> AsyncIterator[int]:
    """A server over TLS, with a certificate for `name`, that tells what it was asked; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"asked": head.decode().split("\r\n")[0]}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body))
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=authority.server_context(name))
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@pytest.mark.parametrize("options", [(), ("--", "-q")], ids=["llr start", "mitmdump"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_server_over_tls_is_trusted_by_its_authority(
    authority: Authority, host: str, options: tuple[str, ...]
) -> None:
    env = {"SSL_CERT_FILE": str(authority.file)}
    async with (
        secure(authority, host) as port,
        RouterProcess(config(f"https://{host}:{port}/x"), *options, env=env) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        assert (await client.get("/api/user")).json() == {"asked": "GET /x/api/user HTTP/1.1"}


@pytest.mark.parametrize("options", [(), ("--", "--set", "ssl_insecure=true")], ids=["llr start", "mitmdump"])
@pytest.mark.parametrize(("trusted", "name"), [(False, "localhost"), (True, "other.example"), (True, "127.0.0.1")])
async def test_a_server_that_cannot_be_trusted_hears_nothing(
    authority: Authority, *, trusted: bool, name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    env = {"SSL_CERT_FILE": str((authority if trusted else Authority(tmp_path)).file)}
    async with (
        secure(authority, name) as port,
        RouterProcess(config(f"https://localhost:{port}"), *options, env=env) as router,
        httpx.AsyncClient(base_url=router.url) as client,
    ):
        answer = await client.get("/api/user")
        assert answer.status_code == 502
        assert "ertificate" in answer.json()["error"]["message"]
