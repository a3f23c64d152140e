"""Who may speak to a real `llr start`, and what bytes are one request: raw sockets, so that nothing tidies them up."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest

from harness.process import RouterProcess
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

SOON = 10.0
ASKED = json.dumps({"model": "p/m", "messages": [{"role": "user", "content": "hi"}]})
SMUGGLED = "POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n{body}"
ANSWER = {
    "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
}  # fmt: skip


def _answered(_: Received) -> Reply:
    return json_reply(ANSWER)


@dataclass
class Parts:
    upstream: FakeUpstream
    router: RouterProcess

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.router.port}"

    async def send(self, head: str, body: str = "") -> bytes:
        """All that comes back for `head` and `body`, in which `{host}` stands for the router's own name."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.router.port)
        try:
            writer.write(head.replace("{host}", self.host).encode("latin-1") + body.encode("latin-1"))
            return await asyncio.wait_for(reader.read(), SOON)
        finally:
            writer.close()

    async def post(self, lines: str, *, host: str = "Host: {host}\r\n", target: str = "/v1/chat/completions") -> bytes:
        """A request with the further header `lines`."""
        size = f"Content-Length: {len(ASKED)}\r\n"
        return await self.send(f"POST {target} HTTP/1.1\r\n{host}{size}{lines}\r\n", ASKED)


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Parts]:
    async with FakeUpstream(_answered) as upstream:
        provider = {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "k", "format": "openai", "models": ["m"]}
        # AMP's server is the same fake: what is passed on would be seen
        config = {"version": 2, "providers": [provider], "amp": {"upstreamUrl": upstream.url}}
        async with RouterProcess(config, env={"LLM_ROUTER_ALLOWED_HOSTS": "llr.example.com"}) as router:
            yield Parts(upstream, router)


@pytest.fixture
def parts(running: Parts) -> Parts:
    running.upstream.requests.clear()
    return running


def statuses(answer: bytes) -> list[int]:
    """The status of every answer on one connection."""
    pieces = answer.split(b"HTTP/1.1 ")
    return [int(piece[:3]) for piece in pieces[1:]]


