"""Anthropic Messages, as client and as provider. Source: Anthropic API reference, "Messages"."""

import re

from addons.core import jsonio
from addons.core.model import DialectName
from addons.core.sse import SseEvent
from addons.dialects._anthropic_decode import AnthropicDecoder, parse_response, usage_of
from addons.dialects._anthropic_encode import AnthropicEncoder
from addons.dialects._anthropic_errors import error_info, parse_error, render_error
from addons.dialects._anthropic_render import render_request
from addons.dialects._anthropic_request import parse_request
from addons.dialects._anthropic_residue import residue
from addons.dialects._anthropic_whole import render_response
from addons.dialects.base import Dialect, Look, Peek, malformed_peek, usage_at


def peek(event: SseEvent) -> Peek:
    if event.data == b"[DONE]":
        return Peek(Look.QUIET)
    try:
        body = jsonio.loads(event.data)
        return _peek({"type": event.name, **body})
    except (jsonio.JsonError, AttributeError, TypeError, LookupError) as error:
        return malformed_peek(event, error)


def _peek(body: dict[str, object]) -> Peek:
    match body:
        case {"type": "error"} | {"error": dict()}:
            return Peek(Look.ERROR, error_info(body.get("error")))
        case {"type": "message_start", "message": {"usage": dict(usage)}}:
            return Peek(Look.QUIET, usage=usage_of(usage))
        case {"type": "content_block_start", "content_block": {"type": "text" | "thinking"}}:
            return Peek(Look.QUIET)
        case {"type": "content_block_start" | "content_block_delta"}:
            return Peek(Look.CONTENT)
        case {"type": "message_delta", "usage": dict(usage)}:
            return Peek(Look.COMPLETE, usage=usage_of(usage))
        case {"type": "message_delta"}:
            return Peek(Look.COMPLETE)
        case {"type": "message_stop"}:
            return Peek(Look.DONE)
        case _:
            return Peek(Look.QUIET)


DIALECT = Dialect(
    name=DialectName.ANTHROPIC,
    parse_request=parse_request,
    render_request=render_request,
    decoder=AnthropicDecoder,
    encoder=AnthropicEncoder,
    parse_response=parse_response,
    render_response=render_response,
    parse_error=parse_error,
    render_error=render_error,
    peek=peek,
    marks=re.compile(rb'"(?:error|message_delta|message_stop)"'),
    residue=residue,
    keepalive=b'event: ping\ndata: {"type": "ping"}\n\n',
    usage=usage_at("usage", usage_of),
)
