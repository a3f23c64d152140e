"""The response object that frames an answer: its ids, its status, its usage. Source: OpenAI API reference, "The
response object"."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from addons.core.accumulate import merge_usage
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, FinishReason, Usage
from addons.core.model import Request
from addons.dialects._responses_echo import echo
from addons.dialects.base import Body

# how an answer was cut short; every other reason completes it
INCOMPLETE: Mapping[FinishReason, str] = {
    FinishReason.MAX_TOKENS: "max_output_tokens",
    FinishReason.CONTEXT_WINDOW: "max_output_tokens",
    FinishReason.REFUSAL: "content_filter",
}
# class → code; Codex acts on these words, `server_error` is what it retries
CODES: Mapping[ErrorClass, str] = {
    ErrorClass.RATE_LIMITED: "rate_limit_exceeded",
    ErrorClass.OVERLOADED: "server_is_overloaded",
    ErrorClass.BILLING: "insufficient_quota",
    ErrorClass.CONTEXT: "context_length_exceeded",
    ErrorClass.POLICY: "invalid_prompt",
    ErrorClass.INVALID_REQUEST: "invalid_prompt",
    ErrorClass.NOT_SUPPORTED: "invalid_prompt",
    ErrorClass.CLIENT: "invalid_prompt",
}
_ILLEGAL = re.compile(r"[^A-Za-z0-9_-]")
# the API refuses an item id of more than 64 characters when the client sends it back; this leaves room for a prefix
# and a number
STEM_LIMIT = 48


def error_body(info: ErrorInfo) -> Body:
    """The error of a failed response, with the router's own facts beside OpenAI's fields."""
    body: Body = {"code": CODES.get(info.cls, "server_error"), "message": info.message}
    more = {"param": info.param, "tried": list(info.tried), "hint": info.hint, "request_id": info.request_id}
    return body | {key: value for key, value in more.items() if value}


def usage_body(usage: Usage) -> Body:
    given, made = usage.input or 0, usage.output or 0
    return {
        "input_tokens": given,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": given + made,
    }


def item_event(what: str, output_index: int, body: Body) -> Body:
    """`what` is added or done."""
    return {"type": f"response.output_item.{what}", "output_index": output_index, "item": body}


class Frame:
    """What every event of one answer shares."""

    def __init__(self, request: Request, model: str) -> None:
        self._request = request
        self._model = model
        self._id: str | None = request.answer.get("id")
        self._created: int = request.answer.get("created_at", 0)
        self._echo: Body | None = None
        self.usage = Usage()

    def begin(self, event: Begin) -> Iterator[Body]:
        if self._id is None and event.id is not None:
            self._id = f"resp_{_stem(event.id.removeprefix('resp_'))}"
        self._created = event.created or self._created
        for kind in ("response.created", "response.in_progress"):
            yield {"type": kind, "response": self.response("in_progress")}

    @property
    def id(self) -> str:
        """A provider without ids gets one for each turn: what stands twice in a conversation is refused."""
        if self._id is None:
            self._id = f"resp_llr_{_digest(repr(self._request.messages))}"
        return self._id

    def name(self, prefix: str, number: int) -> str:
        """The id of an item."""
        return f"{prefix}_{self.id.removeprefix('resp_')}_{number}"

    def report(self, usage: Usage) -> None:
        self.usage = merge_usage(self.usage, usage)

    def response(
        self, status: str, output: Sequence[Body] = (), error: Body | None = None, reason: str | None = None
    ) -> Body:
        if self._echo is None:
            self._echo = echo(self._request, self._model)
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": error,
            "incomplete_details": None if reason is None else {"reason": reason},
            "output": list(output),
            "usage": None if status == "in_progress" else usage_body(self.usage),
            **self._echo,
        }

    def failed(self, info: ErrorInfo, output: Sequence[Body] = ()) -> Body:
        return {"type": "response.failed", "response": self.response("failed", output, error=error_body(info))}

    def ended(self, output: Sequence[Body], reason: str | None = None) -> Body:
        status = "completed" if reason is None else "incomplete"
        return {"type": f"response.{status}", "response": self.response(status, output, reason=reason)}


def _stem(name: str) -> str:
    clean = _ILLEGAL.sub("_", name)
    return clean if len(clean) <= STEM_LIMIT else _digest(name, 32)


def _digest(text: str, length: int = 16) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
