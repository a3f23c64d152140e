"""OpenAI Responses, as client and as provider. Source: OpenAI API reference, "Responses" and "Streaming events"."""

import re
from collections.abc import Mapping

from addons.core import jsonio
from addons.core.model import DialectName
from addons.core.sse import SseEvent
from addons.dialects._openai_errors import error_parser
from addons.dialects._responses_decode import (
    DELTAS,
    DONES,
    ENDS,
    ResponsesDecoder,
    error_of,
    failure,
    parse_response,
    usage_of,
)
from addons.dialects._responses_encode import ResponsesEncoder, render_response
from addons.dialects._responses_errors import render_error
from addons.dialects._responses_render import render_request
from addons.dialects._responses_request import parse_request
from addons.dialects._responses_residue import residue
from addons.dialects.base import Body, Dialect, Look, Peek, malformed_peek, usage_at

_LOOKS: Mapping[str, Look] = {
    **dict.fromkeys((*DELTAS, *DONES, "response.output_item.done"), Look.CONTENT),
    **dict.fromkeys(ENDS, Look.DONE),
    "response.failed": Look.ERROR,
    "response.cancelled": Look.ERROR,
    "error": Look.ERROR,
}


def peek(event: SseEvent) -> Peek:
    if event.data == b"[DONE]":
        return Peek(Look.QUIET)
    try:
        return _peek(event.name, jsonio.loads(event.data))
    except (jsonio.JsonError, AttributeError, TypeError, LookupError) as error:
        return malformed_peek(event, error)


def _peek(name: str, body: Body) -> Peek:
    kind = body.get("type", name)
    look = _LOOKS.get(kind, Look.ERROR if body.get("error") else Look.QUIET)
    response = body.get("response") or {}
    if look is Look.DONE and response.get("status") in ("failed", "cancelled"):
        look = Look.ERROR
    if look is Look.ERROR:
        return Peek(look, failure(response.get("error")) if kind in ENDS else error_of(body))
    usage = response.get("usage") if look is Look.DONE else None
    return Peek(look, usage=usage_of(usage) if isinstance(usage, dict) else None)


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
    marks=re.compile(rb'response\.(?:completed|done|incomplete|failed|cancelled)|"error"'),
    residue=residue,
    usage=usage_at("usage", usage_of),
)
