"""The frames of the Responses API over WebSocket: each a text message with one JSON object.

Source: OpenAI API reference, "WebSocket mode" and the types of its SDK (`ResponsesClientEvent`,
`ResponsesServerEvent`); what Codex does with errors was read in its client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.core import jsonio
from addons.core.http import Headers

CREATE = "response.create"
# More input for a response that runs. No other dialect knows it; the client sends it once the response is complete.
STEER = "response.steer"
# What older Codex versions send after a turn. It wants no answer, and an error would be taken for the next turn's.
SILENT = frozenset({"response.processed"})

# members of the frame that `POST /v1/responses` does not know, or that the transport decides
_ENVELOPE = frozenset({"type", "generate", "stream", "stream_id", "background"})
_BETA = "responses_websockets="
# headers of a whole HTTP answer that say nothing about its error
_OF_THE_BODY = frozenset({"content-type", "cache-control", "x-content-type-options"})


class FrameError(Exception):
    """A frame that is answered by an error. `str()` is the message; `steer` is the frame when it was to steer."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        steer: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.steer = steer


@dataclass(frozen=True, slots=True)
class Create:
    """What a client asks for: the body of a `POST /v1/responses`, but for `stream`. `generate` False only prepares a
    conversation; `lane` is echoed in every frame of the answer."""

    body: Mapping[str, Any]
    generate: bool = True
    lane: str | None = None


def _text(value: object) -> str:
    """JSON that UTF-8 can carry: lone surrogates stay escapes."""
    return jsonio.dumps(value).decode()


def read(message: str | bytes) -> Create | None:
    """A frame of the client; None for one that wants no answer. Raises FrameError."""
    if isinstance(message, bytes):
        raise FrameError("text frames are expected, this one is binary")
    try:
        frame = jsonio.loads(message)
    except jsonio.JsonError as error:
        raise FrameError(f"the frame is not JSON: {error}") from error
    if not isinstance(frame, dict):
        raise FrameError("the frame must be a JSON object")
    kind = frame.get("type")
    if kind in SILENT:
        return None
    if kind == STEER:
        raise FrameError("a response cannot be steered here", code="steering_not_supported", steer=frame)
    if kind != CREATE:
        raise FrameError(f"frames of type {_text(kind)} are not answered here; {CREATE} is", param="type")
    lane = frame.get("stream_id")
    body = {name: value for name, value in frame.items() if name not in _ENVELOPE}
    return Create(body, frame.get("generate") is not False, lane if isinstance(lane, str) else None)


def error_frame(status: int, error: object, headers: Headers = (), lane: str | None = None) -> str:
    """An error as the API sends it. `error` is the inner object of an OpenAI error body, or whatever was there."""
    if not isinstance(error, dict):
        error = {"type": "server_error", "message": error if isinstance(error, str) else _text(error)}
    frame: dict[str, Any] = {"type": "error", "status": status, "error": {"code": None, "param": None, **error}}
    told = {name: value for name, value in headers if name not in _OF_THE_BODY}
    if told:
        frame["headers"] = told
    if lane is not None:
        frame["stream_id"] = lane
    return _text(frame)


def complaint(error: FrameError, lane: str | None = None) -> str:
    """A refused frame's answer. One that was to steer gets its input back, and no error, which would end the response
    that runs."""
    if error.steer is not None:
        return _steer_failed(error, error.steer)
    inner = {"type": "invalid_request_error", "code": error.code, "message": str(error), "param": error.param}
    return error_frame(400, inner, lane=lane)


def _steer_failed(error: FrameError, frame: Mapping[str, Any]) -> str:
    inner = {"type": "invalid_request_error", "code": error.code, "message": str(error)}
    previous, given = frame.get("previous_response_id"), frame.get("input")
    steer = {
        "previous_response_id": previous if isinstance(previous, str) else "",
        "input": given if isinstance(given, str | list) else "",
    }
    return _text({"type": "response.steer.failed", "sequence_number": 0, "error": inner, "steer": steer})


def refused(status: int, headers: Headers, body: bytes, lane: str | None = None) -> str:
    """An HTTP error answer as a frame."""
    try:
        value = jsonio.loads(body)
    except jsonio.JsonError:
        value = body[:500].decode("utf-8", "replace")
    return error_frame(status, value.get("error", value) if isinstance(value, dict) else value, headers, lane)


def event_frame(data: bytes, lane: str | None = None) -> str:
    """An event of the stream as a frame: its very text."""
    text = data.decode("utf-8", "replace")
    if lane is not None and text.startswith("{"):
        return f'{{"stream_id":{_text(lane)},{text[1:]}'
    return text


def failure_frame(event: Mapping[str, Any], lane: str | None = None) -> str:
    """The stream's own `error` event. Over HTTP its members are flat and it has no status; Codex overlooks an error
    without one, and would wait for more."""
    inner = event.get("error")
    if not isinstance(inner, dict):
        inner = {name: event[name] for name in ("code", "message", "param") if name in event}
        inner = {"type": "server_error", "message": "the provider reported an error", **inner}
    status = event.get("status")
    known = isinstance(status, int) and not isinstance(status, bool) and status >= 400
    return error_frame(status if known and isinstance(status, int) else 500, inner, lane=lane)


def warmed(create: Create, response_id: str, now: float) -> tuple[str, str]:
    """The two frames that answer one that generates nothing."""
    response = {
        "id": response_id,
        "object": "response",
        "created_at": int(now),
        "model": create.body.get("model"),
        "error": None,
        "incomplete_details": None,
        "instructions": create.body.get("instructions"),
        "metadata": create.body.get("metadata") or {},
        "output": [],
        "parallel_tool_calls": create.body.get("parallel_tool_calls", True),
        "previous_response_id": create.body.get("previous_response_id"),
        "tool_choice": create.body.get("tool_choice", "auto"),
        "tools": create.body.get("tools") or [],
    }
    usage = {
        "input_tokens": 0,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 0,
    }
    created = {"response": {**response, "status": "in_progress", "usage": None}}
    completed = {"response": {**response, "status": "completed", "usage": usage}}
    return (
        _event("response.created", 0, created, create.lane),
        _event("response.completed", 1, completed, create.lane),
    )


def _event(kind: str, number: int, body: Mapping[str, Any], lane: str | None) -> str:
    return event_frame(jsonio.dumps({"type": kind, "sequence_number": number, **body}), lane)


def without_beta(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without the client's word for this transport: a provider is asked over HTTP."""
    tokens = [token.strip() for token in headers.get("openai-beta", "").split(",")]
    kept = ",".join(token for token in tokens if token and not token.startswith(_BETA))
    rest = {name: value for name, value in headers.items() if name != "openai-beta"}
    return {**rest, "openai-beta": kept} if kept else rest
