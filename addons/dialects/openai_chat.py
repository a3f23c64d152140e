"""OpenAI Chat Completions, as client and as provider. Source: OpenAI API reference, "Chat Completions"."""

import re

from addons.core import jsonio
from addons.core.model import DialectName
from addons.core.sse import SseEvent
from addons.dialects._chat_decode import ChatDecoder, parse_response, usage_of
from addons.dialects._chat_encode import ChatEncoder, render_response
from addons.dialects._chat_render import render_request
from addons.dialects._chat_request import parse_request
from addons.dialects._chat_residue import residue
from addons.dialects._openai_errors import error_info, error_parser, render_error
from addons.dialects.base import Dialect, Look, Peek, malformed_peek, usage_at

_CONTENT = ("content", "refusal", "reasoning_content", "reasoning", "tool_calls", "function_call")


def peek(event: SseEvent) -> Peek:
    if event.data == b"[DONE]":
        return Peek(Look.DONE)
    try:
        body = jsonio.loads(event.data)
        return _peek(body)
    except (jsonio.JsonError, AttributeError, TypeError, LookupError) as error:
        return malformed_peek(event, error)


def _peek(body: dict[str, object]) -> Peek:
    if body.get("error"):
        return Peek(Look.ERROR, error_info(DialectName.CHAT, body["error"]))
    raw = body.get("usage")
    usage = usage_of(raw) if isinstance(raw, dict) else None
    choices = body.get("choices")
    look = Look.QUIET
    for choice in choices if isinstance(choices, list) else ():
        if choice.get("finish_reason"):
            return Peek(Look.COMPLETE, usage=usage)
        delta = choice.get("delta") or {}
        if any(delta.get(key) for key in _CONTENT):
            look = Look.CONTENT
    return Peek(look, usage=usage)


DIALECT = Dialect(
    name=DialectName.CHAT,
    parse_request=parse_request,
    render_request=render_request,
    decoder=ChatDecoder,
    encoder=ChatEncoder,
    parse_response=parse_response,
    render_response=render_response,
    parse_error=error_parser(DialectName.CHAT),
    render_error=render_error,
    peek=peek,
    residue=residue,
    marks=re.compile(rb'\[DONE\]|"error"|"finish_reason":\s*"|"usage":\s*\{'),
    usage=usage_at("usage", usage_of),
)
