"""Specification of addons/core/status.py: what an owner sees, and what nobody sees."""

import json
from dataclasses import replace

from addons.core.buckets import Bucket, Claim
from addons.core.cooldowns import Policy, Where
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.health import Health
from addons.core.model import DialectName
from addons.core.plan import Alias, Credential, Model, Plan, Provider, Target
from addons.core.status import status
from addons.core.windows import parse
from addons.ledger import Ledger

NOW = 1_800_000_000.0
KEYS = (Credential("one", "sk-canary-one"), Credential("two", "sk-canary-two"))
BUCKET = Bucket("minute", {"requests": 4, "tokens": 100}, parse("minute:1"))
PROVIDER = Provider(
    "p",
    "P",
    (DialectName.CHAT,),
    {DialectName.CHAT: "https://u:canary-pass@p.example/v1"},
    (Model("m"),),
    headers={"x-secret": "canary-header"},
    key="sk-canary-one",
)
PLAN = Plan((PROVIDER,), {"fast": Alias("fast", "ordered", (Target("p/m"),))}, master_key="canary-master")


def ledger() -> Ledger:
    return Ledger(Health(Policy()))


def test_nothing_that_is_secret_is_told() -> None:
    """Promise 44."""
    plan = replace(PLAN, providers=(replace(PROVIDER, keys=KEYS),))
    assert "canary" not in json.dumps(status(plan, ledger(), NOW))


def test_a_target_that_rests_says_why_and_for_how_long() -> None:
    known = ledger()
    where = Where("p", "m")
    turn = known.health.begin(where, NOW)
    assert turn is not None
    known.health.failed(turn, ErrorInfo(ErrorClass.RATE_LIMITED, "slow down", status=429, retry_after=20.0), NOW)
    (target,) = status(PLAN, known, NOW + 5)["providers"][0]["targets"]
    assert target["rests"] == {"why": f"cooling:{ErrorClass.RATE_LIMITED}", "for": 15.0}
    assert target["health"] < 1.0 and target["running"] == 1


def test_a_target_that_answers_says_how_soon() -> None:
    known = ledger()
    turn = known.health.begin(Where("p", "m"), NOW)
    assert turn is not None
    known.health.answered(turn, NOW, 0.5)
    known.health.end(turn)
    (target,) = status(PLAN, known, NOW)["providers"][0]["targets"]
    assert (target["firstEvent"], target["running"], target["rests"]) == (0.5, 0, None)


def test_each_key_is_a_target_of_its_own() -> None:
    plan = replace(PLAN, providers=(replace(PROVIDER, keys=KEYS),))
    targets = status(plan, ledger(), NOW)["providers"][0]["targets"]
    assert [each["credential"] for each in targets] == ["one", "two"]


def test_what_is_used_of_a_limit() -> None:
    known = ledger()
    known.counters.reserve([Claim("p:minute", BUCKET, 20, 5)], NOW)
    plan = replace(PLAN, providers=(replace(PROVIDER, buckets=(BUCKET,)),))
    (bucket,) = status(plan, known, NOW)["providers"][0]["buckets"]
    assert bucket["caps"] == [
        {"measure": "requests", "cap": 4, "used": 1},
        {"measure": "tokens", "cap": 100, "used": 25},
    ]
    assert (bucket["left"], bucket["window"]) == (0.75, "minute:1")


def test_a_limit_of_each_key_is_counted_for_each() -> None:
    known, bucket = ledger(), replace(BUCKET, per_key=True)
    known.counters.reserve([Claim("p#two:minute", bucket, 0, 0)], NOW)
    plan = replace(PLAN, providers=(replace(PROVIDER, keys=KEYS, buckets=(bucket,)),))
    found = status(plan, known, NOW)["providers"][0]["buckets"]
    assert [(each["credential"], each["caps"][0]["used"]) for each in found] == [("one", 0), ("two", 1)]


def test_looking_changes_nothing() -> None:
    known = ledger()
    plan = replace(PLAN, providers=(replace(PROVIDER, buckets=(BUCKET,)),))
    assert status(plan, known, NOW) == status(plan, known, NOW)
    assert known.counters.changes() == []
