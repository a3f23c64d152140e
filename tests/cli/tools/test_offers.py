"""Specification of llr_cli/tools/offers.py."""

from addons.core.model import DialectName
from addons.core.plan import Alias, Model, Plan, Provider, Target
from llr_cli.tools.offers import offers, shown_key


def plan(**aliases: tuple[str, ...]) -> Plan:
    models = (Model("big", context_window=400_000), Model("small", context_window=100_000), Model("unknown"))
    return Plan(
        providers=(Provider("p", "P", (DialectName.CHAT,), {}, models),),
        aliases={name: Alias(name, targets=tuple(map(Target, refs))) for name, refs in aliases.items()},
    )


def windows(plan: Plan) -> dict[str, int | None]:
    return {offer.id: offer.window for offer in offers(plan)}


def test_every_model_is_offered_with_its_own_window() -> None:
    """The predecessor wrote 272000 for every one."""
    assert windows(plan()) == {"p/big": 400_000, "p/small": 100_000, "p/unknown": None}


def test_an_alias_has_the_smallest_window_of_those_that_may_answer() -> None:
    found = windows(plan(one=("p/big",), both=("p/unknown", "alias:one", "p/small"), loop=("loop", "p/big")))
    assert (found["one"], found["both"], found["loop"]) == (400_000, 100_000, 400_000)


def test_patterns_and_the_default_are_no_names_to_ask_for() -> None:
    found = windows(plan(**{"claude-*": ("p/big",), "default": ("p/big",), "nowhere": ("q/none",)}))
    assert list(found) == ["nowhere", "p/big", "p/small", "p/unknown"] and found["nowhere"] is None


def test_without_a_key_the_tools_are_given_a_word_for_one() -> None:
    assert (shown_key(plan()), shown_key(Plan(master_key="mk"))) == ("llm-router", "mk")
