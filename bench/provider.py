"""The fake provider of the benchmark, as a process of its own: canned answers, as little work as possible.

    python bench/provider.py PORT [GAP_SECONDS [DELAY_SECONDS]]

POST …/messages and …/chat/completions, answered after DELAY_SECONDS. A body with `"stream":true` gets 67 events, one
write each: as fast as they go, or, of the model "paced", GAP_SECONDS apart.
"""

import asyncio
import json
import sys
from typing import Any

EVENTS = 67
ANSWER = "The quick brown fox jumps over the lazy dog. " * 8
WORD = "fox "


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _message(content: list[Any], stop: str | None) -> dict[str, Any]:
    usage = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 60}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": stop, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def _claude_events() -> list[bytes]:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORD}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": _message([], None)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[delta] * (EVENTS - 5),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 60},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\ndata: {compact(event)}\n\n".encode() for event in events]


def _chat_events() -> list[bytes]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *[{"content": WORD}] * (EVENTS - 4)]
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({**head, "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72}})
    return [*(f"data: {compact(chunk)}\n\n".encode() for chunk in chunks), b"data: [DONE]\n\n"]


def _chat_whole() -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def _whole(body: dict[str, Any]) -> bytes:
    data = compact(body).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(data), data)


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE = {
    b"/messages": _whole(_message([{"type": "text", "text": ANSWER}], "end_turn")),
    b"/chat/completions": _whole(_chat_whole()),
}
STREAMS = {
    b"/messages": [_chunked(event) for event in _claude_events()],
    b"/chat/completions": [_chunked(event) for event in _chat_events()],
}


class Provider(asyncio.Protocol):
    """One connection; a request is answered as soon as its last byte is there, or `delay` seconds later."""

    def __init__(self, gap: float, delay: float) -> None:
        self._gap = gap
        self._delay = delay
        self._data = b""
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.split(b"\r\n")
        sizes = [line.split(b":")[1] for line in lines if line.lower().startswith(b"content-length:")]
        if len(body) < int(sizes[0] if sizes else 0):
            return
        self._data = b""
        path = lines[0].split(b" ")[1].split(b"?")[0]
        leaf = next(leaf for leaf in WHOLE if path.endswith(leaf))
        if b'"stream":true' in body:
            gap = self._gap if b'"model":"paced"' in body else 0.0
            task = asyncio.get_running_loop().create_task(self._stream(STREAMS[leaf], gap))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._answer(WHOLE[leaf])

    def _answer(self, data: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, data)
        else:
            self._transport.write(data)

    async def _stream(self, chunks: list[bytes], gap: float) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        self._transport.write(STREAM_HEAD)
        for chunk in chunks:
            self._transport.write(chunk)
            await asyncio.sleep(gap)
        self._transport.write(b"0\r\n\r\n")


async def main(port: int, gap: float = 0.0, delay: float = 0.0) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Provider(gap, delay), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *map(float, sys.argv[2:])))
