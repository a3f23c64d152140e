"""Gemini requests, written shortly, and read by the dialect."""

from typing import Any

import pytest

from addons.core.errors import BadRequest
from addons.core.model import Request
from addons.dialects._gemini_request import parse_request

HI = {"role": "user", "parts": [{"text": "hi"}]}


def parsed(*contents: Any, **more: Any) -> Request:
    """Those of the user and the model, or a mere greeting."""
    return parse_request({"contents": list(contents) or [HI], **more})


def configured(**config: Any) -> Request:
    return parsed(generationConfig=config)


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def call(name: str = "f", **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, **more}}


def response(name: str = "f", result: Any = None, **more: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": result or {"output": "ok"}, **more}}


def wrong(body: dict[str, Any]) -> str:
    """The path that a refusal names."""
    with pytest.raises(BadRequest) as caught:
        parse_request(body)
    return caught.value.path
