"""Specification of what the document and the environment say of the activity log."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from addons.config import ConfigProblem, Loaded, load
from addons.core.plan import Plan

PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m"]}


def loaded(said: Any = None, env: Mapping[str, str] | None = None) -> Loaded:
    document: dict[str, Any] = {"providers": [PROVIDER]}
    if said is not None:
        document["metadata"] = {"activityLog": said[0]}
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document), **(env or {})})


@pytest.mark.parametrize(
    ("said", "word", "wanted"),
    [
        (None, None, True),
        ([{"enabled": True}], None, True),
        ([{"enabled": False}], None, False),
        ([False], None, False),
        ([None], None, True),
        ([{}], None, True),
        (None, "off", False),
        (None, "0", False),
        (None, "", True),
        ([{"enabled": False}], "on", True),
        ([{"enabled": True}], "off", False),
    ],
)
def test_it_is_on_unless_it_is_switched_off_and_the_variable_decides(said: Any, word: str | None, wanted: bool) -> None:
    env = {} if word is None else {"LLM_ROUTER_ACTIVITY_LOG": word}
    assert loaded(said, env).plan.activity is wanted


def test_size_and_number_of_files_are_those_of_the_environment() -> None:
    env = {"LLM_ROUTER_ACTIVITY_LOG_MAX_BYTES": "5000", "LLM_ROUTER_ACTIVITY_LOG_KEEP": "0"}
    plan = loaded(None, env).plan
    assert (plan.activity_bytes, plan.activity_keep) == (5000, 0)


def test_nonsense_is_told_and_changes_nothing() -> None:
    found = loaded(None, {"LLM_ROUTER_ACTIVITY_LOG_KEEP": "many"})
    assert found.plan.activity_keep == Plan().activity_keep
    assert any("LLM_ROUTER_ACTIVITY_LOG_KEEP" in warning for warning in found.warnings)


def test_a_wrong_word_in_the_document_is_a_problem_with_its_path() -> None:
    with pytest.raises(ConfigProblem) as problem:
        loaded([{"enabled": "sometimes"}])
    assert "metadata.activityLog.enabled" in str(problem.value)
