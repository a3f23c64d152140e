"""Specification of addons/core/resolve.py."""

from dataclasses import replace

import pytest

from addons.core.model import DialectName
from addons.core.plan import Alias, Model, Plan, Provider, Route, Target
from addons.core.resolve import NoCandidate, UnknownModel, is_known, model_ids, resolve

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES


def provider(name: str, *models: Model, dialects: tuple[DialectName, ...] = (CHAT,)) -> Provider:
    return Provider(name, name, dialects, dict.fromkeys(dialects, f"http://{name}"), models)


def alias(name: str, targets: str = "", fallbacks: str = "") -> Alias:
    return Alias(name, "ordered", tuple(map(Target, targets.split())), tuple(map(Target, fallbacks.split())))


def make(*aliases: Alias, default: str | None = None) -> Plan:
    providers = (
        provider("a", Model("m1", aliases=("one",), fallbacks=("b/m1", "c/nested/m3")), Model("m2")),
        provider("b", Model("m1"), Model("only-b", aliases=("m2",)), dialects=(CLAUDE, CHAT)),
        provider("c", Model("nested/m3"), dialects=(RESPONSES,)),
    )
    return Plan(providers, {each.id: each for each in aliases}, default_model=default)


def refs(route: Route) -> list[str]:
    return [candidate.ref for candidate in route.candidates]


def route(plan: Plan, model: str | None, dialect: DialectName = CHAT) -> Route:
    return resolve(plan, model, dialect)


def test_a_direct_reference_brings_its_fallback_models() -> None:
    found = route(make(), "a/m1")
    assert (found.kind, refs(found)) == ("direct", ["a/m1", "b/m1", "c/nested/m3"])
    assert [candidate.tier for candidate in found.candidates] == ["primary", "fallback", "fallback"]


def test_a_model_name_may_contain_slashes() -> None:
    assert refs(route(make(), "c/nested/m3")) == ["c/nested/m3"]


def test_a_model_alias_works_behind_its_provider() -> None:
    assert refs(route(make(), "a/one"))[0] == "a/m1"


def test_an_alias_tries_targets_then_fallbacks() -> None:
    plan = make(alias("x", "a/m2 b/m1", "c/nested/m3"))
    assert refs(route(plan, "x")) == refs(route(plan, "alias:x")) == ["a/m2", "b/m1", "c/nested/m3"]


def test_nested_aliases_stand_in_place_and_nothing_is_tried_twice() -> None:
    plan = make(alias("inner", "b/m1", "a/m2"), alias("outer", "inner a/m2 c/nested/m3"))
    assert refs(route(plan, "outer")) == ["b/m1", "a/m2", "c/nested/m3"]


def test_an_alias_that_contains_itself_ends() -> None:
    found = route(make(alias("x", "y a/m2"), alias("y", "x")), "x")
    assert refs(found) == ["a/m2"] and "itself" in found.skipped[0]


def test_an_alias_with_fallbacks_only_works() -> None:
    assert refs(route(make(alias("x", "", "a/m2")), "x")) == ["a/m2"]


def test_a_reference_that_leads_nowhere_is_skipped_with_its_reason() -> None:
    found = route(make(alias("x", "gone/m a/m2")), "x")
    assert refs(found) == ["a/m2"] and found.skipped[0].startswith("gone/m: ")


def test_the_most_specific_glob_wins() -> None:
    plan = make(alias("claude-*", "a/m1"), alias("claude-haiku-*", "a/m2"), alias("*", "b/m1"))
    assert refs(route(plan, "claude-haiku-4-5-20251001")) == ["a/m2"]
    assert refs(route(plan, "claude-opus-4-8"))[0] == "a/m1"
    assert refs(route(plan, "gpt-9"))[0] == "b/m1"


def test_an_exact_alias_beats_a_glob() -> None:
    assert refs(route(make(alias("claude-*", "a/m1"), alias("claude-x", "a/m2")), "claude-x")) == ["a/m2"]


