"""Client requests in every dialect, and what a provider of each dialect streams back."""

import json
from collections.abc import Mapping

from addons.core.http import Ask
from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS

PATHS = {
    CLAUDE: "/anthropic/v1/messages",
    CHAT: "/openai/v1/chat/completions",
    RESPONSES: "/openai/v1/responses",
    GEMINI: "/gemini/v1beta/models/{model}:{method}",
    COMPLETIONS: "/openai/v1/completions",
}


def body(dialect: DialectName, model: str = "all", *, stream: bool = True) -> dict[str, object]:
    question = [{"role": "user", "content": "hi"}]
    match dialect:
        case DialectName.ANTHROPIC:
            return {"model": model, "max_tokens": 50, "messages": question, "stream": stream}
        case DialectName.CHAT:
            return {"model": model, "messages": question, "stream": stream}
        case DialectName.RESPONSES:
            return {"model": model, "input": "hi", "stream": stream}
        case DialectName.GEMINI:
            return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
        case DialectName.COMPLETIONS:
            return {"model": model, "prompt": "hi", "stream": stream}


def path(dialect: DialectName, model: str = "all", *, stream: bool = True) -> str:
    """Gemini's names the model and the way to answer."""
    return PATHS[dialect].format(model=model, method="streamGenerateContent" if stream else "generateContent")


def ask(
    dialect: DialectName, model: str = "all", *, stream: bool = True, headers: Mapping[str, str] | None = None
) -> Ask:
    raw = json.dumps(body(dialect, model, stream=stream)).encode()
    query = "alt=sse" if dialect is GEMINI and stream else ""
    where = path(dialect, model, stream=stream)
    return Ask("POST", where, query, {"content-type": "application/json", **(headers or {})}, raw)


def _sse(events: list[tuple[str | None, dict[str, object] | str]]) -> list[bytes]:
    out = []
    for name, data in events:
        text = data if isinstance(data, str) else json.dumps(data)
        out.append(((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode())
    return out


def stream(dialect: DialectName, text: str = "Hello") -> list[bytes]:
    """A whole good answer, one piece an event."""
    return {
        CLAUDE: _claude, CHAT: _chat, RESPONSES: _responses, GEMINI: _gemini, COMPLETIONS: _completions,
    }[dialect](text)  # fmt: skip


def opening(dialect: DialectName) -> list[bytes]:
    """The events that come before any content."""
    return stream(dialect)[: {CLAUDE: 2, CHAT: 1, RESPONSES: 4, GEMINI: 1, COMPLETIONS: 0}[dialect]]


def begun(dialect: DialectName) -> list[bytes]:
    """An answer up to its first content."""
    return stream(dialect)[: {CLAUDE: 3, CHAT: 2, RESPONSES: 5, GEMINI: 2, COMPLETIONS: 1}[dialect]]


def error_event(dialect: DialectName, code: str = "overloaded_error") -> bytes:
    error = {"type": code, "code": code, "message": "too much going on"}
    return {
        CLAUDE: _sse([("error", {"type": "error", "error": error})]),
        CHAT: _sse([(None, {"error": error})]),
        RESPONSES: _sse(
            [("error", {"type": "error", "sequence_number": 9, "param": None, **error} | {"type": "error"})]
        ),
        GEMINI: _sse([(None, {"error": {"code": 503, "message": error["message"], "status": "UNAVAILABLE"}})]),
        COMPLETIONS: _sse([(None, {"error": error})]),
    }[dialect][0]


def _claude(text: str) -> list[bytes]:
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 7, "output_tokens": 1},
    }  # fmt: skip
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[tuple[str, dict[str, object]]] = [
        ("message_start", {"message": message}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": end, "usage": {"output_tokens": 3}}),
        ("message_stop", {}),
    ]
    return _sse([(name, {"type": name, **data}) for name, data in events])


def _chat(text: str) -> list[bytes]:
    base: dict[str, object] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas: list[tuple[dict[str, object], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": text}, None),
        ({}, "stop"),
    ]
    chunks = [{**base, "choices": [{"index": 0, "delta": d, "finish_reason": reason}]} for d, reason in deltas]
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return _sse(
        [*((None, chunk) for chunk in chunks), (None, {**base, "choices": [], "usage": usage}), (None, "[DONE]")]
    )


def _gemini(text: str) -> list[bytes]:
    """The first chunk counts the prompt and says nothing."""
    base: dict[str, object] = {"modelVersion": "m", "responseId": "resp-1"}
    given = {"promptTokenCount": 7, "totalTokenCount": 7}
    whole = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}
    said = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    last = {"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP", "index": 0}
    return _sse(
        [
            (None, {"usageMetadata": given, **base}),
            (None, {"candidates": [said], "usageMetadata": given, **base}),
            (None, {"candidates": [last], "usageMetadata": whole, **base}),
        ]
    )


def _completions(text: str) -> list[bytes]:
    base: dict[str, object] = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    pieces = [(text, None), ("", "stop")]
    chunks = [
        {**base, "choices": [{"text": piece, "index": 0, "logprobs": None, "finish_reason": reason}]}
        for piece, reason in pieces
    ]
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return _sse(
        [*((None, chunk) for chunk in chunks), (None, {**base, "choices": [], "usage": usage}), (None, "[DONE]")]
    )


def _responses(text: str) -> list[bytes]:
    response: dict[str, object] = {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "m", "output": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    }  # fmt: skip
    part = {"type": "output_text", "text": "", "annotations": []}
    item: dict[str, object] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "in_progress",
        "content": [],
    }
    full_part = {**part, "text": text}
    full_item = {**item, "status": "completed", "content": [full_part]}
    usage = {
        "input_tokens": 7, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 10,
    }  # fmt: skip
    done = {**response, "status": "completed", "output": [full_item], "usage": usage}
    here = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events: list[tuple[str, dict[str, object]]] = [
        ("response.created", {"response": response}),
        ("response.in_progress", {"response": response}),
        ("response.output_item.added", {"output_index": 0, "item": item}),
        ("response.content_part.added", {**here, "part": part}),
        ("response.output_text.delta", {**here, "delta": text, "logprobs": []}),
        ("response.output_text.done", {**here, "text": text, "logprobs": []}),
        ("response.content_part.done", {**here, "part": full_part}),
        ("response.output_item.done", {"output_index": 0, "item": full_item}),
        ("response.completed", {"response": done}),
    ]
    numbered = [(name, {"type": name, "sequence_number": n, **data}) for n, (name, data) in enumerate(events)]
    return _sse(numbered)  # type: ignore[arg-type]
