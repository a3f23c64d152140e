"""A session of the Responses API over WebSocket, with an engine and a client in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai.types.responses import ResponsesServerEvent
from pydantic import TypeAdapter

from addons.core.http import Ask, Reply
from addons.core.model import DialectName
from addons.core.response_store import ResponseStore
from addons.core.upgrade import Closing, Upgrade
from addons.responses_socket import ResponsesSocket, open_socket
from harness import answers
from harness.answers import Call, Said

RESPONSES = DialectName.RESPONSES
HELLO = answers.stream(RESPONSES, Said("Hello"))
NOTHING = ResponseStore(0.0, 0, lambda: 0.0)  # what an engine knows that keeps nothing
ASKED = {
    "host": "localhost",
    "authorization": "Bearer k",
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    "openai-beta": "responses_websockets=2026-02-06, other=1",
}

type Frame = dict[str, Any]
type Answer = list[bytes | asyncio.Event] | Reply


class Body:
    """A streamed body; `closed` once it was closed."""

    def __init__(self, pieces: list[bytes | asyncio.Event]) -> None:
        self._pieces = pieces
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while self._pieces:
            piece = self._pieces.pop(0)
            if isinstance(piece, bytes):
                return piece
            await piece.wait()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


class Engine:
    """Answers from a script and keeps what it was asked. A bare list is a stream."""

    def __init__(self, *script: Answer) -> None:
        self._script = list(script)
        self.asks: list[Ask] = []
        self.bodies: list[Body] = []

    async def __call__(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        answer = self._script.pop(0)
        if isinstance(answer, Reply):
            return answer
        self.bodies.append(Body(list(answer)))
        return Reply(200, (("content-type", "text/event-stream"),), self.bodies[-1])

    @property
    def sent(self) -> list[Frame]:
        return [json.loads(ask.body) for ask in self.asks]


class Client:
    """The other end of the session: a `Socket` with a client's verbs."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self.closing: Closing | None = None
        self.task: asyncio.Task[None] | None = None

    async def receive(self) -> str | bytes | None:
        return await self._inbox.get()

    async def send(self, text: str) -> None:
        self._outbox.put_nowait(text)

    def says(self, message: str | bytes | None) -> None:
        self._inbox.put_nowait(message)

    def create(self, given: object, **more: object) -> None:
        self.says(json.dumps({"type": "response.create", "model": "m", "input": given, **more}))

    async def reads(self) -> Frame:
        frame = json.loads(await asyncio.wait_for(self._outbox.get(), 5))
        assert isinstance(frame, dict)
        return frame

    async def reads_answer(self) -> list[Frame]:
        frames = [await self.reads()]
        while frames[-1]["type"] not in ("response.completed", "response.incomplete", "response.failed", "error"):
            frames.append(await self.reads())
        return frames

    async def reads_end(self) -> Frame:
        return (await self.reads_answer())[-1]

    async def ended(self) -> Closing:
        assert self.task is not None
        await asyncio.wait_for(self.task, 5)
        assert self.closing is not None
        return self.closing


def start(engine: Engine, **options: Any) -> Client:
    """A session with `engine`, running."""
    client = Client()
    kept = options.pop("kept", NOTHING)
    session = ResponsesSocket(Ask("GET", "/v1/responses", "a=b", ASKED), engine, kept, clock=lambda: 1000.5, **options)

    async def run() -> None:
        client.closing = await session.run(client)

    client.task = asyncio.get_running_loop().create_task(run(), name="session")
    return client


@pytest.fixture(autouse=True)
async def no_session_outlives_its_test() -> AsyncIterator[None]:
    yield
    left = [task for task in asyncio.all_tasks() if task.get_name() == "session"]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def user(text: str) -> Frame:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def events(stream: list[bytes]) -> list[Frame]:
    return [json.loads(block.decode().split("data: ", 1)[1]) for block in stream]


async def test_a_frame_is_asked_as_a_post() -> None:
    engine = Engine(HELLO)
    client = start(engine)
    client.create([user("hi")], tools=[], store=False)
    await client.reads_answer()
    (ask,) = engine.asks
    assert (ask.method, ask.path, ask.query) == ("POST", "/v1/responses", "a=b")
    assert engine.sent == [{"model": "m", "input": [user("hi")], "tools": [], "store": False, "stream": True}]


