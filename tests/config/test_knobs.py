"""Specification of addons/config/knobs.py."""

import pytest

from addons.config import ConfigProblem, Loaded, load
from addons.core.cooldowns import KNOBS, Policy
from addons.core.plan import Plan

DOCUMENT = '{"providers": [{"id": "p", "baseUrl": "https://a.example", "format": "openai", "models": ["m"]}]}'


def loaded(**env: str) -> Loaded:
    return load(None, {"LLM_ROUTER_CONFIG_JSON": DOCUMENT, **env})


def test_nothing_set_leaves_the_defaults() -> None:
    plan = loaded().plan
    assert (plan.retry, plan.max_body, plan.debug) == (Plan().retry, Plan().max_body, False)


@pytest.mark.parametrize("value", ["soon", "-1", "1e3", "9" * 400, "٣", "nan"])
def test_what_is_no_number_is_warned_about_and_ignored(value: str) -> None:
    found = loaded(LLM_ROUTER_MAX_REQUEST_BODY_BYTES=value)
    assert found.plan.max_body == Plan().max_body and "LLM_ROUTER_MAX_REQUEST_BODY_BYTES" in found.warnings[0]


@pytest.mark.parametrize(("value", "used"), [("0", 1), ("99", 10)])
def test_a_number_out_of_range_counts_as_the_nearest_within(value: str, used: int) -> None:
    found = loaded(LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS=value)
    assert found.plan.retry.attempts == used and "1 to 10" in found.warnings[0]


def test_delays_are_in_milliseconds() -> None:
    names = ("LLM_ROUTER_ORIGIN_RETRY_BASE_DELAY_MS", "LLM_ROUTER_ORIGIN_RETRY_MAX_DELAY_MS")
    retry = loaded(**dict.fromkeys(names, "1500")).plan.retry
    assert (retry.base, retry.cap) == (1.5, 1.5)


@pytest.mark.parametrize("name", ["LLM_ROUTER_DEBUG_ROUTING", "LLM_ROUTER_DEBUG"])
@pytest.mark.parametrize(("value", "on"), [("1", True), ("TRUE", True), ("0", False), ("", False), ("no", False)])
def test_debug_is_a_switch(name: str, value: str, on: bool) -> None:
    assert loaded(**{name: value}).plan.debug is on


@pytest.mark.parametrize("blank", ["", "  ", "a\nb"])
def test_a_blank_master_key_in_the_environment_is_an_error_and_not_off(blank: str) -> None:
    """Promise 38."""
    with pytest.raises(ConfigProblem, match="LLM_ROUTER_MASTER_KEY: expected"):
        loaded(LLM_ROUTER_MASTER_KEY=blank)


def test_the_interval_of_keep_alives_is_in_milliseconds_and_0_is_never() -> None:
    assert loaded(LLM_ROUTER_KEEPALIVE_MS="2500").plan.keepalive == 2.5
    assert loaded(LLM_ROUTER_KEEPALIVE_MS="0").plan.keepalive == 0


@pytest.mark.parametrize(("value", "on"), [("", True), ("true", True), ("false", False), ("OFF", False), ("0", False)])
def test_websocket_and_fetching_can_be_switched_off(value: str, on: bool) -> None:
    assert loaded(LLM_ROUTER_WEBSOCKET=value).plan.websocket is on
    assert loaded(LLM_ROUTER_FETCH_URLS=value).plan.fetches is on


def test_how_long_conversations_are_kept_is_in_milliseconds_and_how_much_in_bytes() -> None:
    plan = loaded(LLM_ROUTER_RESPONSES_TTL_MS="90000", LLM_ROUTER_RESPONSES_MAX_BYTES="1000").plan
    assert (plan.responses_age, plan.responses_bytes) == (90.0, 1000)
    assert loaded().plan.responses_age == Plan().responses_age


@pytest.mark.parametrize(("name", "field"), list(KNOBS.items()))
def test_every_knob_of_the_failure_memory_works(name: str, field: str) -> None:
    used = getattr(loaded(**{name: "7000"}).plan.cooldowns, field)
    assert used == (7.0 if name.endswith("_MS") else 1000)
    assert getattr(loaded().plan.cooldowns, field) == getattr(Policy(), field)


def test_going_on_after_a_refusal_for_policy_is_a_switch() -> None:
    assert loaded(LLM_ROUTER_ALLOW_POLICY_FALLBACK="true").plan.retry.policy_fallback
    assert not loaded().plan.retry.policy_fallback
