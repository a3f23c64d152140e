"""Specification of addons/config/models.py and fields.py: every spelling of every key, and what values refuse."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from addons.config import ConfigProblem, load
from addons.core.model import DialectName
from addons.core.plan import Auth, Plan

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
URL = "https://api.example/v1"


def plan_of(document: Mapping[str, Any]) -> Plan:
    loaded = load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document), "A_KEY": "from-env"})
    assert not [warning for warning in loaded.warnings if "unknown key" in warning]
    return loaded.plan


def provider(**keys: Any) -> dict[str, Any]:
    return {"id": "p", "baseUrl": URL, "format": "openai", "models": ["m", "n"]} | keys


def without(*names: str, **keys: Any) -> dict[str, Any]:
    return {name: value for name, value in provider().items() if name not in names} | keys


def only(**keys: Any) -> Any:
    return plan_of({"providers": [provider(**keys)]}).providers[0]


TOP: list[tuple[tuple[str, ...], Any, Callable[[Plan], Any], Any]] = [
    (("masterKey", "master-key"), "gw", lambda plan: plan.master_key, "gw"),
    (("defaultModel", "default-model"), "p/m", lambda plan: plan.default_model, "p/m"),
    (("modelAliases", "model-aliases"), {"a": {"targets": ["p/m"]}}, lambda plan: list(plan.aliases), ["a"]),
]
KEPT = ("ollama",)


@pytest.mark.parametrize(
    ("key", "value", "read", "expected"),
    [(key, value, read, expected) for keys, value, read, expected in TOP for key in keys],
)
def test_every_spelling_of_a_top_level_key(key: str, value: Any, read: Callable[[Plan], Any], expected: Any) -> None:
    assert read(plan_of({"providers": [provider()], key: value})) == expected


@pytest.mark.parametrize("key", KEPT)
def test_a_block_of_a_later_version_is_kept_and_said_once(key: str) -> None:
    document = {"providers": [provider()], key: {"anything": {"at": ["all"]}}}
    (warning,) = load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)}).warnings
    assert "kept but not used yet" in warning


BASES = ("baseUrl", "base-url", "endpoint")
BY_FORMAT = ("baseUrlByFormat", "base-url-by-format", "endpointByFormat", "endpoint-by-format", "endpoints")


@pytest.mark.parametrize("key", BASES)
def test_every_spelling_of_the_base_url(key: str) -> None:
    plan = plan_of({"providers": [without("baseUrl", **{key: URL})]})
    assert plan.providers[0].endpoints == {CHAT: f"{URL}/chat/completions"}


@pytest.mark.parametrize("key", BY_FORMAT)
@pytest.mark.parametrize("word", ["claude", "anthropic"])
def test_every_spelling_of_the_base_urls_by_format(key: str, word: str) -> None:
    plan = plan_of({"providers": [provider(formats=["openai", "claude"], **{key: {word: "https://c.example"}})]})
    assert plan.providers[0].endpoints == {
        CHAT: f"{URL}/chat/completions",
        CLAUDE: "https://c.example/v1/messages",
    }


@pytest.mark.parametrize(("key", "value"), [("apiKey", "k"), ("api-key", "k"), ("credential", "k")])
def test_every_spelling_of_the_key(key: str, value: str) -> None:
    assert only(**{key: value}).key == value


@pytest.mark.parametrize("key", ["apiKeyEnv", "api-key-env"])
def test_every_spelling_of_the_keys_variable(key: str) -> None:
    assert only(**{key: "A_KEY"}).key == "from-env"


def test_a_literal_key_wins_over_a_variable() -> None:
    assert only(apiKey="literal", apiKeyEnv="A_KEY").key == "literal"


@pytest.mark.parametrize("key", ["format", "formats", "responseFormat", "response-format"])
def test_every_spelling_of_the_format(key: str) -> None:
    plan = plan_of({"providers": [without("format", **{key: "claude"})]})
    assert plan.providers[0].dialects == (CLAUDE,)


@pytest.mark.parametrize("kind", ["type", "kind"])
@pytest.mark.parametrize("header", ["headerName", "header-name", "header"])
def test_every_spelling_of_auth(kind: str, header: str) -> None:
    own = only(auth={kind: "header", header: "api-key", "prefix": "Key "})
    assert own.auth == {CHAT: Auth("header", "api-key", "Key ")}


def test_auth_with_a_header_alone_sends_the_key_in_it() -> None:
    assert only(auth={"headerName": "api-key"}).auth == {CHAT: Auth("header", "api-key", "")}


@pytest.mark.parametrize("key", ["authByFormat", "auth-by-format"])
def test_every_spelling_of_auth_by_format(key: str) -> None:
    own = only(formats=["openai", "claude"], **{key: {"claude": {"type": "bearer"}}})
    assert own.auth == {CHAT: Auth(), CLAUDE: Auth()}


@pytest.mark.parametrize("key", ["anthropicVersion", "anthropic-version"])
def test_every_spelling_of_the_anthropic_version(key: str) -> None:
    assert only(**{key: "2024-01-01"}).anthropic_version == "2024-01-01"


@pytest.mark.parametrize("key", ["anthropicBeta", "anthropic-beta"])
@pytest.mark.parametrize("value", ["a,b", ["a", "b"]])
def test_every_spelling_of_the_anthropic_beta(key: str, value: Any) -> None:
    assert only(**{key: value}).anthropic_beta == "a,b"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rateLimits", []), ("rate-limits", []), ("quotaProbe", None), ("subscriptionType", "x"),
        ("subscription_type", "x"), ("subscriptionProfile", "x"), ("subscription_profile", "x"),
        ("lastProbe", {"formats": ["openai"]}), ("metadata", {"a": 1}), ("name", "P"), ("enabled", True),
        ("type", None),
    ],
)  # fmt: skip
def test_other_documented_keys_of_a_provider_are_known(key: str, value: Any) -> None:
    assert only(**{key: value}).id == "p"


def model(**keys: Any) -> Any:
    return only(models=[keys, "n"]).models[0]


@pytest.mark.parametrize("key", ["id", "name", "model"])
def test_every_spelling_of_a_models_id(key: str) -> None:
    assert model(**{key: "x"}).id == "x"


@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        ("aliases", ["x"], "aliases", ("x",)),
        ("alias", "x", "aliases", ("x",)),
        ("formats", ["openai"], "dialects", (CHAT,)),
        ("format", "openai-responses", "dialects", (RESPONSES,)),
        ("formats", [], "dialects", None),
        ("contextWindow", 8, "context_window", 8),
        ("context-window", 8, "context_window", 8),
        *[
            (key, ["p/n"], "fallbacks", ("p/n",))
            for key in ("fallbackModels", "fallback-models", "silentFallbacks", "silent-fallbacks", "fallbacks")
        ],
        ("capabilities", {"supportsThinking": False, "supportsLogprobs": True}, "disabled_capabilities",
         frozenset({"supportsThinking"})),
        ("variant", "v", "id", "m"),
        ("cost", {"input": 1}, "id", "m"),
        ("metadata", {}, "id", "m"),
    ],
)  # fmt: skip
def test_every_spelling_of_the_other_keys_of_a_model(key: str, value: Any, field: str, expected: Any) -> None:
    assert getattr(model(id="m", **{key: value}), field) == expected


@pytest.mark.parametrize("key", ["ref", "target", "route", "model"])
def test_every_spelling_of_a_target(key: str) -> None:
    plan = plan_of({"providers": [provider()], "modelAliases": {"a": {"targets": [{key: "p/m", "weight": 2}]}}})
    assert [(target.ref, target.weight) for target in plan.aliases["a"].targets] == [("p/m", 2)]


@pytest.mark.parametrize("key", ["fallbackTargets", "fallback-targets", "fallbacks"])
def test_every_spelling_of_fallback_targets(key: str) -> None:
    plan = plan_of({"providers": [provider()], "modelAliases": {"a": {"targets": ["p/m"], key: ["p/n"]}}})
    assert [target.ref for target in plan.aliases["a"].fallbacks] == ["p/n"]


@pytest.mark.parametrize("block", ["localServer", "local-server"])
@pytest.mark.parametrize("key", ["requireAuth", "require-auth"])
def test_every_spelling_of_required_authentication(block: str, key: str) -> None:
    document = {"providers": [provider()], "masterKey": "gw", "metadata": {block: {key: True, "watchConfig": False}}}
    assert plan_of(document).require_auth


@pytest.mark.parametrize(
    ("key", "field"), [("connectMs", "connect"), ("firstEventMs", "first_event"), ("idleMs", "idle")]
)
def test_deadlines_are_in_milliseconds(key: str, field: str) -> None:
    assert getattr(only(deadlines={key: 1500}).deadlines, field) == 1.5


@pytest.mark.parametrize("version", [{}, {"version": 1}, {"version": 2}])
def test_every_version_of_the_document_loads(version: dict[str, int]) -> None:
    assert plan_of({"providers": [provider()], **version}).providers


@pytest.mark.parametrize("key", ["aliases", "fallbackModels", "formats", "capabilities", "contextWindow", "enabled"])
def test_null_under_a_known_key_says_nothing(key: str) -> None:
    assert model(id="m", **{key: None}).id == "m"


def test_the_surrounding_white_space_of_a_key_is_not_part_of_it() -> None:
    assert only(apiKey=" k\n").key == "k"


def test_a_user_agent_can_be_taken_away() -> None:
    headers = only(headers={"User-Agent": False, "A": None, "B": "", "C": "c"}).headers
    assert headers == {"User-Agent": None, "A": None, "B": None, "C": "c"}


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        *[({"headers": {name: "x"}}, f"headers.{name}") for name in ("Connection", "content-length", "HOST", "TE",
          "Proxy-Authorization", "proxy-authenticate", "Trailer", "Transfer-Encoding", "Upgrade", "a b", "")],
        ({"headers": {"X": "a\nb"}}, "headers.X"),
        ({"headers": {"X": 5}}, "headers.X"),
        ({"auth": {"headerName": "Host"}}, "auth.headerName"),
        ({"auth": {"prefix": "a\r\nb"}}, "auth.prefix"),
        ({"auth": {"type": "digest"}}, "auth.type"),
        ({"anthropicVersion": "a\r\nb"}, "anthropicVersion"),
        ({"anthropicBeta": ["a\r\nb"]}, "anthropicBeta"),
        ({"apiKey": "a\nb"}, "apiKey"),
        ({"credential": 5}, "credential"),
        ({"apiKeyEnv": " "}, "apiKeyEnv"),
        ({"baseUrlByFormat": {"openai": "ftp://x"}}, "baseUrlByFormat.openai"),
        ({"baseUrl": "http://[x"}, "baseUrl"),
        ({"baseUrl": "http://a:99999"}, "baseUrl"),
        ({"baseUrl": "http://"}, "baseUrl"),
        ({"baseUrl": "http://a b"}, "baseUrl"),
        ({"deadlines": {"idleMs": 0}}, "deadlines.idleMs"),
        ({"models": [{"id": ""}]}, "models[0].id"),
        ({"models": [{}]}, "models[0].id"),
        ({"models": [5]}, "models[0]"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_once_under_its_path(keys: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        only(**keys)
    (problem,) = caught.value.problems
    assert problem.startswith(f"providers[0].{path}: expected ")


def test_the_secrets_of_a_url_are_not_repeated() -> None:
    with pytest.raises(ConfigProblem) as caught:
        only(baseUrl="ftp://user:canary@host/x?key=canary#canary")
    assert "canary" not in str(caught.value) and "ftp://…@host/x" in str(caught.value)