async def test_the_headers_of_the_upgrade_are_sent_but_for_its_own() -> None:
    engine = Engine(HELLO)
    client = start(engine)
    client.create("hi")
    await client.reads_answer()
    assert engine.asks[0].headers == {
        "host": "localhost",
        "authorization": "Bearer k",
        "openai-beta": "other=1",
        "content-type": "application/json",
        "accept": "text/event-stream",
    }


async def test_what_belongs_to_the_transport_is_not_asked() -> None:
    engine = Engine(HELLO)
    client = start(engine)
    client.create("hi", generate=True, stream_id="x", background=True, stream=False)
    await client.reads_answer()
    assert engine.sent == [{"model": "m", "input": "hi", "stream": True}]


async def test_each_event_is_a_frame() -> None:
    client = start(Engine(HELLO))
    client.create("hi")
    assert await client.reads_answer() == events(HELLO)


async def test_a_whole_body_of_events_is_taken_too() -> None:
    client = start(Engine(Reply(200, (("content-type", "text/event-stream"),), b"".join(HELLO))))
    client.create("hi")
    assert await client.reads_answer() == events(HELLO)


async def test_the_mark_of_other_dialects_is_no_frame() -> None:
    """Some gateways end every stream with it."""
    client = start(Engine([*HELLO, b"data: [DONE]\n\n"], HELLO))
    client.create("hi")
    await client.reads_answer()
    client.create("again")
    assert (await client.reads())["type"] == "response.created"


async def test_a_lane_is_echoed_in_every_frame() -> None:
    client = start(Engine(HELLO))
    client.create("hi", stream_id="left")
    frames = await client.reads_answer()
    assert frames == [{"stream_id": "left", **event} for event in events(HELLO)]


async def test_a_prewarm_asks_nobody_and_completes() -> None:
    engine = Engine()
    client = start(engine, new_id=lambda: "resp_warm")
    client.create([user("hi")], generate=False, instructions="be brief")
    created, completed = await client.reads(), await client.reads()
    assert (created["type"], completed["type"]) == ("response.created", "response.completed")
    assert created["response"]["status"] == "in_progress"
    response = completed["response"]
    assert (response["id"], response["status"], response["output"]) == ("resp_warm", "completed", [])
    assert response["usage"]["total_tokens"] == 0
    assert engine.asks == []


async def test_the_frames_of_a_prewarm_and_of_errors_are_what_the_sdk_expects() -> None:
    """The oracle: the SDK's union of everything that a server may send."""
    client = start(Engine())
    client.create([user("hi")], generate=False)
    client.says("nonsense")
    adapter: TypeAdapter[Any] = TypeAdapter(ResponsesServerEvent)
    for _ in range(3):
        frame = await client.reads()
        assert adapter.validate_python(frame).type == frame["type"]


async def test_after_a_prewarm_new_items_are_enough() -> None:
    engine = Engine(HELLO)
    client = start(engine, new_id=lambda: "resp_warm")
    client.create([user("hi")], generate=False)
    await client.reads_end()
    client.create([user("more")], previous_response_id="resp_warm")
    await client.reads_end()
    assert engine.sent == [{"model": "m", "input": [user("hi"), user("more")], "stream": True}]


async def test_a_prewarm_can_follow_a_response() -> None:
    engine = Engine(HELLO)
    client = start(engine, new_id=iter(["resp_a", "resp_b"]).__next__)
    client.create([user("one")], generate=False)
    await client.reads_end()
    client.create([user("two")], generate=False, previous_response_id="resp_a")
    await client.reads_end()
    client.create([user("three")], previous_response_id="resp_b")
    await client.reads_end()
    assert engine.sent[0]["input"] == [user("one"), user("two"), user("three")]


async def test_a_turn_goes_on_with_what_the_last_one_answered() -> None:
    engine = Engine(answers.stream(RESPONSES, Said(calls=(Call("look"),))), HELLO)
    client = start(engine)
    client.create([user("hi")])
    first = (await client.reads_end())["response"]
    result = {"type": "function_call_output", "call_id": "call_0001", "output": "blue"}
    client.create([result], previous_response_id=first["id"])
    await client.reads_end()
    assert engine.sent[1]["input"] == [user("hi"), *first["output"], result]
    assert "previous_response_id" not in engine.sent[1]


