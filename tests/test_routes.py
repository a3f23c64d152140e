"""Specification of addons/routes.py."""

from dataclasses import replace

import pytest

from addons.core.model import DialectName
from addons.core.plan import Model, Plan, Provider
from addons.core.resolve import UnknownModel, resolve
from addons.routes import Routes

CHAT, CLAUDE = DialectName.CHAT, DialectName.ANTHROPIC


def plan(*models: str) -> Plan:
    provider = Provider("p", "p", (CHAT,), {CHAT: "http://p.test"}, tuple(Model(name) for name in models))
    return Plan(providers=(provider,))


def test_a_route_is_what_resolve_gives_and_is_found_once() -> None:
    known = plan("m")
    routes = Routes(known)
    found = routes.find(known, "p/m", CHAT)
    assert found == resolve(known, "p/m", CHAT)
    assert routes.find(known, "p/m", CHAT) is found


def test_each_dialect_has_its_own() -> None:
    known = plan("m")
    routes = Routes(known)
    for dialect in (CHAT, CLAUDE):
        assert routes.find(known, "m", dialect) == resolve(known, "m", dialect)


def test_another_plan_begins_anew_and_the_old_one_still_counts_for_who_began_with_it() -> None:
    old, new = plan("m"), plan("m", "n")
    routes = Routes(old)
    with pytest.raises(UnknownModel):
        routes.find(old, "p/n", CHAT)
    assert routes.find(new, "p/n", CHAT).ref == "p/n"
    with pytest.raises(UnknownModel):
        routes.find(old, "p/n", CHAT)


def test_a_plan_that_is_equal_but_another_is_looked_through_again() -> None:
    """Nothing is compared: a plan may be large."""
    known = plan("m")
    routes = Routes(known)
    assert routes.find(replace(known), "p/m", CHAT) is not routes.find(known, "p/m", CHAT)
