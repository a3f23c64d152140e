"""Specification of addons/config/urls.py."""

import pytest

from addons.config.urls import endpoint, sibling
from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS
HOST = "https://a.example"


@pytest.mark.parametrize(
    ("base", "chat", "responses", "claude"),
    [
        ("", "/v1/chat/completions", "/v1/responses", "/v1/messages"),
        ("/", "/v1/chat/completions", "/v1/responses", "/v1/messages"),
        ("/v1", "/v1/chat/completions", "/v1/responses", "/v1/messages"),
        ("/v1/", "/v1/chat/completions", "/v1/responses", "/v1/messages"),
        ("/api", "/api/v1/chat/completions", "/api/v1/responses", "/api/v1/messages"),
        ("/v4", "/v4/chat/completions", "/v4/responses", "/v4/messages"),
        ("/api/paas/v4", "/api/paas/v4/chat/completions", "/api/paas/v4/responses", "/api/paas/v4/messages"),
        ("/v1beta", "/v1beta/chat/completions", "/v1beta/responses", "/v1beta/messages"),
        ("/v2/mount", "/v2/mount/chat/completions", "/v2/mount/responses", "/v2/mount/v1/messages"),
        ("/vault", "/vault/v1/chat/completions", "/vault/v1/responses", "/vault/v1/messages"),
    ],
)
def test_the_leaf_goes_below_the_version(base: str, chat: str, responses: str, claude: str) -> None:
    assert endpoint(HOST + base, CHAT) == HOST + chat
    assert endpoint(HOST + base, RESPONSES) == HOST + responses
    assert endpoint(HOST + base, CLAUDE) == HOST + claude


@pytest.mark.parametrize(
    ("base", "dialect"),
    [("/x/chat/completions", CHAT), ("/x/responses", RESPONSES), ("/x/messages", CLAUDE), ("/v1/messages", CLAUDE)],
)
def test_a_whole_endpoint_is_used_as_it_is(base: str, dialect: DialectName) -> None:
    assert endpoint(HOST + base, dialect) == HOST + base


def test_the_endpoint_of_another_dialect_counts_as_what_lies_above_it() -> None:
    assert endpoint(f"{HOST}/v1/chat/completions", CLAUDE) == f"{HOST}/v1/messages"


def test_the_query_stays_and_user_information_and_fragment_go() -> None:
    assert endpoint("https://u:p@a.example:8443/v1?k=v#f", CHAT) == "https://a.example:8443/v1/chat/completions?k=v"


@pytest.mark.parametrize(
    ("base", "gemini", "completions"),
    [
        ("", "/v1beta/models", "/v1/completions"),
        ("/v1", "/v1/models", "/v1/completions"),
        ("/v1beta/", "/v1beta/models", "/v1beta/completions"),
        ("/v1beta/models", "/v1beta/models", "/v1beta/completions"),
        ("/v1/chat/completions", "/v1/models", "/v1/completions"),
    ],
)
def test_the_folder_of_gemini_s_models_and_the_oldest_endpoint(base: str, gemini: str, completions: str) -> None:
    assert endpoint(HOST + base, GEMINI) == HOST + gemini
    assert endpoint(HOST + base, COMPLETIONS) == HOST + completions


def test_another_resource_stands_beside_the_endpoint() -> None:
    assert sibling(f"{HOST}/v4/chat/completions?k=v", "embeddings") == f"{HOST}/v4/embeddings?k=v"
    assert sibling(f"{HOST}/v1/messages", "messages/count_tokens") == f"{HOST}/v1/messages/count_tokens"
