"""Specification of addons/core/headers.py."""

from dataclasses import replace

import pytest

from addons.core.headers import client_headers, upstream_headers
from addons.core.model import DialectName
from addons.core.plan import Auth, Candidate, Model, Provider

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
PROVIDER = Provider(
    "p", "P", (CLAUDE, CHAT), {CLAUDE: "http://c", CHAT: "http://o"}, (),
    auth={CLAUDE: Auth("x-api-key", "x-api-key", ""), CHAT: Auth()}, key="up-key",
)  # fmt: skip
CLIENT = {
    "authorization": "Bearer client-key",
    "x-api-key": "client-key",
    "cookie": "client-key",
    "host": "localhost",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "b1",
    "user-agent": "claude-cli",
    "x-codex-routing-hint": "model=x",
    "x-forwarded-host": "evil.example",
}


def sent(dialect: DialectName, client: DialectName = CLAUDE, provider: Provider = PROVIDER) -> dict[str, str]:
    return dict(upstream_headers(Candidate(provider, Model("m"), dialect), CLIENT, client, stream=True))


@pytest.mark.parametrize("dialect", [CLAUDE, CHAT])
def test_no_credential_of_the_client_travels(dialect: DialectName) -> None:
    """Promise 41."""
    headers = sent(dialect)
    assert "client-key" not in str(headers) and "cookie" not in headers and "host" not in headers
    assert "x-forwarded-host" not in headers and "x-codex-routing-hint" not in headers


def test_the_providers_key_travels_its_own_way() -> None:
    assert sent(CLAUDE)["x-api-key"] == "up-key"
    assert sent(CHAT)["authorization"] == "Bearer up-key"


def test_betas_and_agent_stay_within_the_dialect() -> None:
    assert (sent(CLAUDE)["anthropic-beta"], sent(CLAUDE)["user-agent"]) == ("b1", "claude-cli")
    assert "anthropic-beta" not in sent(CHAT) and sent(CHAT)["user-agent"] == "llr"


def test_the_providers_betas_are_added() -> None:
    assert sent(CLAUDE, provider=replace(PROVIDER, anthropic_beta="b2"))["anthropic-beta"] == "b1,b2"


def test_a_translated_request_says_its_own_version() -> None:
    headers = sent(CLAUDE, client=CHAT)
    assert headers["anthropic-version"] == "2023-06-01" and "anthropic-beta" not in headers


def test_configured_headers_win_and_null_takes_one_away() -> None:
    headers = sent(CHAT, provider=replace(PROVIDER, headers={"X-Team": "t", "User-Agent": None}))
    assert headers["x-team"] == "t" and "user-agent" not in headers


def test_the_client_sees_no_header_of_the_other_hop() -> None:
    upstream = {"content-length": "3", "connection": "close", "access-control-allow-origin": "*", "request-id": "r"}
    assert client_headers(upstream) == (("request-id", "r"),)
