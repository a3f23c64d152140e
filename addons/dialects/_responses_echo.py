"""What a response object repeats of its request. Source: OpenAI API reference, "The response object"."""

from collections.abc import Mapping
from typing import Any

from addons.core.model import DialectName, Request
from addons.dialects._responses_render import own_members
from addons.dialects.base import Body

# member → what the API says when the request does not
DEFAULTS: Mapping[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": None,
    "store": True,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": None,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
_NESTED = ("reasoning", "text")


def echo(request: Request, model: str) -> Body:
    """The repeated members; a request of another dialect has nothing to repeat but its model."""
    said = {**own_members(request), **request.answer} if request.dialect == DialectName.RESPONSES else {}
    body: Body = {"model": model}
    for name, default in DEFAULTS.items():
        value = said.get(name, default)
        body[name] = {**default, **value} if name in _NESTED and isinstance(value, dict) else value
    return body
