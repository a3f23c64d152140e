"""Specification of addons/amp/catalogue.py: every model that AMP was seen to ask for is known for what it is."""

import pytest

from addons.amp.catalogue import BY_ID, ENTITIES, FEBRUARY, MAY, OBSERVED, SIGNATURES, Observed, mode_of, observed

KINDS = {
    "claude-opus-4-6": "@anthropic-opus",
    "claude-opus-4-7": "@anthropic-opus",
    "claude-sonnet-4-5-20250929": "@anthropic-sonnet",
    "claude-sonnet-4-6": "@anthropic-sonnet",
    "claude-haiku-4-5-20251001": "@anthropic-haiku-shared",
    "gpt-5.2": "@openai-gpt-base",
    "gpt-5.4": "@openai-gpt-base",
    "gpt-5.5": "@openai-gpt-base",
    "gpt-5.2-codex": "@openai-gpt-codex",
    "gemini-3-pro-preview": "@google-gemini-pro",
    "gemini-3.1-pro-preview": "@google-gemini-pro",
    "gemini-3-pro-image-preview": "@google-gemini-pro-image",
    "gemini-3-flash-preview": "@google-gemini-flash-shared",
    # of no vendor that the preset knows
    "accounts/fireworks/models/kimi-k2p5": None,
    "zai-glm-4.7": None,
    "gpt-image-2": None,
}


def test_the_table_of_kinds_covers_every_observed_model() -> None:
    assert {row.model for row in OBSERVED} == KINDS.keys()


@pytest.mark.parametrize("prefix", ["", "vendor/"])
@pytest.mark.parametrize(("model", "kind"), KINDS.items())
def test_every_model_is_of_one_kind_at_most(model: str, kind: str | None, prefix: str) -> None:
    found = [each.id for each in SIGNATURES if any(match.matches(prefix + model) for match in each.matches)]
    assert found == ([kind] if kind else [])


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-2.5-flash-image-preview"])
def test_a_model_for_images_is_no_model_for_text(model: str) -> None:
    found = [each.id for each in SIGNATURES if any(match.matches(model) for match in each.matches)]
    assert found == ["@google-gemini-pro-image"]


@pytest.mark.parametrize("row", OBSERVED, ids=lambda row: f"{row.version}-{row.entity}-{row.model}")
def test_every_row_is_found_by_its_version(row: Observed) -> None:
    assert row.entity in observed(row.model, row.version)


@pytest.mark.parametrize(
    "row", [row for row in OBSERVED if BY_ID[row.entity].kind == "mode"], ids=lambda row: f"{row.entity}-{row.version}"
)
def test_the_version_and_the_model_tell_the_mode(row: Observed) -> None:
    """`free` has the model of `rush`, and is told by its header alone."""
    assert mode_of(row.model, row.version) == ("rush" if row.entity == "free" else row.entity)


def test_a_model_that_changed_its_mode_is_of_the_kinds_mode_for_unknown_versions() -> None:
    assert mode_of("claude-opus-4-6", FEBRUARY) == "smart"
    assert mode_of("claude-opus-4-6", MAY) == "large"
    assert mode_of("claude-opus-4-6", "0.0.1") == mode_of("claude-opus-4-6", None) == "smart"


def test_a_new_model_is_of_its_kinds_mode() -> None:
    assert mode_of("claude-opus-5-1", MAY) == "smart"
    assert mode_of("mistral-9", MAY) is None


def test_both_versions_that_run_on_the_clients_side_are_covered() -> None:
    assert {row.version for row in OBSERVED} == {FEBRUARY, MAY}


def test_what_an_entity_refers_to_exists() -> None:
    kinds = {each.id for each in SIGNATURES}
    assert all(kinds.issuperset(each.signatures) for each in ENTITIES)
    assert all(each.like is None or each.like in BY_ID for each in ENTITIES)
    assert {row.entity for row in OBSERVED} <= BY_ID.keys()
