"""Specification of addons/ledger.py: the state of one router alone, in memory."""

from addons.core.buckets import Lease, Shortage, Spent
from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.core.provider_limits import SubscriptionWindow
from addons.ledger import State
from harness.states import NARROW, NOW, claim, ledger

WEEKLY = SubscriptionWindow("7d", 0.5, NOW + 86_400, 604_800)


def state() -> State:
    return State(ledger())


async def test_places_are_reserved_sent_and_settled() -> None:
    one = state()
    for _ in range(5):
        lease = await one.reserve([claim(NARROW)], NOW)
        assert isinstance(lease, Lease)
        one.sent(lease)
        one.settle(lease, Spent(), NOW)
    assert isinstance(await one.reserve([claim(NARROW)], NOW), Shortage)


async def test_what_is_learnt_is_in_the_ledger_at_once() -> None:
    one = state()
    one.rotate({"fast": {"p/a": 0.5}})
    one.bind(("k",), "p/m#", NOW, 60.0)
    one.observed("p#k", (WEEKLY,))
    assert one.ledger.rotations == {"fast": {"p/a": 0.5}}
    assert one.ledger.bindings.find(("k",), NOW) == "p/m#"
    assert one.ledger.windows == {"p#k": (WEEKLY,)}


async def test_a_quota_that_ends_sooner_is_more_urgent() -> None:
    one = state()
    one.observed("soon", (SubscriptionWindow("7d", 0.5, NOW + 3600, 604_800),))
    one.observed("late", (SubscriptionWindow("7d", 0.5, NOW + 500_000, 604_800),))
    assert one.ledger.urgency("soon", NOW) > one.ledger.urgency("late", NOW)
    assert one.ledger.urgency("unknown", NOW) == 1.0


async def test_it_keeps_and_shares_nothing_and_has_no_problem_with_that() -> None:
    one = state()
    await one.open()
    await one.refresh(["fast"], ["k"], [claim(NARROW)])
    one.cooled([Cooling("p/m", NOW + 60, ErrorClass.OVERLOADED)])
    one.recovered("p/m")
    await one.aclose()
    assert (one.backend, one.problem) == ("memory", "")
