"""Specification of addons/core/sites.py: which hosts are routed, and what the engine calls their paths."""

import pytest

from addons.core.guard import Authority
from addons.core.sites import ProxyPlan, Treatment, engine_path

VERTEX = "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3-pro:streamGenerateContent"
KNOWN = [
    ("api.anthropic.com", "/v1/messages", "/v1/messages"),
    ("API.Anthropic.com", "/v1/messages/count_tokens", "/v1/messages/count_tokens"),
    ("api.openai.com", "/v1/responses", "/v1/responses"),
    ("api.openai.com", "/v1/chat/completions", "/v1/chat/completions"),
    ("api.openai.com", "/v1/embeddings", "/v1/embeddings"),
    ("chatgpt.com", "/backend-api/codex/responses", "/v1/responses"),
    (
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-3-pro:generateContent",
        "/v1beta/models/gemini-3-pro:generateContent",
    ),
    ("aiplatform.googleapis.com", VERTEX, VERTEX),
    ("europe-west4-aiplatform.googleapis.com", VERTEX, VERTEX),
    ("ampcode.com", "/api/provider/anthropic/v1/messages", "/api/provider/anthropic/v1/messages"),
    ("models.example", "/serving/v1/chat/completions", "/v1/chat/completions"),
    ("models.example", "/v1/messages", "/v1/messages"),
]
NOT_KNOWN = [
    ("api.anthropic.com", "/api/oauth/claude_cli/roles"),
    ("api.anthropic.com", "/v1/messages/batches"),
    ("api.anthropic.com", "/v1/models"),
    ("chatgpt.com", "/backend-api/codex/models"),
    ("chatgpt.com", "/backend-api/codex/responses/compact"),
    ("chatgpt.com", "/v1/responses"),
    ("generativelanguage.googleapis.com", "/v1beta/models/gemini-3-pro:embedContent"),
    ("ampcode.com", "/api/user"),
    ("models.example", "/chat"),
]


@pytest.mark.parametrize(("host", "path", "known_as"), KNOWN)
def test_what_asks_a_model_has_a_path_of_the_engine(host: str, path: str, known_as: str) -> None:
    assert engine_path(host, "POST", path) == known_as


@pytest.mark.parametrize(("host", "path"), NOT_KNOWN)
def test_everything_else_is_left_to_the_host(host: str, path: str) -> None:
    assert engine_path(host, "POST", path) is None


def test_a_socket_is_opened_where_the_engine_would_be_posted_to() -> None:
    assert engine_path("chatgpt.com", "GET", "/backend-api/codex/responses") == "/v1/responses"


def test_no_other_method_asks_a_model() -> None:
    assert engine_path("api.openai.com", "DELETE", "/v1/responses") is None


def test_vendors_are_routed_and_all_others_are_not_even_decrypted() -> None:
    plan = ProxyPlan()
    assert plan.treatment("api.openai.com", 443) is Treatment.ROUTE
    assert plan.treatment("us-east1-aiplatform.googleapis.com", 443) is Treatment.ROUTE
    assert plan.treatment("storage.googleapis.com", 443) is Treatment.TUNNEL
    assert plan.treatment("evil-api.openai.com.example", 443) is Treatment.TUNNEL


def test_the_configuration_decides_before_the_table() -> None:
    plan = ProxyPlan(
        {Authority("api.openai.com"): Treatment.TUNNEL, Authority("models.example", 8443): Treatment.ROUTE}
    )
    assert plan.treatment("api.openai.com", 443) is Treatment.TUNNEL
    assert plan.treatment("models.example", 8443) is Treatment.ROUTE
    assert plan.treatment("models.example", 443) is Treatment.TUNNEL
