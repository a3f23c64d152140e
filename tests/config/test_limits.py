"""Specification of addons/config/limits.py: the rate limits of the document as buckets."""

import json
from typing import Any

import pytest

from addons.config import ConfigProblem, load
from addons.core.buckets import Bucket
from addons.core.windows import Window

MINUTE = {"unit": "minute", "size": 1}


def buckets(*limits: Any) -> tuple[Bucket, ...]:
    provider = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m", "n"]}
    document = {"providers": [{**provider, "rateLimits": list(limits)}]}
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)}).plan.providers[0].buckets


def problems(*limits: Any) -> str:
    with pytest.raises(ConfigProblem) as caught:
        buckets(*limits)
    return "\n".join(caught.value.problems)


def test_a_bucket_of_the_predecessor() -> None:
    (found,) = buckets({"id": "b", "name": "B", "models": ["m"], "requests": 3, "window": {"unit": "week", "size": 2}})
    assert found == Bucket("b", {"requests": 3}, Window("week", 2), frozenset({"m"}), "B")


def test_all_models_are_covered_unless_some_are_named() -> None:
    limit = {"requests": 1, "window": MINUTE}
    plain, every = buckets(limit, {**limit, "models": "all"})
    assert plain.models is None and every.models is None


@pytest.mark.parametrize(
    ("key", "measure"),
    [
        ("requests", "requests"),
        ("limit", "requests"),
        ("requests-per-window", "requests"),
        ("tokens", "tokens"),
        ("inputTokens", "input_tokens"),
        ("output-tokens", "output_tokens"),
        ("concurrent", "concurrent"),
    ],
)
def test_every_measure_has_its_key(key: str, measure: str) -> None:
    (found,) = buckets({key: 5, "window": MINUTE})
    assert found.caps == {measure: 5}


@pytest.mark.parametrize(
    "window",
    [
        {"window": {"unit": "hour", "size": 6}},
        {"window": {"unit": "hr", "value": 6}},
        {"window": "hour/6"},
        {"window": "6h"},
        {"windowUnit": "hour", "windowSize": 6},
        {"window-unit": "h", "window-size": 6},
        {"window.unit": "hours", "window.value": 6},
    ],
)
def test_every_spelling_of_a_window(window: dict[str, Any]) -> None:
    (found,) = buckets({"requests": 1, **window})
    assert found.window == Window("hour", 6)


def test_concurrent_requests_need_no_window() -> None:
    (found,) = buckets({"concurrent": 2})
    assert found.window is None


def test_a_count_of_its_own_for_each_key() -> None:
    (found,) = buckets({"requests": 1, "window": MINUTE, "perKey": True})
    assert found.per_key


def test_ids_are_made_from_what_a_bucket_is_and_are_all_different() -> None:
    named = {"name": "Team Plan!", "requests": 5, "window": MINUTE}
    plain = {"requests": 5, "window": MINUTE}
    found = buckets(named, plain, plain, {"concurrent": 2})
    assert [each.id for each in found] == ["team-plan", "5-req-per-1-minute", "5-req-per-1-minute-2", "2-concurrent"]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"window": MINUTE}, "rateLimits[0]: expected a limit"),
        ({"requests": 0, "window": MINUTE}, "rateLimits[0].requests"),
        ({"requests": 5}, "rateLimits[0].window"),
        ({"requests": 5, "window": {"unit": "fortnight"}}, "rateLimits[0].window: 'fortnight'"),
        ({"requests": 5, "window": {"unit": "hour", "size": 0}}, "rateLimits[0].window.size"),
        ({"requests": 5, "window": "soon"}, "rateLimits[0].window"),
        ({"requests": 5, "window": MINUTE, "models": ["x"]}, "rateLimits[0].models: expected models of this provider"),
        ({"requests": 5, "window": MINUTE, "models": ["all", "m"]}, "rateLimits[0].models: expected 'all' or"),
        ({"requests": 5, "window": MINUTE, "models": []}, "rateLimits[0].models: expected at least one"),
    ],
)
def test_mistakes_are_named_by_their_path(limit: dict[str, Any], words: str) -> None:
    assert words in problems(limit)


def test_an_id_is_used_once() -> None:
    limit = {"id": "b", "requests": 1, "window": MINUTE}
    assert "rateLimits[1].id" in problems(limit, limit)
