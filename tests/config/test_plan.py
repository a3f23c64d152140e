"""Specification of addons/config/plan.py and providers.py: what the document becomes, where test_load.py is silent."""

import json
from dataclasses import replace
from typing import Any

import pytest

from addons.config import ConfigProblem, Loaded, load
from addons.core.model import DialectName
from addons.core.resolve import resolve
from addons.core.strategy import STRATEGY_NAMES
from addons.core.traits import Traits

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m", "n"]}


def loaded(*providers: dict[str, Any], **top: Any) -> Loaded:
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps({"providers": providers or [PROVIDER], **top})})


def test_a_repeated_target_counts_once_where_it_stands_first() -> None:
    targets = [{"ref": "p/n", "weight": 2}, "p/m", {"ref": "p/n", "weight": 5}]
    alias = loaded(modelAliases={"a": {"targets": targets}}).plan.aliases["a"]
    assert [(target.ref, target.weight) for target in alias.targets] == [("p/n", 2), ("p/m", 1)]


@pytest.mark.parametrize(("word", "strategy"), list(STRATEGY_NAMES.items()))
def test_every_word_for_a_strategy_loads_without_a_warning(word: str, strategy: str) -> None:
    found = loaded(modelAliases={"a": {"strategy": word, "targets": ["p/n", "p/m"]}})
    assert (found.warnings, resolve(found.plan, "a", CHAT).strategy) == ((), strategy)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("p/m@2", ("p/m", 2)),
        ("p/m:2", ("p/m", 2)),
        ("p/m@0.5", ("p/m", 0.5)),
        ("p/n:8", ("p/n:8", 1)),
        ("p/n:8@3", ("p/n:8", 3)),
        ("b@2", ("b", 2)),
        ("alias:b:2", ("alias:b", 2)),
    ],
)
def test_a_weight_stands_behind_a_reference_unless_it_is_part_of_a_name(ref: str, expected: tuple[str, float]) -> None:
    aliases = {"a": {"targets": [ref]}, "b": {"targets": ["p/m"]}}
    (target,) = loaded({**PROVIDER, "models": ["m", "n", "n:8"]}, modelAliases=aliases).plan.aliases["a"].targets
    assert (target.ref, target.weight) == expected


def test_a_weight_behind_nothing_is_a_reference_that_leads_nowhere() -> None:
    with pytest.raises(ConfigProblem, match=r"modelAliases.a.targets\[0\].*'p/x@2'"):
        loaded(modelAliases={"a": {"targets": ["p/x@2"]}})


@pytest.mark.parametrize(
    ("keys", "seconds"),
    [
        ({"strategy": "auto"}, 3600.0),
        ({"strategy": "rr"}, 0.0),
        ({"strategy": "rr", "affinity": True}, 3600.0),
        ({"strategy": "auto", "affinity": False}, 0.0),
        ({"affinity": {"ttlMs": 5000}}, 5.0),
        ({"affinity": {"enabled": False, "ttlMs": 5000}}, 0.0),
    ],
)
def test_affinity_is_on_for_auto_and_where_it_is_asked_for(keys: dict[str, Any], seconds: float) -> None:
    alias = loaded(modelAliases={"a": {"targets": ["p/m"], **keys}}).plan.aliases["a"]
    assert alias.affinity == seconds


def test_the_choices_of_an_alias_are_off_unless_asked_for() -> None:
    alias = loaded(modelAliases={"a": {"targets": ["p/m"]}}).plan.aliases["a"]
    assert (alias.hedge, alias.hold, alias.joins) == (None, 0.0, False)


def test_the_choices_of_an_alias() -> None:
    own = {"targets": ["p/m"], "hedgeMs": 1500, "holdUntilReset": True, "joinDuplicates": True}
    alias = loaded(modelAliases={"a": own, "b": {**own, "holdUntilReset": 5000}}).plan.aliases
    assert (alias["a"].hedge, alias["a"].hold, alias["a"].joins) == (1.5, 600.0, True)
    assert alias["b"].hold == 5.0


def test_a_provider_has_several_keys() -> None:
    own = {**PROVIDER, "apiKeys": ["one", {"id": "work", "env": "WORK"}, {"key": "three"}]}
    env = {"LLM_ROUTER_CONFIG_JSON": json.dumps({"providers": [own]}), "WORK": "two"}
    provider = load(None, env).plan.providers[0]
    assert [(each.id, each.secret) for each in provider.keys] == [("1", "one"), ("work", "two"), ("3", "three")]
    assert provider.key == "one" and "three" not in repr(provider)


def test_a_key_that_is_not_set_is_left_out_with_a_warning() -> None:
    found = loaded({**PROVIDER, "apiKeys": ["one", {"env": "NOT_SET"}]})
    assert [each.secret for each in found.plan.providers[0].keys] == ["one"]
    assert "providers[0].apiKeys[1]" in found.warnings[0] and "NOT_SET" in found.warnings[0]


def test_a_provider_without_any_of_its_keys_is_not_asked() -> None:
    provider = loaded({**PROVIDER, "apiKeys": [{"env": "NOT_SET"}]}).plan.providers[0]
    assert provider.key is None and provider.key_problem


def test_deadlines_of_a_model_stand_on_those_of_its_provider() -> None:
    models = [{"id": "m", "deadlines": {"idleMs": 1000}}, "n"]
    own = {**PROVIDER, "deadlines": {"connectMs": 2000, "totalMs": 9000}, "models": models}
    plan = loaded(own).plan
    slow, plain = (resolve(plan, f"p/{name}", CHAT).candidates[0].deadlines for name in "mn")
    assert (slow.connect, slow.idle, slow.total) == (2.0, 1.0, 9.0)
    assert (plain.connect, plain.idle) == (2.0, 300.0)


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
    traits = {"thinking": "none", "efforts": ["high", "low"], "maxOutput": 999, "documents": False, "maxTools": 64}
    model = loaded({**PROVIDER, "models": [{"id": "gpt-5.2", "traits": traits, "dropContent": True}]}).plan.providers[0]

    changed = {"thinking": "none", "efforts": ("low", "high"), "max_output": 999, "documents": False, "max_tools": 64}
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
