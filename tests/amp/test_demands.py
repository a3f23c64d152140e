"""Specification of addons/amp/demands.py: what AMP expects without saying so."""

import pytest

from addons.amp.demands import BY_MODE, effort, window
from addons.amp.hints import AmpHints

HINTS = AmpHints()


@pytest.mark.parametrize(("mode", "tokens"), BY_MODE.items())
def test_every_mode_has_its_window(mode: str, tokens: int) -> None:
    assert window(HINTS, mode, "whatever", {}) == tokens


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("claude-haiku-4-5-20251001", 136_000),
        ("anthropic/claude-opus-4-6", 168_000),
        ("claude-sonnet-4-6", 936_000),
        ("gpt-5.3-codex", 968_000),
        ("unknown", 0),
    ],
)
def test_a_known_model_counts_where_no_mode_is_known(model: str, tokens: int) -> None:
    assert window(HINTS, None, model, {}) == tokens


def test_the_mode_comes_before_the_model() -> None:
    assert window(HINTS, "deep", "gpt-5.3-codex", {}) == 272_000


def test_anthropics_paths_have_a_floor() -> None:
    assert window(AmpHints(provider="anthropic"), None, "unknown", {}) == 200_000


def test_the_beta_of_a_million_tokens_is_believed() -> None:
    headers = {"anthropic-beta": "fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07"}
    assert window(HINTS, "smart", "claude-sonnet-4-5", headers) == 1_000_000


def test_helpers_need_what_they_send() -> None:
    assert window(AmpHints("smart", "title"), "smart", "claude-haiku-4-5-20251001", {}) == 0


@pytest.mark.parametrize(("mode", "expected"), [("rush", "low"), ("deep", "high"), ("smart", None), (None, None)])
def test_some_modes_think_for_a_known_time(mode: str | None, expected: str | None) -> None:
    assert effort(HINTS, mode) == expected
    assert effort(AmpHints(mode, "title"), mode) is None
