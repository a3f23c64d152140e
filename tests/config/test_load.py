"""Specification of addons/config: from the document to the plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from addons.config import ConfigMissing, ConfigProblem, Loaded, load
from addons.core.model import DialectName
from addons.core.plan import Auth

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES


def provider(**changes: Any) -> dict[str, Any]:
    base = {"id": "p", "baseUrl": "https://api.example/v1", "format": "openai", "models": ["m"], "apiKey": "k"}
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def loaded(document: dict[str, Any], **env: str) -> Loaded:
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document), **env})


def problems(document: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigProblem) as caught:
        loaded(document)
    return caught.value.problems


PREDECESSOR = {
    "version": 2,
    "master-key": "gw_master",
    "default-model": "chat.default",
    "providers": [
        {
            "id": "openrouter",
            "name": "OpenRouter",
            "enabled": True,
            "endpoint": "https://openrouter.example/api/v1",
            "credential": "sk-1",
            "formats": ["openai", "claude"],
            "base-url-by-format": {"anthropic": "https://openrouter.example/api"},
            "headers": {"X-Title": "t", "User-Agent": False},
            "models": [
                {"id": "gpt-4o", "alias": ["fast"], "context-window": 128000, "silent-fallbacks": ["openrouter/glm"]},
                "glm",
                {"name": "off", "enabled": False},
            ],
            "rate-limits": [{"id": "b", "models": ["all"], "requests": 10, "window": {"unit": "minute", "size": 1}}],
            "lastProbe": {"formats": ["openai"]},
        }
    ],
    "model-aliases": {
        "chat.default": {
            "strategy": "auto",
            "targets": [{"ref": "openrouter/gpt-4o", "weight": 3, "metadata": {}}, "openrouter/glm"],
            "fallbacks": [{"route": "openrouter/glm"}],
            "metadata": {"x": 1},
        }
    },
    "amp": {"preset": "builtin"},
    "webSearch": {"strategy": "ordered"},
    "metadata": {"localServer": {"requireAuth": True}, "activityLog": {"enabled": False}},
}


def test_a_document_of_the_predecessor_loads_unchanged() -> None:
    plan = loaded(PREDECESSOR).plan
    (only,) = plan.providers
    assert (plan.master_key, plan.require_auth, plan.default_model) == ("gw_master", True, "chat.default")
    assert only.endpoints == {
        CHAT: "https://openrouter.example/api/v1/chat/completions",
        CLAUDE: "https://openrouter.example/api/v1/messages",
    }
    assert [(model.id, model.aliases, model.fallbacks) for model in only.models] == [
        ("gpt-4o", ("fast",), ("openrouter/glm",)),
        ("glm", (), ()),
    ]
    assert only.headers == {"X-Title": "t", "User-Agent": None}
    alias = plan.aliases["chat.default"]
    assert [(t.ref, t.weight) for t in alias.targets] == [("openrouter/gpt-4o", 3), ("openrouter/glm", 1)]
    assert [t.ref for t in alias.fallbacks] == ["openrouter/glm"]


def test_no_block_of_the_predecessor_is_an_unknown_key() -> None:
    warnings = "\n".join(loaded(PREDECESSOR).warnings)
    assert "amp" not in warnings and "webSearch" not in warnings
    assert "unknown key" not in warnings


@pytest.mark.parametrize(
    ("word", "dialect"),
    [
        ("openai", CHAT),
        ("openai-responses", RESPONSES),
        ("claude", CLAUDE),
        ("anthropic", CLAUDE),
        ("gemini", DialectName.GEMINI),
        ("google", DialectName.GEMINI),
        ("openai-completions", DialectName.COMPLETIONS),
    ],
)
def test_every_format_word(word: str, dialect: DialectName) -> None:
    assert loaded({"providers": [provider(format=word)]}).plan.providers[0].dialects == (dialect,)


@pytest.mark.parametrize(
    ("base", "dialect", "url"),
    [
        ("https://a.example", CHAT, "https://a.example/v1/chat/completions"),
        ("https://a.example/v1/", CHAT, "https://a.example/v1/chat/completions"),
        ("https://a.example/api/paas/v4", CHAT, "https://a.example/api/paas/v4/chat/completions"),
        ("https://a.example/v1beta/openai", CHAT, "https://a.example/v1beta/openai/chat/completions"),
        ("https://a.example/v1/chat/completions", CHAT, "https://a.example/v1/chat/completions"),
        ("https://a.example/v1", RESPONSES, "https://a.example/v1/responses"),
        ("https://a.example", CLAUDE, "https://a.example/v1/messages"),
        ("https://a.example/anthropic/v1", CLAUDE, "https://a.example/anthropic/v1/messages"),
        ("https://user:pw@a.example/v1#x", CHAT, "https://a.example/v1/chat/completions"),
        ("http://127.0.0.1:8080", CLAUDE, "http://127.0.0.1:8080/v1/messages"),
    ],
)
def test_a_base_works_with_and_without_its_tail(base: str, dialect: DialectName, url: str) -> None:
    plan = loaded({"providers": [provider(baseUrl=base, format=dialect)]}).plan
    assert plan.providers[0].endpoints[dialect] == url


def test_the_key_can_come_from_the_environment() -> None:
    document = {"providers": [provider(apiKey=None, apiKeyEnv="MY_KEY")]}
    assert loaded(document, MY_KEY="secret").plan.providers[0].key == "secret"
    missing = loaded(document)
    assert missing.plan.providers[0].key_problem == "the variable MY_KEY is not set"
    assert any("MY_KEY" in warning for warning in missing.warnings)


def test_default_and_own_authentication() -> None:
    def auth(**changes: Any) -> Auth:
        return next(iter(loaded({"providers": [provider(**changes)]}).plan.providers[0].auth.values()))

    assert auth() == Auth("bearer", "authorization", "Bearer ")
    assert auth(format="claude") == Auth("x-api-key", "x-api-key", "")
    assert auth(auth={"type": "header", "headerName": "api-key"}) == Auth("header", "api-key", "")
    assert auth(auth={"kind": "none"}).kind == "none"
    assert auth(format="claude", authByFormat={"claude": {"type": "bearer"}}) == Auth()


@pytest.mark.parametrize("field", ["apiKey", "masterKey"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_key_is_an_error_and_not_off(field: str, blank: str) -> None:
    """Promise 38."""
    document: dict[str, Any] = {"providers": [provider()]}
    (document["providers"][0] if field == "apiKey" else document)[field] = blank
    assert any(field in problem and "expected" in problem for problem in problems(document))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"providers": [provider(baseUrl="ftp://x")]},
            ['providers[0].baseUrl: expected an http(s) URL, got "ftp://x"'],
        ),
        ({"providers": [provider(baseUrl=None)]}, ["providers[0].baseUrl"]),
        ({"providers": [provider(id="9 lives")]}, ["providers[0].id", "9 lives"]),
        ({"providers": [provider(format="pl/1")]}, ["providers[0].format", "openai-responses"]),
        ({"providers": [provider(models=[])]}, ["providers[0].models"]),
        ({"providers": [provider(), provider()]}, ["providers[1].id", "'p' is used twice"]),
        ({"providers": [provider(headers={"Host": "x"})]}, ["providers[0].headers.Host: expected"]),
        ({"providers": [provider(headers={"X": "a\r\nb"})]}, ["providers[0].headers.X: expected"]),
        ({"providers": [provider()], "defaultModel": "p/n"}, ["defaultModel", "p/m"]),
        (
            {"providers": [provider()], "modelAliases": {"a": {"targets": ["p/nn"]}}},
            ["modelAliases.a.targets[0]", "p/m"],
        ),
        (
            {"providers": [provider()], "modelAliases": {"a": {"targets": ["b"]}, "b": {"targets": ["a"]}}},
            ["modelAliases.a: ", "a -> b -> a"],
        ),
        ({"providers": [provider()], "modelAliases": {"a": {"strategy": "best", "targets": ["p/m"]}}}, ["a.strategy"]),
        ({"providers": {}}, ["providers"]),
    ],
)
def test_a_mistake_is_named_by_its_path(document: dict[str, Any], words: list[str]) -> None:
    found = "\n".join(problems(document))
    assert all(word in found for word in words), found


def test_a_secret_is_never_part_of_a_problem() -> None:
    document = {"providers": [provider(apiKey="sk-secret-canary", baseUrl=7)], "masterKey": ["sk-secret-canary"]}
    assert "sk-secret-canary" not in "\n".join(problems(document))


def test_all_problems_are_told_at_once() -> None:
    assert len(problems({"providers": [provider(baseUrl="x"), provider(baseUrl="y")]})) == 2


def test_an_unknown_key_is_kept_and_warned_about_with_the_near_name() -> None:
    warnings = loaded({"providers": [provider(baseURL="https://b.example")]}).warnings
    assert any("providers[0].baseURL" in warning and "baseUrl" in warning for warning in warnings)


def test_an_alias_may_point_at_a_disabled_provider() -> None:
    document = {
        "providers": [provider(), provider(id="off", enabled=False)],
        "modelAliases": {"a": {"targets": ["off/m", "p/m"]}},
    }
    assert loaded(document).plan.aliases["a"].targets[0].ref == "off/m"


def test_the_environment_tunes_retries_deadlines_and_caps() -> None:
    plan = loaded(
        {"providers": [provider()]},
        LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS="5",
        LLM_ROUTER_ORIGIN_RETRY_BASE_DELAY_MS="10",
        LLM_ROUTER_UPSTREAM_TIMEOUT_MS="2000",
        LLM_ROUTER_MAX_REQUEST_BODY_BYTES="4096",
        LLM_ROUTER_DEBUG_ROUTING="true",
        LLM_ROUTER_MASTER_KEY="from-env",
    ).plan
    assert (plan.retry.attempts, plan.retry.base, plan.max_body, plan.debug) == (5, 0.01, 4096, True)
    assert (plan.providers[0].deadlines.first_event, plan.master_key) == (2.0, "from-env")


def test_a_provider_has_its_own_deadlines() -> None:
    plan = loaded({"providers": [provider(deadlines={"idleMs": 1500})]}).plan
    assert plan.providers[0].deadlines.idle == 1.5


def test_the_sources_in_their_order(tmp_path: Path) -> None:
    for name in ("explicit", "named", ".llm-router"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"providers": [], "defaultModel": "smart"}))
    env = {"HOME": str(tmp_path)}
    assert load(None, env).source == str(tmp_path / ".llm-router.json")
    env["LLM_ROUTER_CONFIG"] = str(tmp_path / "named.json")
    assert load(None, env).source == str(tmp_path / "named.json")
    env["LLM_ROUTER_CONFIG_JSON"] = "{}"
    assert load(None, env).source == "LLM_ROUTER_CONFIG_JSON"
    assert load(tmp_path / "explicit.json", env).source == str(tmp_path / "explicit.json")


def test_no_configuration_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigMissing, match="llr config init"):
        load(None, {"HOME": str(tmp_path)})


def test_a_syntax_error_is_named_by_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{\n  "version": 2,,\n}')
    with pytest.raises(ConfigProblem, match="line 2, column 16"):
        load(path, {})


def test_loading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    text = '{ "version":1, "unknown": [1.0], "providers": [] }\n'
    path.write_text(text)
    load(path, {})
    assert path.read_text() == text and list(tmp_path.iterdir()) == [path]
