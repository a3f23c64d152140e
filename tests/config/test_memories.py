"""Which Responses providers remember: what their hosts tell, and what the document says."""

import json

import pytest

from addons.config import load
from addons.config.memories import memory_at
from addons.core.plan import Memory


def memories(url: str, stateless: bool | None, of_model: bool | None = None) -> tuple[Memory, Memory | None]:
    """Those of a provider and of its model."""
    model = {"id": "m", "statelessResponses": of_model}
    provider = {"id": "p", "baseUrl": url, "format": "openai-responses", "models": [model]}
    document = {"providers": [{**provider, "statelessResponses": stateless}]}
    found = load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)})
    assert not found.warnings
    made = found.plan.providers[0]
    return made.memory, made.models[0].memory


@pytest.mark.parametrize(
    ("url", "memory"),
    [
        ("https://api.openai.com/v1/responses", "keeps"),
        ("https://eu.api.openai.com/v1/responses", "keeps"),
        ("https://mine.openai.azure.com/openai/v1/responses", "keeps"),
        ("https://api.x.ai/v1/responses", "keeps"),
        ("https://openrouter.ai/api/v1/responses", "none"),
        ("https://api.groq.com/openai/v1/responses", "none"),
        ("https://chatgpt.com/backend-api/codex/responses", "none"),
        ("http://localhost:8000/v1/responses", "unsure"),
        ("https://notapi.openai.com.example/v1/responses", "unsure"),
        ("https://not-openrouter.ai/v1/responses", "unsure"),
        (None, "unsure"),
    ],
)
def test_the_host_tells_what_is_known(url: str | None, memory: Memory) -> None:
    assert memory_at(url) == memory


@pytest.mark.parametrize(("stateless", "memory"), [(True, "none"), (False, "keeps"), (None, "keeps")])
def test_the_document_says_it_otherwise(stateless: bool | None, memory: Memory) -> None:
    assert memories("https://api.openai.com/v1", stateless) == (memory, None)


def test_a_model_may_differ_from_its_provider() -> None:
    assert memories("http://localhost:1234/v1", True, of_model=False) == ("none", "keeps")
