"""What the names of models say, a row of the table at a time."""

from dataclasses import fields

import pytest

from addons.core import effort
from addons.core.traits import FAMILIES, Traits

LOW_TO_HIGH = ("low", "medium", "high")
NONE_TO_XHIGH = ("none", "low", "medium", "high", "xhigh")
ALL_OF_CLAUDE = ("low", "medium", "high", "xhigh", "max")
# one name at least for every row, in the order of the table
NAMES = {
    "gpt-5.2-chat-latest": ("none", LOW_TO_HIGH),
    "gpt-5-pro": ("effort", ("high",)),
    "gpt-5.4-pro": ("effort", ("medium", "high", "xhigh")),
    "gpt-5.3-codex": ("effort", ("low", "medium", "high", "xhigh")),
    "gpt-5.1-codex-max": ("effort", ("low", "medium", "high", "xhigh")),
    "gpt-5.1-codex": ("effort", LOW_TO_HIGH),
    "gpt-5-codex": ("effort", LOW_TO_HIGH),
    "gpt-5.1": ("effort", ("none", "low", "medium", "high")),
    "gpt-5.4-mini": ("effort", NONE_TO_XHIGH),
    "openai/gpt-5.5": ("effort", NONE_TO_XHIGH),
    "gpt-5.6-sol": ("effort", (*NONE_TO_XHIGH, "max")),
    "gpt-6-sol": ("effort", (*NONE_TO_XHIGH, "max")),
    "gpt-5-mini": ("effort", ("minimal", "low", "medium", "high")),
    "o3": ("effort", LOW_TO_HIGH),
    "codex-mini-latest": ("effort", LOW_TO_HIGH),
    "openai/gpt-oss-120b": ("effort", LOW_TO_HIGH),
    "gpt-4o": ("none", LOW_TO_HIGH),
    "claude-3-5-sonnet-20241022": ("none", LOW_TO_HIGH),
    "claude-3-opus-20240229": ("none", LOW_TO_HIGH),
    "anthropic/claude-3.7-sonnet": ("budget", LOW_TO_HIGH),
    "claude-opus-4-1-20250805": ("budget", LOW_TO_HIGH),
    "claude-opus-4-20250514": ("budget", LOW_TO_HIGH),
    "claude-sonnet-4-0": ("budget", LOW_TO_HIGH),
    "claude-sonnet-4-5": ("budget", LOW_TO_HIGH),
    "claude-haiku-4-5-20251001": ("budget", LOW_TO_HIGH),
    "claude-opus-4-6": ("adaptive", ("low", "medium", "high", "max")),
    "anthropic/claude-sonnet-4.6": ("adaptive", ("low", "medium", "high", "max")),
    "claude-opus-4-8": ("adaptive", ALL_OF_CLAUDE),
    "claude-mythos-preview": ("adaptive", ("low", "medium", "high", "max")),
    "claude-haiku-5-5": ("adaptive", ALL_OF_CLAUDE),
    "claude-sonnet-5-5": ("adaptive", ALL_OF_CLAUDE),
    "claude-opus-5": ("adaptive", ALL_OF_CLAUDE),
    "us.anthropic.claude-opus-5-5": ("adaptive", ALL_OF_CLAUDE),
    "gemini-2.0-flash": ("none", LOW_TO_HIGH),
    "gemini-2.5-pro": ("budget", LOW_TO_HIGH),
    "gemini-3-flash-preview": ("level", ("minimal", "low", "medium", "high")),
    "google/gemini-3-pro-preview": ("level", LOW_TO_HIGH),
    "gemini-3.6-flash": ("level", ("minimal", "low", "medium", "high")),
    "gemini-4-pro": ("level", LOW_TO_HIGH),
    "z-ai/glm-5.1": ("effort", LOW_TO_HIGH),
    "grok-4": ("effort", LOW_TO_HIGH),
    "my-own-model": (None, LOW_TO_HIGH),
}


@pytest.mark.parametrize("name", NAMES)
def test_how_a_model_is_asked_to_think(name):
    traits = Traits.of(name)

    assert (traits.thinking, traits.efforts) == NAMES[name]