async def test_items_that_the_last_event_leaves_out_are_remembered() -> None:
    """ChatGPT's own backend ends with an empty output: the items have come one by one."""
    last = json.loads(HELLO[-1].decode().split("data: ", 1)[1])
    (message,) = last["response"]["output"]
    last["response"]["output"] = []
    engine = Engine([*HELLO[:-1], answers.event(last, "response.completed")], HELLO)
    client = start(engine)
    client.create([user("hi")])
    await client.reads_end()
    client.create([user("more")], previous_response_id=last["response"]["id"])
    await client.reads_end()
    assert engine.sent[1]["input"] == [user("hi"), message, user("more")]


async def test_a_response_that_was_cut_short_can_be_gone_on_with() -> None:
    cut = answers.stream(RESPONSES, Said("Hel", stop="max_output_tokens"))
    engine = Engine(cut, HELLO)
    client = start(engine)
    client.create([user("hi")])
    last = await client.reads_end()
    assert last["type"] == "response.incomplete"
    client.create([user("go on")], previous_response_id=last["response"]["id"])
    await client.reads_end()
    assert [item.get("role") for item in engine.sent[1]["input"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize("more", [{"store": False}, {"generate": False}], ids=str)
async def test_what_nobody_can_know_is_told_with_the_code_that_clients_know(more: Frame) -> None:
    engine = Engine()
    client = start(engine)
    client.create("hi", previous_response_id="resp_of_another_connection", **more)
    frame = await client.reads_end()
    assert (frame["type"], frame["status"]) == ("error", 400)
    assert frame["error"]["code"] == "previous_response_not_found"
    assert engine.asks == []


async def test_what_only_a_provider_can_know_is_asked_and_never_taken_for_the_whole() -> None:
    engine = Engine(HELLO, HELLO)
    client = start(engine)
    client.create([user("hi")], previous_response_id="resp_of_openai")
    name = (await client.reads_end())["response"]["id"]
    client.create([user("more")], previous_response_id=name)
    await client.reads_end()
    assert [(body["previous_response_id"], body["input"]) for body in engine.sent] == [
        ("resp_of_openai", [user("hi")]),
        (name, [user("more")]),
    ]


async def test_what_the_engine_keeps_is_left_to_it() -> None:
    kept = ResponseStore(1000.0, 10_000, lambda: 0.0)
    kept.remember("resp_over_http", [user("hi")], [])
    engine = Engine(HELLO)
    client = start(engine, kept=kept)
    client.create([user("more")], previous_response_id="resp_over_http")
    await client.reads_end()
    assert engine.sent[0]["input"] == [user("more")]
    assert engine.sent[0]["previous_response_id"] == "resp_over_http"


async def test_what_began_elsewhere_goes_on_here_without_being_stored() -> None:
    """With `store: false` the engine forgets the answer, and the connection alone remembers it."""
    kept = ResponseStore(1000.0, 10_000, lambda: 0.0)
    kept.remember("resp_over_http", [user("hi")], [])
    engine = Engine(HELLO, HELLO)
    client = start(engine, kept=kept)
    client.create([user("two")], previous_response_id="resp_over_http", store=False)
    first = (await client.reads_end())["response"]
    client.create([user("three")], previous_response_id=first["id"], store=False)
    await client.reads_end()
    assert engine.sent[1]["input"] == [user("hi"), user("two"), *first["output"], user("three")]


async def test_an_item_that_only_the_connection_knows_is_put_in_its_place() -> None:
    kept = ResponseStore(1000.0, 10_000, lambda: 0.0)
    kept.remember("resp_over_http", [user("hi")], [])
    engine = Engine(HELLO, HELLO)
    client = start(engine, kept=kept)
    client.create("one", store=False)
    (message,) = (await client.reads_end())["response"]["output"]
    mark = {"type": "item_reference", "id": message["id"]}
    client.create([mark], previous_response_id="resp_over_http")
    await client.reads_end()
    assert engine.sent[1]["input"] == [message]


async def test_what_the_memory_cannot_hold_is_unknown() -> None:
    store = ResponseStore(1000.0, 500, lambda: 0.0)
    client = start(Engine(HELLO), store=store)
    client.create("x" * 1000, store=False)
    name = (await client.reads_end())["response"]["id"]
    client.create("more", previous_response_id=name, store=False)
    assert (await client.reads_end())["error"]["code"] == "previous_response_not_found"


async def test_an_http_error_is_an_error_frame_with_its_status_and_headers() -> None:
    error = {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded", "param": None}
    headers = (("content-type", "application/json"), ("retry-after", "7"))
    client = start(Engine(Reply(429, headers, json.dumps({"error": error}).encode())))
    client.create("hi")
    assert await client.reads() == {"type": "error", "status": 429, "error": error, "headers": {"retry-after": "7"}}


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"message":"no"}', b'{"error":"no"}'])
async def test_an_http_error_of_any_other_shape_is_still_an_object(body: bytes) -> None:
    client = start(Engine(Reply(502, (), body)))
    client.create("hi")
    frame = await client.reads()
    assert (frame["type"], frame["status"]) == ("error", 502)
    assert isinstance(frame["error"]["message"], str)


async def test_the_streams_own_error_gets_a_status() -> None:
    """Without one Codex overlooks it, and waits."""
    flat = {"type": "error", "code": "server_error", "message": "it broke", "param": None, "sequence_number": 3}
    client = start(Engine([*HELLO[:3], answers.event(flat, "error")]))
    client.create("hi")
    frame = await client.reads_end()
    assert (frame["status"], frame["error"]["code"], frame["error"]["message"]) == (500, "server_error", "it broke")


async def test_an_error_that_is_nested_already_keeps_its_status() -> None:
    inner = {"type": "usage_limit_reached", "message": "wait"}
    client = start(Engine([answers.event({"type": "error", "status": 429, "error": inner}, "error")]))
    client.create("hi")
    frame = await client.reads_end()
    assert (frame["status"], frame["error"]["type"]) == (429, "usage_limit_reached")


async def test_a_stream_without_an_end_ends_with_an_error() -> None:
    """Promise 2."""
    client = start(Engine(HELLO[:4]))
    client.create("hi")
    frames = await client.reads_answer()
    assert len(frames) == 5
    assert (frames[-1]["status"], frames[-1]["error"]["code"]) == (502, "upstream_truncated")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must be a JSON object"),
        (b"\x00", "binary"),
        ('{"type":"response.cancel"}', "response.cancel"),
        ('{"type":"\\ud83d"}', "\\ud83d"),
        ("{}", "null"),
    ],
)
async def test_a_frame_that_is_no_request_is_told_why(message: str | bytes, told: str) -> None:
    """Promises 18 and 19."""
    client = start(Engine())
    client.says(message)
    frame = await client.reads()
    assert (frame["type"], frame["status"]) == ("error", 400)
    assert told in frame["error"]["message"]


