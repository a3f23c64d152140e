"""Specification of addons/amp/selectors.py: how model ids are read, and what patterns and selectors match."""

import pytest

from addons.amp.selectors import BadPattern, Parts, Selector, canonical, forms, parts, pattern


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-opus-4-6", "claude-opus-4.6"),
        ("Claude Opus_4–6", "claude-opus-4.6"),
        ("anthropic/claude-opus-4-6", "claude-opus-4.6"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4.5"),
        ("anthropic/claude-haiku-4-5-20251001", "claude-haiku-4.5"),
        ("claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-3-5-sonnet-latest", "claude-3.5-sonnet"),
        ("claude-opus-4-6[1m]", "claude-opus-4.6"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4.5"),
        ("gpt-5-3", "gpt-5.3"),
        ("openai/gpt-5.3-codex", "gpt-5.3-codex"),
        ("gpt-5.4-2026-03-05", "gpt-5.4"),
        ("gemini-2-5-flash", "gemini-2.5-flash"),
        ("gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash-preview"),
        ("gemini-2.5-pro-preview-05-06", "gemini-2.5-pro-preview"),
        ("accounts/fireworks/models/glm-5", "glm-5"),
        ("kimi-k2-instruct-0905", "kimi-k2-instruct"),
        ("llama-4-8b", "llama-4-8b"),
        ("gpt-oss-120b", "gpt-oss-120b"),
        ("", ""),
    ],
)
def test_every_spelling_has_one_canonical_form(name: str, expected: str) -> None:
    assert canonical(name) == expected
    assert canonical(expected) == expected


def test_the_spelling_that_was_given_comes_first() -> None:
    assert forms("Anthropic/Claude-Haiku-4-5-20251001")[0] == "anthropic/claude-haiku-4-5-20251001"
    assert forms("Anthropic/Claude-Haiku-4-5-20251001")[-1] == "claude-haiku-4.5"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-opus-4-6", Parts("anthropic", "opus", "4.6", None, frozenset())),
        ("claude-3-5-sonnet-20241022", Parts("anthropic", "sonnet", "3.5", None, frozenset())),
        ("sonnet-4.5", Parts("anthropic", "sonnet", "4.5", None, frozenset())),
        ("gpt-5.1-codex-max", Parts("openai", "gpt", "5.1", "codex-max", frozenset())),
        ("gpt-image-2", Parts("openai", "gpt-image", "2", None, frozenset())),
        ("openai/gpt-oss-120b", Parts("openai", "gpt-oss", None, "120b", frozenset())),
        ("gemini-3-pro-image-preview", Parts("google", "gemini", "3", "pro-image", frozenset({"preview"}))),
        ("accounts/fireworks/models/kimi-k2p5", Parts("moonshot", "kimi", "2.5", None, frozenset())),
        ("zai-glm-4.7", Parts("zai", "glm", "4.7", None, frozenset())),
        ("mistral/devstral-2-small", Parts("mistral", "devstral", None, "2-small", frozenset())),
        ("", Parts(None, None, None, None, frozenset())),
    ],
)
def test_the_parts_of_an_id(name: str, expected: Parts) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001", True),
        ("claude-haiku-4.5", "anthropic/claude-haiku-4-5-20251001", True),
        ("Claude-Haiku-4-5-20251001", "claude-haiku-4-5-20251001", True),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5", False),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5-20260101", False),
        ("openai/gpt-5.4", "openai/gpt-5.4", True),
        ("openai/gpt-5.4", "gpt-5.4", False),
        ("gpt-5.4", "gpt-5.40", False),
        ("gpt-*-codex*", "openai/gpt-5.3-codex-max", True),
        ("gpt-*-codex*", "gpt-5.3", False),
        ("claude-opus-4-*", "claude-opus-4-6", True),
        ("*", "anything", True),
        ("model?x", "modelyx", False),
        ("/^claude-(opus|sonnet)/", "claude-opus-4-6", True),
        ("/OPUS/", "claude-opus-4-6", True),
        ("/4\\.6$/i", "claude-opus-4-6", True),
        ("/^opus/g", "claude-opus-4-6", False),
    ],
)
def test_patterns(text: str, name: str, expected: bool) -> None:
    assert pattern(text).matches(name) is expected


@pytest.mark.parametrize("text", ["", "  ", "/(/", "/a/q"])
def test_a_pattern_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        pattern(text)


OPUS = Selector(vendor="anthropic", family="opus")


@pytest.mark.parametrize(
    ("selector", "name", "expected"),
    [
        (OPUS, "anthropic/claude-opus-4-6-20260101", True),
        (OPUS, "claude-sonnet-4-6", False),
        (Selector(family="gpt", variant_absent=True), "gpt-5.4", True),
        (Selector(family="gpt", variant_absent=True), "gpt-5.4-mini", False),
        (Selector(family="gpt", variant_absent=False), "gpt-5.4-mini", True),
        (Selector(family="gpt", variant_prefix="codex"), "gpt-5.2-codex-max", True),
        (Selector(family="gpt", variant="codex"), "gpt-5.2-codex-max", False),
        (Selector(family="gpt", variant="codex"), "gpt-5.2-codex", True),
        (Selector(version="4.6"), "claude-opus-4-6", True),
        (Selector(version="4"), "claude-opus-4-6", False),
        (Selector(version_prefix="4"), "claude-opus-4-6", True),
        (Selector(version_prefix="4."), "claude-opus-4-6", True),
        (Selector(version_prefix="4"), "gpt-41", False),
        (Selector(modifiers=frozenset({"preview"})), "gemini-3-pro-preview", True),
        (Selector(modifiers=frozenset({"preview"})), "gemini-3-pro", False),
        (Selector(), "anything", True),
    ],
)
def test_all_that_a_selector_names_has_to_fit(selector: Selector, name: str, expected: bool) -> None:
    assert selector.matches(name) is expected
