"""Errors of the Responses API. They are those of all OpenAI formats, but for codes that only this API has: its clients
act on them. Source: OpenAI API reference, "Conversation state"; what Codex does with errors was read in its client."""

from addons.core.errors import ErrorInfo
from addons.dialects import _openai_errors
from addons.dialects.base import Body

# what the client resends its whole conversation for
CODES = frozenset({"previous_response_not_found"})


def render_error(info: ErrorInfo) -> Body:
    body = _openai_errors.render_error(info)
    if info.code in CODES:
        body["error"]["code"] = info.code
    return body