async def test_a_word_that_wants_no_answer_gets_none() -> None:
    """What older versions of Codex send after a turn: an error would be taken for the next turn's."""
    client = start(Engine(HELLO))
    client.says('{"type":"response.processed","response_id":"resp_1"}')
    client.create("hi")
    assert (await client.reads())["type"] == "response.created"


async def test_who_wants_to_steer_gets_the_input_back_and_the_response_goes_on() -> None:
    """An error would be taken for the end of the response that runs."""
    gate = asyncio.Event()
    client = start(Engine([*HELLO[:2], gate, *HELLO[2:]]))
    client.create("hi")
    name = (await client.reads())["response"]["id"]
    await client.reads()
    given = [{"type": "message", "role": "user", "content": "no, blue"}]
    client.says(json.dumps({"type": "response.steer", "previous_response_id": name, "input": given}))
    frame = await client.reads()
    told: Any = TypeAdapter(ResponsesServerEvent).validate_python(frame)
    assert (told.type, told.error.code) == ("response.steer.failed", "steering_not_supported")
    assert frame["steer"] == {"previous_response_id": name, "input": given}
    gate.set()
    assert (await client.reads_end())["type"] == "response.completed"


@pytest.mark.parametrize("more", [{}, {"input": 7, "previous_response_id": None}], ids=str)
async def test_a_frame_that_steers_nothing_is_answered_lawfully_too(more: Frame) -> None:
    client = start(Engine())
    client.says(json.dumps({"type": "response.steer", **more}))
    adapter: TypeAdapter[Any] = TypeAdapter(ResponsesServerEvent)
    assert adapter.validate_python(await client.reads()).type == "response.steer.failed"


