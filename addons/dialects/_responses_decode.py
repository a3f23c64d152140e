"""A Responses answer as events. Source: OpenAI API reference, "Streaming events". What an item comes to is decided in
`_responses_output`; here is which event says what, and how an answer ends."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.errors import ErrorClass, ErrorInfo, RemoteDataError
from addons.core.events import Begin, Event, Failed, Finish, FinishReason, Ping, Usage, UsageReport
from addons.core.model import DialectName
from addons.dialects._asides import asides, unknown_counts
from addons.dialects._openai_errors import error_info
from addons.dialects._responses_output import REFUSED, Output, count, words
from addons.dialects.base import Body, SseDecoder, lawful

RESPONSES = DialectName.RESPONSES

# delta event → (the text of the item that it belongs to, the member that counts those texts)
DELTAS: Mapping[str, tuple[str, str, str]] = {
    "response.output_text.delta": ("message", "content", "content_index"),
    "response.refusal.delta": ("message", "content", "content_index"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary", "summary_index"),
    "response.reasoning_text.delta": ("reasoning", "content", "content_index"),
    "response.function_call_arguments.delta": ("function_call", "call", ""),
    "response.custom_tool_call_input.delta": ("custom_tool_call", "call", ""),
}
# done event → (the same, and the member that holds the whole text)
DONES: Mapping[str, tuple[str, str, str, str]] = {
    "response.output_text.done": ("message", "content", "content_index", "text"),
    "response.refusal.done": ("message", "content", "content_index", "refusal"),
    "response.reasoning_summary_text.done": ("reasoning", "summary", "summary_index", "text"),
    "response.reasoning_text.done": ("reasoning", "content", "content_index", "text"),
    "response.function_call_arguments.done": ("function_call", "call", "", "arguments"),
    "response.custom_tool_call_input.done": ("custom_tool_call", "call", "", "input"),
}
# what a response says of its request, and what has a canonical home
_RESPONSE = frozenset(
    ("id", "object", "created_at", "completed_at", "model", "status", "output", "usage", "error", "incomplete_details",
     "background", "billing", "conversation", "frequency_penalty", "image", "include", "instructions",
     "max_output_tokens", "max_tool_calls", "metadata", "output_text", "parallel_tool_calls", "presence_penalty",
     "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
     "reasoning", "safety_identifier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p",
     "truncation", "user", "access_programs", "moderation")
)  # fmt: skip
_COUNTS = frozenset(
    ("input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details",
     "input_tokens_details.cached_tokens", "input_tokens_details.cache_write_tokens",
     "input_tokens_details.cache_write_tokens_details", "output_tokens_details.reasoning_tokens")
)  # fmt: skip
REFUSALS = ("response.refusal.delta", "response.refusal.done")
STOPS: Mapping[str, FinishReason] = {
    "max_output_tokens": FinishReason.MAX_TOKENS,
    "content_filter": FinishReason.REFUSAL,
}
# error codes whose status the words of STATUS_OF_TYPE do not tell; Codex knows the last three
STATUS: Mapping[str, int] = {
    "invalid_prompt": 400,
    "invalid_image": 400,
    "bio_policy": 403,
    "cyber_policy": 403,
    "slow_down": 529,
    "usage_limit_reached": 429,
    "usage_not_included": 403,
}


def usage_of(raw: Mapping[str, Any]) -> Usage:
    given = raw.get("input_tokens_details") or {}
    made = raw.get("output_tokens_details") or {}
    return Usage(
        input=count(raw.get("input_tokens")),
        output=count(raw.get("output_tokens")),
        cache_read=count(given.get("cached_tokens")),
        cache_write=count(given.get("cache_write_tokens")),
        reasoning=count(made.get("reasoning_tokens")),
        extras=unknown_counts(raw, _COUNTS, "input_tokens_details", "output_tokens_details"),
    )


def failure(error: object) -> ErrorInfo:
    """The error object of a failed response or of an error event."""
    code = error.get("code") if isinstance(error, dict) else None
    if error is None:
        error = {"message": "the provider's response failed without a reason"}
    return error_info(RESPONSES, error, STATUS.get(code) if isinstance(code, str) else None)


def begin(response: Body) -> Begin:
    created = response.get("created_at")
    whole = int(created) if isinstance(created, float) and abs(created) < 2**53 else count(created)
    return Begin(words(response.get("id")), words(response.get("model")), whole)


def end(output: Output, response: Body) -> Iterator[Event]:
    """The finished response, in whatever way it finished."""
    yield begin(response)
    if response.get("status") not in ("failed", "cancelled"):
        yield from output.rest(response.get("output") or ())
        yield from asides(response, _RESPONSE)
    usage = response.get("usage")
    if isinstance(usage, dict):
        yield UsageReport(usage_of(usage))
    match response.get("status"):
        case "failed":
            yield Failed(failure(response.get("error")))
        case "cancelled":
            yield Failed(ErrorInfo(ErrorClass.TEMPORARY, "the provider cancelled the response"))
        case "incomplete":
            reason = (response.get("incomplete_details") or {}).get("reason")
            yield Finish(STOPS.get(str(reason), FinishReason.MAX_TOKENS))
        case _:
            refused = FinishReason.REFUSAL if output.refused else FinishReason.END_TURN
            yield Finish(FinishReason.TOOL_USE if output.called else refused)


# final event → the status of its response, should the response itself not say
ENDS: Mapping[str, str] = {
    "response.completed": "completed",
    "response.done": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
}


class ResponsesDecoder(SseDecoder):
    def __init__(self) -> None:
        super().__init__()
        self._output = Output()

    def on_event(self, name: str, data: Body) -> Iterable[Event]:
        kind = data.get("type", name)
        if kind in REFUSALS:
            self._output.refused = True
            if REFUSED in (data.get("delta"), data.get("refusal")):
                return ()
        if kind in DELTAS:
            return self._output.delta(data, *DELTAS[kind])
        if kind in DONES:
            return self._output.text_done(data, *DONES[kind])
        if kind in ENDS:
            response = data.get("response") or {}
            return end(self._output, {**response, "status": _status(kind, response)})
        match kind:
            case "response.output_item.added":
                return self._output.added(data)
            case "response.output_item.done":
                return self._output.done(data)
            case "response.created":
                return (begin(data.get("response") or {}),)
            case "keepalive" | "ping":
                return (Ping(),)
        return (Failed(error_of(data)),) if kind == "error" or data.get("error") else ()


def _status(kind: str, response: Body) -> str:
    """A completed event whose response says otherwise is believed the response."""
    said = response.get("status")
    believed = kind in ("response.completed", "response.done") and said in ENDS.values()
    return str(said) if believed else ENDS[kind]


def error_of(data: Body) -> ErrorInfo:
    """An error event: flat as OpenAI documents it, or with an error object as others send it."""
    inner = data.get("error")
    if inner:
        return failure(inner)
    return failure({key: value for key, value in data.items() if key not in ("type", "sequence_number")})


def parse_response(body: Body) -> list[Event]:
    """A whole answer; one of an unknown shape is malformed."""
    try:
        if body.get("status") is None and body.get("error"):
            return lawful([Failed(failure(body["error"]))])
        if body.get("status") != "failed" and not isinstance(body.get("output"), list):
            raise RemoteDataError("the answer has no output")
        return lawful(list(end(Output(), body)))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RemoteDataError) as error:
        return lawful([Failed(ErrorInfo(ErrorClass.MALFORMED, f"provider answer: {error!r}"))])
