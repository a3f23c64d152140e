"""Specification of llr_cli/configure/listing.py: the lists of every vendor."""

from typing import Any

import pytest

from harness.configuring import Cli, Provider
from llr_cli.configure.listing import Listed, models_in

ENTRIES: list[tuple[str, Any, list[Listed]]] = [
    ("openai", {"object": "list", "data": [{"id": "gpt", "object": "model", "created": 1}]}, [Listed("gpt")]),
    ("openrouter", {"data": [{"id": "a/b", "context_length": 9, "top_provider": {"context_length": 8}}]},
     [Listed("a/b", 9)]),
    ("top_provider", {"data": [{"id": "a/b", "top_provider": {"context_length": 8}}]}, [Listed("a/b", 8)]),
    ("groq", {"data": [{"id": "g", "context_window": 7, "active": True}]}, [Listed("g", 7)]),
    ("vllm", {"data": [{"id": "v", "max_model_len": 6}]}, [Listed("v", 6)]),
    ("mistral", {"data": [{"id": "m", "max_context_length": 5}]}, [Listed("m", 5)]),
    ("anthropic", {"data": [{"id": "c", "type": "model", "max_input_tokens": 4}], "has_more": False}, [Listed("c", 4)]),
    (
        "gemini",
        {
            "models": [
                {"name": "models/gem", "inputTokenLimit": 3, "supportedGenerationMethods": ["generateContent"]},
                {"name": "models/embed", "inputTokenLimit": 3, "supportedGenerationMethods": ["embedContent"]},
            ]
        },
        [Listed("gem", 3)],
    ),
    ("together", [{"id": "t", "context_length": 2}], [Listed("t", 2)]),
    ("ollama", {"models": [{"name": "llama3:8b", "model": "llama3:8b"}]}, [Listed("llama3:8b")]),
    ("names", {"data": ["a", "b"]}, [Listed("a"), Listed("b")]),
    ("odd", {"data": [{"id": 5}, None, {"id": "x", "context_length": "big"}, {"id": "y", "context_length": True}]},
     [Listed("x"), Listed("y")]),
    ("none", {"data": None}, []),
    ("nonsense", "text", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [each[1:] for each in ENTRIES], ids=[each[0] for each in ENTRIES])
def test_each_form_of_a_list(body: Any, expected: list[Listed]) -> None:
    assert list(models_in(body)) == expected


def provider_of(cli: Cli, url: str, word: str) -> None:
    cli.have({"providers": [{"id": "t", "baseUrl": url, "format": word, "apiKey": "k" * 20, "models": ["m"]}]})


def test_pages_of_google_by_token(fresh: Cli, provider: Provider) -> None:
    provider_of(fresh, provider.url, "gemini")
    one = {"models": [{"name": "models/a"}], "nextPageToken": "n2"}
    provider.answers["/v1beta/models?pageSize=1000"] = lambda _: (200, one)
    provider.answers["/v1beta/models?pageSize=1000&pageToken=n2"] = lambda _: (200, {"models": [{"name": "models/b"}]})
    assert [each["id"] for each in fresh.json("provider", "discover", "t")["models"]] == ["a", "b"]
    assert provider.asked[0].headers["x-goog-api-key"] == "k" * 20


def test_pages_of_anthropic_by_the_last_id(fresh: Cli, provider: Provider) -> None:
    provider_of(fresh, provider.url, "claude")
    one = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    provider.answers["/v1/models?limit=1000"] = lambda _: (200, one)
    provider.answers["/v1/models?limit=1000&after_id=a"] = lambda _: (200, {"data": [{"id": "b"}], "has_more": False})
    assert [each["id"] for each in fresh.json("provider", "discover", "t")["models"]] == ["a", "b"]
    assert provider.asked[0].headers["anthropic-version"] == "2023-06-01"


def test_a_list_that_never_ends_ends(fresh: Cli, provider: Provider) -> None:
    provider_of(fresh, provider.url, "gemini")
    provider.answers["/v1beta/models"] = lambda _: (200, {"models": [{"name": "a"}], "nextPageToken": "again"})
    fresh.config("provider", "discover", "t")
    assert len(provider.asked) == 20
