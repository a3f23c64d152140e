"""Specification of addons/core/endpoints.py."""

from dataclasses import replace

import pytest

from addons.core.endpoints import Endpoint, Kind, allowed, detect, error_dialect, find, is_amp
from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS


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
        ("/v1beta/models/gemini-3-pro:embedContent", {}, GEMINI),
        ("/v1/publishers/google/models/gemini-3-pro:predict", {}, GEMINI),
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


@pytest.mark.parametrize(
    "prefix",
    [
        "/gemini/v1beta",
        "/gemini/v1",
        "/gemini/v1alpha",
        "/gemini",
        "/v1beta",
        "/v1alpha",
        "/v1",
        "",
        "/v1/publishers/google",
        "/publishers/google",
        "/v1/projects/p/locations/global/publishers/google",
        "/v1beta1/projects/p/locations/us-central1/publishers/google",
        "/api/provider/google/v1beta1/publishers/google",
        "/api/provider/google/v1beta",
        "/api/provider/google",
    ],
)
def test_every_prefix_of_google_s_paths(prefix: str) -> None:
    call = f"{prefix}/models/gemini-3-pro"
    amp = "google" if prefix.startswith("/api/provider") else None
    generate = Endpoint(Kind.GENERATE, GEMINI, "gemini-3-pro", False, amp)

    assert find("POST", f"{call}:generateContent") == generate
    assert find("POST", f"{call}:streamGenerateContent") == replace(generate, stream=True)
    assert find("POST", f"{call}:countTokens") == replace(generate, kind=Kind.COUNT)


@pytest.mark.parametrize(
    ("path", "provider", "dialect"),
    [
        ("anthropic/v1/messages", "anthropic", CLAUDE),
        ("openai/v1/responses", "openai", RESPONSES),
        ("openai/v1/chat/completions", "openai", CHAT),
        ("openai/v1/completions", "openai", COMPLETIONS),
        ("xai/v1/chat/completions", "xai", CHAT),
        ("fireworks/v1/chat/completions", "fireworks", CHAT),
        ("baseten/v1/chat/completions", "baseten", CHAT),
        ("cerebras/v1/chat/completions", "cerebras", CHAT),
        ("kimi/chat/completions", "kimi", CHAT),
        ("groq/chat/completions", "groq", CHAT),
        ("Kimi/messages/", "kimi", CLAUDE),
    ],
)
def test_every_provider_path_of_amp(path: str, provider: str, dialect: DialectName) -> None:
    assert find("POST", f"/api/provider/{path}") == Endpoint(Kind.GENERATE, dialect, provider=provider)


@pytest.mark.parametrize(("provider", "dialect"), [("anthropic", CLAUDE), ("openai", CHAT), ("xai", CHAT)])
@pytest.mark.parametrize("folder", ["v1/models", "models"])
def test_the_models_below_a_provider_of_amp(provider: str, dialect: DialectName, folder: str) -> None:
    path = f"/api/provider/{provider}/{folder}"
    assert find("GET", path) == Endpoint(Kind.MODELS, dialect, provider=provider)
    assert find("GET", f"{path}/a%2Fm") == Endpoint(Kind.MODEL, dialect, "a/m", provider=provider)


@pytest.mark.parametrize("path", ["cerebras/v1/tcp_warming", "google/v1beta1/cachedContents", "x"])
def test_other_paths_below_a_provider_are_amps_but_no_endpoints(path: str) -> None:
    assert find("GET", f"/api/provider/{path}") is None and is_amp(f"/api/provider/{path}")
    assert not is_amp("/v1/messages")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openrouter/z-ai/glm-4.6", "openrouter/z-ai/glm-4.6"),
        ("alias:fast", "alias:fast"),
        ("a%2Fb%5B1m%5D", "a/b[1m]"),
    ],
)
def test_a_model_in_a_path_may_be_any_name_of_llr_s(name: str, model: str) -> None:
    endpoint = find("POST", f"/v1beta/models/{name}:generateContent")

    assert endpoint is not None
    assert endpoint.model == model


def test_an_unknown_method_of_google_s_is_nothing() -> None:
    assert find("POST", "/v1beta/models/gemini-3-pro:embedContent") is None
    assert find("GET", "/v1beta/models/gemini-3-pro:generateContent") is None
    assert allowed("/v1beta/models/gemini-3-pro:generateContent") == ("POST",)


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1beta/models", Endpoint(Kind.MODELS, GEMINI)),
        ("/gemini/v1beta/models", Endpoint(Kind.MODELS, GEMINI)),
        ("/gemini/models", Endpoint(Kind.MODELS, GEMINI)),
        ("/v1beta/models/gemini-3-pro", Endpoint(Kind.MODEL, GEMINI, "gemini-3-pro")),
        ("/v1beta/models/a/llama3:8b", Endpoint(Kind.MODEL, GEMINI, "a/llama3:8b")),
        ("/v1/models/a/b", Endpoint(Kind.MODEL, None, "a/b")),
        ("/models/fast", Endpoint(Kind.MODEL, None, "fast")),
        ("/openai/v1/models/fast", Endpoint(Kind.MODEL, CHAT, "fast")),
        ("/anthropic/v1/models/claude-x", Endpoint(Kind.MODEL, CLAUDE, "claude-x")),
    ],
)
def test_lists_and_single_models(path: str, endpoint: Endpoint) -> None:
    assert find("GET", path) == endpoint


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1/completions", Endpoint(Kind.GENERATE, COMPLETIONS)),
        ("/openai/completions", Endpoint(Kind.GENERATE, COMPLETIONS)),
        ("/v1/messages/count_tokens", Endpoint(Kind.COUNT, CLAUDE)),
        ("/anthropic/v1/messages/count_tokens", Endpoint(Kind.COUNT, CLAUDE)),
        ("/v1/responses/input_tokens", Endpoint(Kind.COUNT, RESPONSES)),
        ("/openai/v1/responses/input_tokens", Endpoint(Kind.COUNT, RESPONSES)),
        ("/v1/embeddings", Endpoint(Kind.EMBEDDINGS, CHAT)),
        ("/openai/v1/embeddings", Endpoint(Kind.EMBEDDINGS, CHAT)),
    ],
)
def test_the_other_paths_that_are_posted_to(path: str, endpoint: Endpoint) -> None:
    assert find("POST", path) == endpoint


@pytest.mark.parametrize(
    ("body", "dialect"),
    [({"contents": []}, GEMINI), ({"prompt": "once upon"}, COMPLETIONS), ({"prompt": "x", "messages": []}, CLAUDE)],
)
def test_the_unified_endpoint_knows_the_youngest_and_the_oldest_dialect(
    body: dict[str, object], dialect: DialectName
) -> None:
    assert detect(body, {}) is dialect
