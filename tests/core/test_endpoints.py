"""Specification of addons/core/endpoints.py."""

import pytest

from addons.core.endpoints import Endpoint, Kind, allowed, detect, error_dialect, find
from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/anthropic/v1/messages", CLAUDE),
        ("/anthropic/messages", CLAUDE),
        ("/anthropic", CLAUDE),
        ("/v1/messages", CLAUDE),
        ("/messages", CLAUDE),
        ("/v1/messages/", CLAUDE),
        ("/openai/v1/chat/completions", CHAT),
        ("/openai", CHAT),
        ("/v1/chat/completions", CHAT),
        ("/chat/completions", CHAT),
        ("/openai/v1/responses", RESPONSES),
        ("/v1/responses", RESPONSES),
        ("/responses", RESPONSES),
    ],
)
def test_every_generation_path_has_its_dialect(path: str, dialect: DialectName) -> None:
    assert find("POST", path) == Endpoint(Kind.GENERATE, dialect)


@pytest.mark.parametrize("path", ["/", "/v1", "/route", "/router", "/v1/"])
def test_the_unified_paths(path: str) -> None:
    assert find("POST", path) == Endpoint(Kind.UNIFIED)


def test_reading_paths() -> None:
    assert find("GET", "/") == Endpoint(Kind.CARD)
    assert find("GET", "/v1/models") == Endpoint(Kind.MODELS)
    assert find("GET", "/anthropic/v1/models") == Endpoint(Kind.MODELS, CLAUDE)
    assert find("POST", "/health") == Endpoint(Kind.HEALTH)


def test_a_wrong_method_knows_the_right_one() -> None:
    assert find("GET", "/v1/messages") is None
    assert allowed("/v1/messages") == ("POST",)
    assert allowed("/nowhere") == ()


@pytest.mark.parametrize(
    ("path", "headers", "dialect"),
    [
        ("/anthropic/v1/nope", {}, CLAUDE),
        ("/v1/messages/nope", {}, CLAUDE),
        ("/v1/models", {"anthropic-version": "2023-06-01"}, CLAUDE),
        ("/v1/models", {}, CHAT),
        ("/openai/v1/responses", {}, RESPONSES),
    ],
)
def test_a_refusal_finds_the_clients_dialect(path: str, headers: dict[str, str], dialect: DialectName) -> None:
    assert error_dialect(path, headers) is dialect


@pytest.mark.parametrize(
    ("body", "headers", "dialect"),
    [
        ({"messages": []}, {"anthropic-version": "2023-06-01"}, CLAUDE),
        ({"input": "hi"}, {}, RESPONSES),
        ({"messages": [], "max_completion_tokens": 5}, {}, CHAT),
        ({"messages": [], "tools": [{"name": "x", "input_schema": {}}]}, {}, CLAUDE),
        ({"messages": [], "tools": [{"type": "function", "function": {}}]}, {}, CHAT),
        ({"messages": [], "tool_choice": "required"}, {}, CHAT),
        ({"messages": [], "tool_choice": {"type": "any"}}, {}, CLAUDE),
        ({"messages": [{"role": "tool", "content": "x"}]}, {}, CHAT),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}, {}, CLAUDE),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, {}, CHAT),
        ({"messages": [{"role": "user", "content": "hi"}], "system": "x"}, {}, CLAUDE),
        ({"messages": [{"role": "user", "content": "hi"}]}, {}, CLAUDE),
    ],
)
def test_the_unified_endpoint_reads_the_signs(
    body: dict[str, object], headers: dict[str, str], dialect: DialectName
) -> None:
    assert detect(body, headers) is dialect
