"""Gemini's generateContent, as client and as provider. Source: Gemini API reference, "Generating content"."""

from addons.core.model import DialectName
from addons.dialects._gemini_client_errors import render_error
from addons.dialects._gemini_decode import MARKS, GeminiDecoder, parse_response, peek, usage_of
from addons.dialects._gemini_encode import KEEP_ALIVE, GeminiEncoder, render_response
from addons.dialects._gemini_provider_errors import parse_error
from addons.dialects._gemini_render import render_request
from addons.dialects._gemini_request import parse_request
from addons.dialects._gemini_residue import residue
from addons.dialects.base import Dialect, usage_at

DIALECT = Dialect(
    name=DialectName.GEMINI,
    parse_request=parse_request,
    render_request=render_request,
    decoder=GeminiDecoder,
    encoder=GeminiEncoder,
    parse_response=parse_response,
    render_response=render_response,
    parse_error=parse_error,
    render_error=render_error,
    peek=peek,
    marks=MARKS,
    residue=residue,
    keepalive=KEEP_ALIVE,
    usage=usage_at("usageMetadata", usage_of),
)