async def test_an_error_leaves_the_connection_open() -> None:
    client = start(Engine(Reply(500, (), b"{}"), HELLO))
    client.says("nonsense")
    await client.reads_end()
    client.create("hi")
    await client.reads_end()
    client.create("again")
    assert (await client.reads_end())["type"] == "response.completed"


async def test_one_response_runs_at_a_time() -> None:
    gate = asyncio.Event()
    engine = Engine([*HELLO[:2], gate, *HELLO[2:]])
    client = start(engine)
    client.create("one")
    await client.reads()
    await client.reads()
    client.create("two")
    refused = await client.reads()
    assert (refused["type"], refused["error"]["code"]) == ("error", "response_in_progress")
    gate.set()
    assert (await client.reads_end())["type"] == "response.completed"
    assert len(engine.asks) == 1


async def test_the_next_request_may_come_as_soon_as_the_last_event_has() -> None:
    """The provider's connection takes a moment longer to end than the answer."""
    engine = Engine([*HELLO, asyncio.Event()], HELLO)
    client = start(engine)
    client.create("one")
    await client.reads_end()
    client.create("two")
    assert (await client.reads_end())["type"] == "response.completed"


async def test_nothing_follows_the_last_event() -> None:
    """Promise 2."""
    client = start(Engine([*HELLO, *HELLO], HELLO))
    client.create("one")
    await client.reads_answer()
    client.create("two")
    assert await client.reads_answer() == events(HELLO)


async def test_a_client_that_leaves_closes_the_stream() -> None:
    """Promise 8."""
    engine = Engine([*HELLO[:2], asyncio.Event()])
    client = start(engine)
    client.create("hi")
    await client.reads()
    assert client.task is not None
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.task
    assert engine.bodies[0].closed


async def test_a_stream_is_closed_at_its_end() -> None:
    engine = Engine(HELLO)
    client = start(engine)
    client.create("hi")
    await client.reads_end()
    client.says(None)
    await client.ended()
    assert engine.bodies[0].closed


async def test_the_end_of_the_router_lets_the_response_finish() -> None:
    """Promise 58."""
    gate = asyncio.Event()
    client = start(Engine([*HELLO[:2], gate, *HELLO[2:]]))
    client.create("hi")
    await client.reads()
    client.says(None)
    gate.set()
    assert (await client.reads_end())["type"] == "response.completed"
    assert (await client.ended()).code == 1001


async def test_a_silent_client_is_told_and_left() -> None:
    client = start(Engine(), idle=0.01)
    frame = await client.reads()
    assert frame["error"]["code"] == "websocket_connection_limit_reached"
    assert (await client.ended()).code == 1000


async def test_a_client_that_waits_for_an_answer_is_not_idle() -> None:
    gate = asyncio.Event()
    client = start(Engine([gate, *HELLO]), idle=0.01)
    client.create("hi")
    asyncio.get_running_loop().call_later(0.1, gate.set)
    assert (await client.reads())["type"] == "response.created"


def test_a_handshake_becomes_an_upgrade() -> None:
    refusal = Reply(426)
    reply = open_socket(Ask("GET", "/v1/responses", "", ASKED), Engine(), NOTHING, 1000, refusal)
    assert isinstance(reply, Upgrade)
    assert (reply.status, reply.max_message, reply.refusal) == (101, 1000, refusal)


def test_what_is_no_handshake_is_refused() -> None:
    refusal = Reply(426)
    asked = {"upgrade": "websocket"}
    assert open_socket(Ask("GET", "/v1/responses", "", asked), Engine(), NOTHING, 1000, refusal) is refusal