def refused(parts: Parts, answer: bytes, status: int) -> None:
    """`answer` is one refusal in JSON, and nobody else has heard of the request."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert statuses(answer) == [status]
    assert b"access-control-" not in head.lower()
    assert b"connection: close" in head.lower()
    assert b"x-llm-router-request-id: req_" in head.lower()
    assert json.loads(body)["error"]["message"]
    assert parts.upstream.requests == []


async def test_a_plain_client_is_answered(parts: Parts) -> None:
    assert statuses(await parts.post("Connection: close\r\n")) == [200]
    assert len(parts.upstream.requests) == 1


HOSTS = [
    "",
    "Host:\r\n",
    "Host: evil.example\r\n",
    "Host: 127.0.0.1.evil.com\r\n",
    "Host: localhost:1\r\n",
    "Host: 127.0.0.1/x?\r\n",
    "Host: user@{host}\r\n",
    "Host: {host}\r\nHost: evil.example\r\n",
    "Host: evil.example\r\nHost: {host}\r\n",
    "Host: {host}\r\nHost: {host}\r\n",
]


@pytest.mark.parametrize("target", ["/v1/chat/completions", "/health", "/api/threads", "/v1/responses", "/nothing"])
@pytest.mark.parametrize("host", HOSTS)
async def test_another_name_reaches_nothing(parts: Parts, host: str, target: str) -> None:
    """Promise 33."""
    refused(parts, await parts.post("", host=host, target=target), 421)


@pytest.mark.parametrize("target", ["http://evil.example/v1/chat/completions", "http://{host}/v1/chat/completions"])
async def test_the_request_line_names_no_host(parts: Parts, target: str) -> None:
    """Promise 33."""
    refused(parts, await parts.post("", target=target), 421)


async def test_a_configured_name_is_let_in(parts: Parts) -> None:
    assert statuses(await parts.post("Connection: close\r\n", host="Host: LLR.example.com\r\n")) == [200]


@pytest.mark.parametrize("target", ["/v1/chat/completions", "/api/threads", "/v1/messages", "/nothing"])
@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost:1"])
async def test_a_page_of_another_origin_reaches_nothing(parts: Parts, origin: str, target: str) -> None:
    """Promise 34."""
    refused(parts, await parts.post(f"Origin: {origin}\r\n", target=target), 403)


async def test_a_preflight_gets_nothing_that_would_allow_the_request(parts: Parts) -> None:
    """Promise 34."""
    head = "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAccess-Control-Request-Method: POST\r\n"
    refused(parts, await parts.send(f"{head}Origin: https://evil.example\r\n\r\n"), 403)
    refused(parts, await parts.send(f"{head}Access-Control-Request-Private-Network: true\r\n\r\n"), 403)


async def test_a_page_of_another_site_changes_nothing(parts: Parts) -> None:
    """Promise 35."""
    refused(parts, await parts.post("Sec-Fetch-Site: cross-site\r\n"), 403)
    refused(parts, await parts.post("Sec-Fetch-Site: same-site\r\n", target="/api/threads"), 403)
    refused(parts, await parts.post("Content-Type: text/plain\r\n"), 415)


UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.parametrize("target", ["/v1/responses", "/actors/x"])
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("Host: {host}\r\nOrigin: https://evil.example\r\n", 403),
        ("Host: {host}\r\nOrigin: null\r\n", 403),
        ("Host: {host}\r\nSec-Fetch-Site: cross-site\r\n", 403),
        ("Host: evil.example\r\n", 421),
    ],
)
async def test_a_page_opens_no_websocket(parts: Parts, target: str, lines: str, status: int) -> None:
    """Promises 33 to 35: browsers do not keep WebSockets to one origin."""
    refused(parts, await parts.send(f"GET {target} HTTP/1.1\r\n{lines}{UPGRADE}\r\n"), status)


async def test_a_refusal_is_in_the_clients_dialect(parts: Parts) -> None:
    async with httpx.AsyncClient(base_url=parts.router.url, headers={"origin": "null"}) as http:
        claude = (await http.post("/v1/messages", json={})).json()
        gemini = (await http.post("/v1beta/models/m:generateContent", json={})).json()
        chat = (await http.post("/v1/chat/completions", json={})).json()
    assert (claude["type"], gemini["error"]["code"], chat["error"]["message"]) == (
        "error", 403, claude["error"]["message"],
    )  # fmt: skip


async def test_no_answer_allows_other_origins_to_read(parts: Parts) -> None:
    """Promise 34, for what servers say too."""
    allowing = {"access-control-allow-origin": "*", "access-control-allow-credentials": "true"}
    parts.upstream.script(*(replace(json_reply(ANSWER), headers=allowing | {"content-type": "application/json"}),) * 2)
    for target in ("/v1/chat/completions", "/api/threads", "/health", "/nothing"):
        answer = await parts.post(f"Connection: close\r\nOrigin: http://{parts.host}\r\n", target=target)
        assert len(statuses(answer)) == 1
        assert b"access-control-" not in answer.lower()


def second(host: str) -> str:
    return SMUGGLED.format(host=host, size=len(ASKED), body=ASKED)


POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
LENGTH = f"Content-Length: {len(ASKED)}\r\n"
CHUNKS = f"{len(ASKED):x}\r\n{ASKED}\r\n0\r\n\r\n"

# What one reading takes for one request and another for two: always with a second request where that reading sees one.
SMUGGLING = {
    "CL.TE": f"{POST}Content-Length: 5\r\n{CHUNKED}\r\n0\r\n\r\n{{second}}",
    "TE.CL": f"{POST}{CHUNKED}Content-Length: 4\r\n\r\n{CHUNKS}{{second}}",
    "TE twice": f"{POST}{CHUNKED}Transfer-Encoding: identity\r\n\r\n{CHUNKS}{{second}}",
    "TE twice the same": f"{POST}{CHUNKED}{CHUNKED}\r\n{CHUNKS}{{second}}",
    "TE with a tab": f"{POST}Transfer-Encoding:\tchunked\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "TE xchunked": f"{POST}Transfer-Encoding: xchunked\r\n\r\n{CHUNKS}{{second}}",
    "TE chunked, identity": f"{POST}Transfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}{{second}}",
    "TE chunked;q=1": f"{POST}Transfer-Encoding: chunked;q=1\r\n\r\n{CHUNKS}{{second}}",
    "TE in quotes": f'{POST}Transfer-Encoding: "chunked"\r\n\r\n{CHUNKS}{{second}}',
    "TE with a vertical tab": f"{POST}Transfer-Encoding: \x0bchunked\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "TE folded": f"{POST}Transfer-Encoding:\r\n chunked\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "TE under HTTP/1.0": f"{POST.replace('1.1', '1.0')}{CHUNKED}\r\n{CHUNKS}{{second}}",
    "TE with a long s": f"{POST}Tran\xc5\xbffer-Encoding: chunked\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "space before the colon of TE": f"{POST}Transfer-Encoding : chunked\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "space before the colon of CL": f"{POST}Content-Length : 0\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "space before a name": f"{POST} Content-Length: 0\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "two CL": f"{POST}Content-Length: 0\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "two CL the same": f"{POST}{LENGTH}{LENGTH}\r\n{ASKED}{{second}}",
    "CL list": f"{POST}Content-Length: {len(ASKED)}, {len(ASKED)}\r\n\r\n{ASKED}{{second}}",
    "CL signed": f"{POST}Content-Length: +{len(ASKED)}\r\n\r\n{ASKED}{{second}}",
    "CL negative": f"{POST}Content-Length: -1\r\n\r\n{ASKED}{{second}}",
    "CL hexadecimal": f"{POST}Content-Length: 0x{len(ASKED):x}\r\n\r\n{ASKED}{{second}}",
    "CL with zeros before": f"{POST}Content-Length: 00{len(ASKED)}\r\n\r\n{ASKED}{{second}}",
    "CL with an underscore": f"{POST}Content-Length: 1_0\r\n\r\n{ASKED}{{second}}",
    "CL in other digits": f"{POST}Content-Length: \xb9\xb2\r\n\r\n{ASKED}{{second}}",
    "CL empty": f"{POST}Content-Length:\r\n\r\n{{second}}",
    "CL with a space inside": f"{POST}Content-Length: 1 0\r\n\r\n{ASKED}{{second}}",
    "obs-fold": f"{POST}X-A: one\r\n two\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "obs-fold of CL": f"{POST}Content-Length: 0\r\n 0\r\n\r\n{ASKED}{{second}}",
    "bare CR in a value": f"{POST}X-A: one\rContent-Length: 0\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "NUL in a value": f"{POST}X-A: one\0two\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "NUL in a name": f"{POST}X\0A: one\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "no colon": f"{POST}X-A\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "no name": f"{POST}: x\r\n{LENGTH}\r\n{ASKED}{{second}}",
    "chunk size signed": f"{POST}{CHUNKED}\r\n+{CHUNKS}{{second}}",
    "chunk size with 0x": f"{POST}{CHUNKED}\r\n0x{CHUNKS}{{second}}",
    "chunk size negative": f"{POST}{CHUNKED}\r\n-1\r\n{CHUNKS}{{second}}",
    "chunk size with an underscore": f"{POST}{CHUNKED}\r\n0_{CHUNKS}{{second}}",
    "chunk longer than its size": f"{POST}{CHUNKED}\r\n1\r\n{ASKED}\r\n0\r\n\r\n{{second}}",
    "version of nobody": f"{POST.replace('HTTP/1.1', 'HTTP/9.9x')}{LENGTH}\r\n{ASKED}{{second}}",
    "HTTP/2.0 in lines": f"{POST.replace('HTTP/1.1', 'HTTP/2.0')}{LENGTH}\r\n{ASKED}{{second}}",
    "HTTP/9.9 in lines": f"{POST.replace('HTTP/1.1', 'HTTP/9.9')}{LENGTH}\r\n{ASKED}{{second}}",
    "request line of four words": f"{POST.replace(' HTTP', ' x HTTP')}{LENGTH}\r\n{ASKED}{{second}}",
}


@pytest.mark.parametrize("sent", SMUGGLING.values(), ids=SMUGGLING)
async def test_doubtful_framing_is_refused_and_ends_the_connection(parts: Parts, sent: str) -> None:
    """Promise 42: what follows is never taken for a request."""
    answer = await parts.send(sent.replace("{second}", second("{host}")))
    assert parts.upstream.requests == []
    # a body that breaks off its framing is cut off without a word
    assert len(statuses(answer)) <= 1
    assert all(400 <= status < 500 or status == 505 for status in statuses(answer))


# What is read in one way only, whoever reads it: one request, and nothing of it left for a second.
NORMALISED = {
    "chunk extension": f"{POST}{CHUNKED}Connection: close\r\n\r\n{len(ASKED):x};a=b\r\n{ASKED}\r\n0\r\n\r\n{{second}}",
    "bare LF": f"{POST}{LENGTH}Connection: close\r\n\r\n".replace("\r\n", "\n") + ASKED + "{second}",
    "TE in capitals": f"{POST}{CHUNKED.upper()}Connection: close\r\n\r\n{CHUNKS}{{second}}",
    "chunk size with zeros before": f"{POST}{CHUNKED}Connection: close\r\n\r\n000{CHUNKS}{{second}}",
    "trailers": f"{POST}{CHUNKED}Connection: close\r\n\r\n{CHUNKS[:-2]}Host: evil.example\r\n\r\n{{second}}",
    "trailers that frame": f"{POST}{CHUNKED}Connection: close\r\n\r\n{CHUNKS[:-2]}Content-Length: 9\r\n\r\n{{second}}",
    "blank line before": f"\r\n{POST}{LENGTH}Connection: close\r\n\r\n{ASKED}{{second}}",
}


@pytest.mark.parametrize("sent", NORMALISED.values(), ids=NORMALISED)
async def test_odd_framing_with_one_meaning_is_one_request(parts: Parts, sent: str) -> None:
    """Promise 42."""
    answer = await parts.send(sent.replace("{second}", second("{host}")))
    assert statuses(answer) == [200]
    (received,) = parts.upstream.requests
    assert received.json["messages"] == json.loads(ASKED)["messages"]
    assert received.headers["host"] == f"127.0.0.1:{parts.upstream.port}"


# What mitmproxy alone would wait for without end.
ENDLESS = {
    "two blank lines before": f"\r\n\r\n{POST}{LENGTH}\r\n{ASKED}{{second}}",
    "a bare LF before": f"\n{POST}{LENGTH}\r\n{ASKED}{{second}}",
    "a bare CR before": f"\r{POST}{LENGTH}\r\n{ASKED}{{second}}",
    "trailers that are none": f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}no colon\r\n\r\n{{second}}",
    "a trailer with a space before its colon": f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}X-A : b\r\n\r\n{{second}}",
    "a trailer with a bare CR": f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}X-A: b\rc\r\n\r\n{{second}}",
    "a trailer with a NUL": f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}X-A: b\0c\r\n\r\n{{second}}",
    "trailers without end": f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}X-A: {'a' * 70_000}",
    "a chunk's size without end": f"{POST}{CHUNKED}\r\n{'0' * 70_000}",
}


@pytest.mark.parametrize("sent", ENDLESS.values(), ids=ENDLESS)
async def test_what_breaks_the_framing_is_told_and_ends_the_connection(parts: Parts, sent: str) -> None:
    """Promise 42: a 400, and no waiting."""
    answer = await parts.send(sent.replace("{second}", second("{host}")))
    assert statuses(answer) == [400]
    assert parts.upstream.requests == []


@pytest.mark.parametrize("cut", range(1, 14))
async def test_trailers_may_come_in_pieces(parts: Parts, cut: int) -> None:
    """Promise 42: they are dropped, and what follows them is the next request."""
    whole = f"{POST}{CHUNKED}\r\n{CHUNKS[:-2]}Host: evil.example\r\n\r\n".replace("{host}", parts.host).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.router.port)
    writer.write(whole[:-cut])
    await writer.drain()
    assert statuses(await parts.post("Connection: close\r\n")) == [200]  # the first half has been read by now
    writer.write(whole[-cut:] + second(parts.host).encode())
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200")
    writer.close()
    assert parts.upstream.requests[1].headers["host"] == f"127.0.0.1:{parts.upstream.port}"