def test_every_row_is_reached_by_a_name_of_the_table_above():
    reached = [next((n for n, (family, _) in enumerate(FAMILIES) if family.match(name)), None) for name in NAMES]

    assert {n for n in reached if n is not None} == set(range(len(FAMILIES)))


@pytest.mark.parametrize("row", [row for _, row in FAMILIES])
def test_every_row_is_made_of_traits_and_its_levels_climb(row):
    assert row.keys() <= {each.name for each in fields(Traits)}
    levels = [effort.LADDER.index(level) for level in row.get("efforts", LOW_TO_HIGH)]
    assert levels == sorted(set(levels))


@pytest.mark.parametrize(
    ("name", "prefill"),
    [
        ("gemini-2.5-flash", True),
        ("gemini-3-pro-preview", True),
        ("gemini-3.5-flash", True),
        ("gemini-3.5-flash-lite", False),
        ("google/gemini-3.6-flash", False),
        ("gemini-4-pro", False),
    ],
)
def test_the_newest_geminis_refuse_to_go_on_with_their_own_words(name, prefill):
    """Source: the service's answers, as users report them ("Requests ending with a model turn are not supported")."""
    assert Traits.of(name).prefill is prefill


@pytest.mark.parametrize(
    ("name", "sampling", "one", "prefill", "forced", "idle"),
    [
        ("claude-sonnet-4-0", True, False, True, True, "silence"),
        ("claude-opus-4-1", True, True, True, True, "silence"),
        ("claude-sonnet-4-5", True, True, True, True, "silence"),
        ("claude-opus-4-6", True, True, False, True, "silence"),
        ("claude-opus-4-8", False, False, False, True, "silence"),
        ("claude-sonnet-5", False, False, False, True, "disabled"),
        ("claude-haiku-5-5", False, False, False, True, "disabled"),
        ("claude-sonnet-5-5", False, False, False, False, "between_tools"),
        ("claude-opus-5-5", False, False, False, False, "never"),
        ("claude-fable-5-2", False, False, False, False, "never"),
    ],
)
def test_what_a_claude_refuses(name, sampling, one, prefill, forced, idle):
    """Source: Anthropic's migration guides, from Opus 4.1 to the 5.5 models."""
    traits = Traits.of(name)

    assert (traits.sampling, traits.one_sampling, traits.prefill) == (sampling, one, prefill)
    assert (traits.forced, traits.idle) == (forced, idle)


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("claude-3-haiku-20240307", 4096),
        ("claude-3-5-haiku-20241022", 8192),
        ("claude-opus-4-1", 32_000),
        ("claude-sonnet-4-5", 64_000),
        ("claude-opus-5-5", 128_000),
        ("glm-5.1", 32_000),
    ],
)
def test_the_limit_of_a_family(name, tokens):
    assert Traits.of(name).max_output == tokens


@pytest.mark.parametrize(
    ("name", "structured"),
    [("claude-opus-4-1", False), ("claude-sonnet-4-5", True), ("gpt-4o", True), ("glm-5.1", False), ("x", True)],
)
def test_who_enforces_a_schema(name, structured):
    assert Traits.of(name).structured is structured


@pytest.mark.parametrize(
    ("name", "key", "marks"),
    [("gpt-5.5", True, False), ("gpt-oss-20b", False, False), ("claude-opus-5", False, True), ("glm-5", False, False)],
)
def test_what_steers_a_prompt_cache(name, key, marks):
    traits = Traits.of(name)

    assert (traits.cache_key, traits.cache_marks) == (key, marks)


def test_the_configuration_overrides_single_fields_of_a_row():
    traits = Traits.of("claude-opus-4-8", {"sampling": True, "efforts": ("low",)})

    assert (traits.sampling, traits.efforts, traits.thinking) == (True, ("low",), "adaptive")


@pytest.mark.parametrize(
    ("name", "tools"),
    [
        ("gpt-5.2", 128),
        ("gpt-4.1", 128),
        ("openai/o3", 128),
        ("gpt-oss-20b", None),
        ("claude-opus-5", None),
        ("x", None),
    ],
)
def test_how_many_tools_a_request_may_offer(name, tools):
    assert Traits.of(name).max_tools == tools
