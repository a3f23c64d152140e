"""Specification of the tables in addons/core/cooldowns.py; what they do is specified in test_health.py."""

from dataclasses import fields

import pytest

from addons.core.cooldowns import KNOBS, RESTS, Policy, Where
from addons.core.errors import POLICY

FIELDS = {field.name: field.type for field in fields(Policy)}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("LLM_ROUTER_ORIGIN_FALLBACK_COOLDOWN_MS", 45_000),
        ("LLM_ROUTER_ORIGIN_RATE_LIMIT_COOLDOWN_MS", 30_000),
        ("LLM_ROUTER_ORIGIN_BILLING_COOLDOWN_MS", 900_000),
        ("LLM_ROUTER_ORIGIN_AUTH_COOLDOWN_MS", 600_000),
        ("LLM_ROUTER_ORIGIN_POLICY_COOLDOWN_MS", 120_000),
        ("LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES", 2),
        ("LLM_ROUTER_FALLBACK_CIRCUIT_COOLDOWN_MS", 30_000),
    ],
)
def test_every_variable_of_the_predecessor_has_its_default(name: str, default: int) -> None:
    scale = 1000 if name.endswith("_MS") else 1
    assert getattr(Policy(), KNOBS[name]) * scale == default


def test_every_knob_turns_a_field_that_exists() -> None:
    assert set(KNOBS.values()) <= FIELDS.keys()
    assert {row.knob for row in RESTS.values() if row.knob} <= FIELDS.keys()


def test_every_class_with_a_cooldown_has_a_row() -> None:
    assert {cls for cls, action in POLICY.items() if action.cooldown} <= RESTS.keys()


def test_the_keys_name_what_is_closed() -> None:
    where = Where("p", "vendor/m", "work")
    assert (where.target, where.account, where.pair) == ("p/vendor/m", "p#work", "p/vendor/m#work")
    assert [where.key(scope) for scope in ("target", "credential", "pair")] == [where.target, where.account, where.pair]


def test_a_provider_with_a_single_key_has_an_account_of_its_own_all_the_same() -> None:
    assert Where("p", "m").account != Where("q", "m").account
    assert len({Where("p", "m").target, Where("p", "m").account, Where("p", "m").pair}) == 3
