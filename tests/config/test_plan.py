"""Specification of addons/config/plan.py and providers.py: what the document becomes, where test_load.py is silent."""

import json
from dataclasses import replace
from typing import Any

import pytest

from addons.config import ConfigProblem, Loaded, load
from addons.config.plan import STRATEGIES
from addons.core.model import DialectName
from addons.core.resolve import resolve
from addons.core.traits import Traits

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m", "n"]}


def loaded(*providers: dict[str, Any], **top: Any) -> Loaded:
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps({"providers": providers or [PROVIDER], **top})})


def test_a_repeated_target_counts_once_where_it_stands_first() -> None:
    targets = [{"ref": "p/n", "weight": 2}, "p/m", {"ref": "p/n", "weight": 5}]
    alias = loaded(modelAliases={"a": {"targets": targets}}).plan.aliases["a"]
    assert [(target.ref, target.weight) for target in alias.targets] == [("p/n", 2), ("p/m", 1)]


@pytest.mark.parametrize("word", [word for word, strategy in STRATEGIES.items() if strategy != "ordered"])
def test_every_word_for_a_later_strategy_loads_with_a_warning_and_means_the_order(word: str) -> None:
    found = loaded(modelAliases={"a": {"strategy": word, "targets": ["p/n", "p/m"]}})
    assert [warning.partition(":")[0] for warning in found.warnings] == ["modelAliases.a.strategy"]
    route = resolve(found.plan, "a", CHAT)
    assert (route.strategy, [candidate.ref for candidate in route.candidates]) == ("ordered", ["p/n", "p/m"])


def test_an_empty_default_alias_is_left_out_with_a_warning() -> None:
    found = loaded(modelAliases={"default": {"targets": []}}, defaultModel="p/m")
    assert not found.plan.aliases and found.warnings == (
        "modelAliases.default: an alias without targets leads nowhere",
    )


def test_a_provider_without_an_id_is_called_by_its_name() -> None:
    own = {key: value for key, value in PROVIDER.items() if key != "id"}
    assert loaded({**own, "name": "Open Router (EU)"}).plan.providers[0].id == "open-router-eu"


def test_an_id_in_other_letters_is_read_in_small_ones_with_a_warning() -> None:
    found = loaded({**PROVIDER, "id": "OpenRouter"})
    assert found.plan.providers[0].id == "openrouter" and "'OpenRouter' is read as" in found.warnings[0]


def test_a_gemini_provider_names_the_model_in_its_path_and_has_its_own_key_header() -> None:
    models = ["models/gemini-3-pro", "a/b"]
    plan = loaded({**PROVIDER, "format": "gemini", "apiKey": "k", "models": models}).plan

    first, second = (resolve(plan, f"p/{name}", CHAT).candidates[0] for name in models)

    assert first.url() == "https://p.example/v1beta/models/gemini-3-pro:generateContent"
    assert first.url(stream=True) == "https://p.example/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse"
    assert second.url() == "https://p.example/v1beta/models/a%2Fb:generateContent"
    assert first.provider.auth[DialectName.GEMINI].header == "x-goog-api-key"


def test_the_query_of_a_gemini_base_stays() -> None:
    plan = loaded({**PROVIDER, "format": "gemini", "baseUrl": "https://p.example/v1?k=v"}).plan

    candidate = resolve(plan, "p/m", CHAT).candidates[0]

    assert candidate.url() == "https://p.example/v1/models/m:generateContent?k=v"
    assert candidate.url(stream=True) == "https://p.example/v1/models/m:streamGenerateContent?alt=sse&k=v"


def test_traits_in_the_document_win_over_those_of_the_family() -> None:
    traits = {"thinking": "none", "efforts": ["high", "low"], "maxOutput": 999, "documents": False}
    model = loaded({**PROVIDER, "models": [{"id": "gpt-5.2", "traits": traits, "dropContent": True}]}).plan.providers[0]

    changed = {"thinking": "none", "efforts": ("low", "high"), "max_output": 999, "documents": False}
    assert model.models[0].traits == replace(Traits.of("gpt-5.2"), **changed)
    assert model.models[0].drops_content


def test_without_traits_the_family_decides_and_content_is_never_dropped() -> None:
    model = loaded({**PROVIDER, "models": ["gpt-5.2"]}).plan.providers[0].models[0]

    assert model.traits == Traits.of("gpt-5.2")
    assert not model.drops_content


def test_a_wrong_trait_is_named() -> None:
    with pytest.raises(ConfigProblem, match=r"providers\[0\].models\[0\].traits.thinking"):
        loaded({**PROVIDER, "models": [{"id": "m", "traits": {"thinking": "hard"}}]})


def test_a_subscription_is_left_out_with_a_warning_and_may_be_referred_to() -> None:
    own = {"id": "chatgpt", "type": "subscription", "subscriptionType": "chatgpt-codex"}
    found = loaded(own, PROVIDER, modelAliases={"a": {"targets": ["chatgpt/gpt", "p/m"]}})
    assert len(found.plan.providers) == 1 and "'subscription'" in found.warnings[0]


def test_ollama_needs_neither_url_nor_key_nor_format() -> None:
    (own,) = loaded({"id": "local", "type": "ollama", "models": ["m"]}).plan.providers
    assert own.endpoints == {CHAT: "http://localhost:11434/v1/chat/completions"} and own.key == "ollama"


def test_a_format_without_a_url_is_left_out_with_a_warning() -> None:
    own = {"id": "p", "formats": ["openai", "claude"], "endpoints": {"claude": "https://c.example"}, "models": ["m"]}
    found = loaded(own)
    assert found.plan.providers[0].dialects == (CLAUDE,) and "'openai'" in found.warnings[0]


def test_the_url_of_openai_serves_both_of_its_formats() -> None:
    own = {"id": "p", "formats": ["openai-responses"], "endpoints": {"openai": "https://c.example"}, "models": ["m"]}
    assert loaded(own).plan.providers[0].endpoints == {RESPONSES: "https://c.example/v1/responses"}


def test_no_format_at_all_is_a_problem() -> None:
    with pytest.raises(ConfigProblem, match=r"providers\[0\].format: expected openai"):
        loaded({key: value for key, value in PROVIDER.items() if key != "format"})


def test_required_authentication_without_a_key_is_warned_about() -> None:
    assert "masterKey" in loaded(metadata={"localServer": {"requireAuth": True}}).warnings[0]
