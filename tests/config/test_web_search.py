"""Specification of addons/config/web_search.py: the services that the router searches the web with."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from addons.config import ConfigProblem, Loaded, load
from addons.core.model import DialectName
from addons.core.web_search import WebSearch

PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai-responses", "models": ["m"]}
BRAVE = {"id": "brave", "apiKey": "secret-of-brave"}


def loaded(env: Mapping[str, str] | None = None, **top: Any) -> Loaded:
    document = {"providers": [PROVIDER], **top}
    return load(None, {**(env or {}), "LLM_ROUTER_CONFIG_JSON": json.dumps(document)})


def found(**top: Any) -> WebSearch:
    return loaded(**top).plan.web_search


def problems(**top: Any) -> str:
    with pytest.raises(ConfigProblem) as caught:
        loaded(**top)
    return "\n".join(caught.value.problems)


def test_without_a_block_nothing_is_searched() -> None:
    assert found() == WebSearch()


def test_services_come_in_the_order_of_the_list() -> None:
    services = [BRAVE, {"id": "searxng", "url": "http://127.0.0.1:8080"}, "p/m"]
    block = found(webSearch={"strategy": "ordered", "count": 7, "providers": services})
    assert [(each.id, each.kind, each.count) for each in block.services] == [
        ("brave", "brave", 7),
        ("searxng", "searxng", 7),
        ("p/m", "hosted", 7),
    ]


def test_a_key_is_no_part_of_what_is_shown() -> None:
    """Promise 44."""
    plan = loaded(webSearch={"providers": [BRAVE]}).plan
    assert plan.web_search.services[0].key == "secret-of-brave" and "secret-of-brave" not in repr(plan)


def test_a_key_may_stand_in_a_variable() -> None:
    services = [{"id": "exa", "apiKeyEnv": "MY_EXA"}]
    plan = loaded({"MY_EXA": " k "}, webSearch={"providers": services}).plan
    assert plan.web_search.services[0].key == "k"


def test_the_variable_of_the_service_counts_where_no_key_is_named() -> None:
    plan = loaded({"TAVILY_API_KEY": "k"}, webSearch={"providers": ["tavily"]}).plan
    assert plan.web_search.services[0].key == "k"


def test_a_variable_that_is_not_set_leaves_the_service_out() -> None:
    result = loaded(webSearch={"providers": [{"id": "exa", "apiKeyEnv": "MY_EXA"}]})
    assert result.plan.web_search.services == ()
    assert result.warnings == (
        "webSearch.providers[0].apiKeyEnv: the variable MY_EXA is not set, or is no key; left out",
    )


@pytest.mark.parametrize(("service", "limit"), [({}, 1000), ({"limit": 20}, 20), ({"monthly-limit": 30}, 30)])
def test_services_with_a_key_have_a_quota_a_month(service: dict[str, Any], limit: int) -> None:
    (only,) = found(webSearch={"providers": [{**BRAVE, **service}]}).services
    assert only.quota is not None and only.quota.window is not None
    assert (only.quota.caps, only.quota.window.name) == ({"requests": limit}, "month:1")


def test_what_is_left_of_a_quota_counts_when_it_is_less_than_all() -> None:
    left = [found(webSearch={"providers": [{**BRAVE, "remaining": n}]}).services[0].remaining for n in (0, 999, 1000)]
    assert left == [0, 999, None]


def test_searxng_has_no_quota_of_its_own() -> None:
    assert found(webSearch={"providers": [{"id": "searxng", "url": "http://s"}]}).services[0].quota is None


def test_a_hosted_search_is_asked_in_a_dialect_that_has_one() -> None:
    (only,) = found(webSearch={"providers": [{"providerId": "p", "model": "m"}]}).services
    assert only.target is not None
    assert (only.id, only.target.ref, only.target.dialect) == ("p/m", "p/m", DialectName.RESPONSES)


@pytest.mark.parametrize("word", ["quota-balance", "quota-aware-weighted-rr"])
def test_words_of_the_strategy(word: str) -> None:
    assert found(webSearch={"strategy": word}).strategy == "quota-balance"


def test_kebab_case_is_read_too() -> None:
    own = {"id": "brave", "api-key": "k"}
    block = found(**{"web-search": {"intercept-internal-search": True, "providers": [own]}})
    assert block.intercepts and block.services[0].key == "k"


def test_providers_may_stand_as_an_object_by_id() -> None:
    block = found(webSearch={"providers": {"tavily": {"apiKey": "t"}, "brave": {"apiKey": "b"}}})
    assert [(each.id, each.key) for each in block.services] == [("tavily", "t"), ("brave", "b")]


@pytest.mark.parametrize("place", [lambda flat: {"webSearch": flat}, lambda flat: flat])
def test_flat_keys_of_the_predecessor_stand_in_amp(place: Any) -> None:
    flat = {"brave-api-key": "b", "braveMonthlyLimit": 9, "searxngUrl": "http://s", "preferredBackend": "searxng"}
    block = found(amp=place(flat))
    assert [each.id for each in block.services] == ["searxng", "brave"]
    assert block.services[1].quota is not None and block.services[1].quota.caps == {"requests": 9}


def test_the_block_itself_wins_over_the_one_in_amp() -> None:
    block = found(webSearch={"providers": [BRAVE]}, amp={"webSearch": {"exaApiKey": "e"}})
    assert [each.id for each in block.services] == ["brave"]


def test_claude_code_may_have_a_search_of_its_own() -> None:
    listed = found(webSearch={"providers": ["p/m", BRAVE]}, claudeCode={"webSearchProvider": "brave"})
    hosted = found(webSearch={"providers": [BRAVE]}, claudeCode={"web-search-provider": "p/m"})
    assert listed.claude_code == listed.services[1]
    assert hosted.claude_code is not None and hosted.claude_code.id == "p/m"
    assert [each.id for each in hosted.services] == ["brave"]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"strategy": "best"}, "webSearch.strategy: expected one of ordered, quota-balance, got 'best'"),
        ({"count": 0}, "webSearch.count: expected a number from 1 on"),
        ({"count": 21}, "webSearch.count: expected a number up to 20"),
        ({"providers": [{**BRAVE, "limit": 0}]}, "webSearch.providers[0].limit: expected a number from 1 on"),
        ({"providers": [{**BRAVE, "remaining": -1}]}, "webSearch.providers[0].remaining: expected a number from 0 on"),
        ({"providers": [{"id": "brave"}]}, "webSearch.providers[0].apiKey: expected a key, or an apiKeyEnv"),
        ({"providers": [{"id": "brave", "apiKey": " "}]}, "webSearch.providers[0].apiKey: expected a key that is not"),
        ({"providers": [{"id": "searxng"}]}, "webSearch.providers[0].url: expected the URL of the SearXNG instance"),
        (
            {"providers": ["bing"]},
            "webSearch.providers[0].id: expected brave, tavily, exa, searxng or a provider/model",
        ),
        ({"providers": ["p/x"]}, "webSearch.providers[0].id: expected a provider/model that exists, got 'p/x'"),
        ({"providers": [BRAVE, BRAVE]}, "webSearch.providers[1].id: expected each provider once"),
    ],
)
def test_problems_are_told_by_path(block: dict[str, Any], problem: str) -> None:
    """Promise 38 among them: a blank key is an error."""
    assert problem in problems(webSearch=block)


def test_a_search_of_claude_code_that_is_not_configured_is_a_problem() -> None:
    assert "claudeCode.webSearchProvider: expected a provider of webSearch" in problems(
        webSearch={"providers": [BRAVE]}, claudeCode={"webSearchProvider": "exa"}
    )


def test_a_model_that_cannot_search_is_a_problem() -> None:
    chat = {**PROVIDER, "id": "c", "format": "openai"}
    assert "expected a model with one of the formats" in problems(providers=[chat], webSearch={"providers": ["c/m"]})


def test_a_problem_inside_amp_is_told_there() -> None:
    assert "amp.webSearch.count: " in problems(amp={"webSearch": {"count": 90, "braveApiKey": "k"}})