@pytest.mark.parametrize(
    ("loser", "winner"), [("a-*?", "a-*"), ("*", "?-b"), ("a*", "a-?"), ("*?*", "*"), ("*b", "*-b")]
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_longest_text_and_then_the_fewest_wildcards_win(loser: str, winner: str, turned: bool) -> None:
    aliases = [alias(loser, "a/m2"), alias(winner, "a/m1")]
    assert refs(route(make(*(reversed(aliases) if turned else aliases)), "a-b")) == ["a/m1"]


def test_square_brackets_in_a_glob_stand_for_themselves() -> None:
    plan = make(alias("x-*[1m]", "a/m2"))
    assert refs(route(plan, "x-1[1m]")) == ["a/m2"]
    with pytest.raises(UnknownModel):
        route(plan, "x-11")


def test_a_glob_beats_a_bare_model_name() -> None:
    assert refs(route(make(alias("only-*", "a/m2")), "only-b")) == ["a/m2"]


def test_a_name_with_an_unknown_provider_is_an_alias_or_a_bare_model() -> None:
    assert refs(route(make(alias("openai/*", "a/m2")), "openai/gpt")) == ["a/m2"]
    assert refs(route(make(), "nested/m3")) == ["c/nested/m3"]


def test_the_alias_prefix_means_an_alias_and_nothing_else() -> None:
    with pytest.raises(UnknownModel):
        route(make(), "alias:m2")


def test_a_bare_model_in_an_alias_stands_for_everyone_who_offers_it() -> None:
    assert refs(route(make(alias("x", "m1 c/nested/m3")), "x")) == ["a/m1", "b/m1", "c/nested/m3"]


def test_a_nested_alias_brings_its_own_fallbacks_before_the_next_target() -> None:
    plan = make(alias("inner", "a/m1", "a/m2"), alias("outer", "inner c/nested/m3", "b/m1"))
    found = route(plan, "outer")
    assert refs(found) == ["a/m1", "a/m2", "c/nested/m3", "b/m1"]
    assert [candidate.tier for candidate in found.candidates] == ["primary", "fallback", "primary", "fallback"]


def test_an_alias_brings_no_fallback_models_of_its_targets() -> None:
    assert refs(route(make(alias("x", "a/m1")), "x")) == ["a/m1"]


def test_a_bare_model_is_looked_up_everywhere_exact_ids_first() -> None:
    found = route(make(), "m2")
    assert (found.kind, refs(found)) == ("bare-model", ["a/m2", "b/only-b"])


def test_the_large_window_suffix_is_dropped_when_it_names_nothing() -> None:
    assert refs(route(make(alias("claude-x", "a/m2")), "claude-x[1m]")) == ["a/m2"]


def test_the_large_window_suffix_does_not_turn_an_exact_name_into_a_glob() -> None:
    plan = make(alias("claude-*", "a/m1"), alias("claude-x", "a/m2"))
    assert refs(route(plan, "claude-x[1m]")) == ["a/m2"]
    assert refs(route(plan, "claude-y[1m]")) == ["a/m1"]
    assert refs(route(plan, "a/m2[1M]")) == ["a/m2"]


def test_a_name_with_the_large_window_suffix_of_its_own_is_taken_as_it_is() -> None:
    plan = make(alias("claude-x", "a/m1"), alias("claude-x[1m]", "a/m2"))
    assert refs(route(plan, "claude-x[1m]")) == ["a/m2"]


@pytest.mark.parametrize("name", [None, "", "smart", "default"])
def test_the_default_model_answers_every_default_name(name: str | None) -> None:
    assert refs(route(make(default="a/m2"), name)) == ["a/m2"]


def test_editing_the_default_model_takes_effect_beside_an_old_default_alias() -> None:
    plan = make(alias("default", "a/m2"), default="b/m1")
    assert refs(route(plan, None)) == refs(route(plan, "default")) == ["b/m1"]


def test_an_alias_called_smart_answers_before_the_default() -> None:
    plan = make(alias("smart", "a/m2"), default="b/m1")
    assert refs(route(plan, None)) == ["a/m2"] and refs(route(plan, "default")) == ["b/m1"]


def test_a_default_alias_answers_without_a_default_model() -> None:
    assert refs(route(make(alias("default", "a/m2")), None)) == ["a/m2"]


def test_a_default_model_that_is_switched_off_is_named() -> None:
    with pytest.raises(NoCandidate, match="'off/m'"):
        route(make(default="off/m"), None)


def test_nothing_left_to_ask_is_told_with_every_reason() -> None:
    with pytest.raises(NoCandidate, match=r"gone/m: .*; gone/n: "):
        route(make(alias("x", "gone/m gone/n")), "x")


def test_an_empty_default_alias_is_no_route() -> None:
    with pytest.raises(NoCandidate, match="defaultModel"):
        route(make(alias("default")), None)


def test_an_unknown_name_lists_the_nearest_and_is_never_a_default() -> None:
    with pytest.raises(UnknownModel) as caught:
        route(make(alias("coder", "a/m1"), default="a/m1"), "codre")
    assert caught.value.nearest[0] == "coder"


@pytest.mark.parametrize(
    ("client", "offered", "spoken"),
    [
        (CLAUDE, (CHAT, CLAUDE), CLAUDE),
        (CHAT, (CLAUDE, CHAT), CHAT),
        (RESPONSES, (CLAUDE, CHAT), CHAT),
        (CLAUDE, (CHAT, RESPONSES), RESPONSES),
        (CLAUDE, (CHAT,), CHAT),
        (CHAT, (CLAUDE, RESPONSES), RESPONSES),
        (CHAT, (CLAUDE,), CLAUDE),
        (RESPONSES, (CLAUDE, CHAT, RESPONSES), RESPONSES),
        (RESPONSES, (CLAUDE,), CLAUDE),
    ],
)
def test_the_clients_dialect_is_spoken_where_it_is_offered(
    client: DialectName, offered: tuple[DialectName, ...], spoken: DialectName
) -> None:
    plan = Plan((provider("p", Model("m"), dialects=offered),))
    (candidate,) = route(plan, "p/m", client).candidates
    assert candidate.dialect is spoken
    assert ("forwarded" in candidate.why) is (spoken is client)


def test_a_model_may_offer_less_than_its_provider() -> None:
    plan = Plan((provider("p", Model("m", dialects=(CHAT,)), dialects=(CLAUDE, CHAT)),))
    assert route(plan, "p/m", CLAUDE).candidates[0].dialect is CHAT


def test_a_provider_without_its_key_is_skipped_with_the_reason() -> None:
    plan = make(alias("x", "a/m2 b/m1"))
    keyless = replace(plan.providers[0], key_problem="the variable A is not set")
    found = route(replace(plan, providers=(keyless, *plan.providers[1:])), "x")
    assert refs(found) == ["b/m1"] and found.skipped == ("a/m2: the variable A is not set",)


def test_the_model_list_has_aliases_first_and_no_globs() -> None:
    found = model_ids(make(alias("x", "a/m1"), alias("claude-*", "a/m1")))
    assert [entry.owner for entry in found] == ["llr", "a", "a", "b", "b", "c"]
    assert [entry.id for entry in found] == ["x", "a/m1", "a/m2", "b/m1", "b/only-b", "c/nested/m3"]


def test_a_name_is_known_though_nobody_may_be_there_to_answer() -> None:
    keyless = replace(provider("p", Model("m")), key_problem="its key is not set")
    plan = Plan((keyless,), {"a": Alias("a", targets=(Target("gone/m"),))})
    known = {name: is_known(plan, name, DialectName.CHAT) for name in ("p/m", "m", "m[1m]", "a", "q/m", "n")}
    assert known == {"p/m": True, "m": True, "m[1m]": True, "a": True, "q/m": False, "n": False}
