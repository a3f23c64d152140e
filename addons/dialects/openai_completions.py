"""Legacy completions (`POST /v1/completions`): as client towards providers of every dialect, as provider for clients
of this dialect only. Source: OpenAI API reference, "Completions"."""

import re

from addons.core.model import DialectName
from addons.dialects._chat_decode import usage_of
from addons.dialects._completions_answer import (
    CompletionsDecoder,
    CompletionsEncoder,
    parse_response,
    peek,
    render_response,
)
from addons.dialects._completions_request import parse_request, render_request
from addons.dialects._openai_errors import error_parser, render_error
from addons.dialects.base import Dialect, usage_at

DIALECT = Dialect(
    name=DialectName.COMPLETIONS,
    parse_request=parse_request,
    render_request=render_request,
    decoder=CompletionsDecoder,
    encoder=CompletionsEncoder,
    parse_response=parse_response,
    render_response=render_response,
    parse_error=error_parser(DialectName.COMPLETIONS),
    render_error=render_error,
    peek=peek,
    marks=re.compile(rb'\[DONE\]|"error"|"finish_reason":\s*"|"usage":\s*\{'),
    usage=usage_at("usage", usage_of),
)
