"""OpenAI Responses, as client and as provider. Source: OpenAI API reference, "Responses"."""

import re

from addons.core import jsonio
from addons.core.model import DialectName
from addons.core.sse import SseEvent
from addons.dialects._openai_errors import error_info, error_parser, render_error
from addons.dialects._responses_decode import ResponsesDecoder, failure, parse_response, usage_of
from addons.dialects._responses_encode import ResponsesEncoder, render_response
from addons.dialects._responses_render import render_request
from addons.dialects._responses_request import parse_request
from addons.dialects.base import Dialect, Look, Peek, malformed_peek

_DONE = frozenset({"response.completed", "response.incomplete", "response.done"})


def peek(event: SseEvent) -> Peek:
    if event.data == b"[DONE]":
        return Peek(Look.QUIET)
    try:
        body = jsonio.loads(event.data)
        return _peek(body)
    except (jsonio.JsonError, AttributeError, TypeError, LookupError) as error:
        return malformed_peek(event, error)


def _peek(body: dict[str, object]) -> Peek:
    match body:
        case {"type": "error"}:
            return Peek(Look.ERROR, error_info(DialectName.RESPONSES, body.get("error") or body))
        case {"type": "response.failed", "response": dict(response)}:
            return Peek(Look.ERROR, failure(response))
        case {"type": str(kind), "response": {"usage": dict(usage)}} if kind in _DONE:
            return Peek(Look.DONE, usage=usage_of(usage))
        case {"type": str(kind)} if kind in _DONE:
            return Peek(Look.DONE)
        case {"type": str(kind)} if kind.endswith((".delta", "output_item.done")):
            return Peek(Look.CONTENT)
        case _:
            return Peek(Look.QUIET)


DIALECT = Dialect(
    name=DialectName.RESPONSES,
    parse_request=parse_request,
    render_request=render_request,
    decoder=ResponsesDecoder,
    encoder=ResponsesEncoder,
    parse_response=parse_response,
    render_response=render_response,
    parse_error=error_parser(DialectName.RESPONSES),
    render_error=render_error,
    peek=peek,
    marks=re.compile(rb'"type":\s*"(?:error|response\.(?:completed|incomplete|failed|done))"'),
)
