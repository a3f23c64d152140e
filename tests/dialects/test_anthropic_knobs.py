"""Thinking and sampling of foreign requests towards each family of Claude models."""

import pytest

from addons.core.model import DialectName, Message, Reasoning, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

CHAT = DialectName.CHAT
HI = Message("user", (Text("hi"),))
F = Tool("f", schema={"type": "object", "properties": {}})
CALL = Message("assistant", (ToolCall("c1", "f", "{}"),))
DONE = Message("user", (ToolResult("c1", (Text("done"),)),))


def render(model, *messages, **members):
    request = Request(CHAT, "alias", messages or (HI,), **members)
    return DIALECT.render_request(request, Traits.of(model), ToolNames.of(request))


def lost(rendered):
    return [loss.path for loss in rendered.losses]


@pytest.mark.parametrize(
    ("model", "wish", "level"),
    [
        ("claude-opus-4-6", "xhigh", "high"),
        ("claude-opus-4-6", "max", "max"),
        ("claude-opus-4-8", "xhigh", "xhigh"),
        ("claude-haiku-5-5", "low", "low"),
        ("claude-opus-5-5", "medium", "medium"),
        ("claude-not-yet-known-9", "high", "high"),
    ],
)
def test_an_adaptive_model_is_told_the_effort_that_it_knows(model, wish, level):
    rendered = render(model, reasoning=Reasoning(wish))

    assert rendered.body["thinking"] == {"type": "adaptive"}
    assert rendered.body["output_config"] == {"effort": level}
    assert "anthropic-beta" not in rendered.headers


def test_a_budget_is_an_effort_for_an_adaptive_model():
    body = render("claude-opus-4-8", reasoning=Reasoning(budget=9_000), max_tokens=10_000).body

    assert (body["thinking"], body["output_config"]) == ({"type": "adaptive"}, {"effort": "xhigh"})


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-4-1", "glm-5.1", "my-model"])
def test_older_and_unknown_models_get_a_budget(model):
    body = render(model, reasoning=Reasoning("high"), max_tokens=10_000).body

    assert body["thinking"] == {"type": "enabled", "budget_tokens": 7_500}
    assert "output_config" not in body


def test_a_model_that_does_not_think_is_not_asked_to():
    rendered = render("claude-3-5-haiku-latest", reasoning=Reasoning("high"))

    assert "thinking" not in rendered.body
    assert lost(rendered) == ["reasoning"]


@pytest.mark.parametrize("wish", ["none", "minimal"])
@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("claude-sonnet-4-5", None),
        ("claude-opus-4-8", None),
        ("claude-opus-5", {"type": "disabled"}),
        ("claude-haiku-5-5", {"type": "disabled"}),
        ("claude-sonnet-5-5", {"type": "between_tools"}),
    ],
)
def test_no_thinking_is_said_as_the_model_understands_it(model, wish, thinking):
    """Source: Anthropic's migration guides: from Opus 5 on a model thinks unless it is told not to."""
    rendered = render(model, reasoning=Reasoning(wish))

    assert rendered.body.get("thinking") == thinking
    assert lost(rendered) == []


def test_a_model_that_always_thinks_is_asked_for_the_least():
    rendered = render("claude-opus-5-5", reasoning=Reasoning("none"))

    assert "thinking" not in rendered.body
    assert rendered.body["output_config"] == {"effort": "low"}
    assert lost(rendered) == ["reasoning"]


@pytest.mark.parametrize("model", ["claude-opus-5-5", "claude-opus-5", "claude-sonnet-4-5"])
def test_silence_stays_silence(model):
    assert render(model).body.keys().isdisjoint({"thinking", "output_config"})


@pytest.mark.parametrize("summary", ["auto", "detailed"])
def test_a_summary_is_shown_when_it_is_asked_for(summary):
    thinking = render("claude-opus-5-5", reasoning=Reasoning("high", summary=summary)).body["thinking"]

    assert thinking == {"type": "adaptive", "display": "summarized"}


@pytest.mark.parametrize(
    ("model", "thinking"),
    [("claude-opus-4-8", None), ("claude-opus-5", {"type": "disabled"}), ("claude-sonnet-4-5", None)],
)
def test_a_forced_tool_excludes_thinking(model, thinking):
    rendered = render(model, tools=(F,), tool_choice=ToolChoice("required"), reasoning=Reasoning("high"))

    assert rendered.body["tool_choice"] == {"type": "any"}
    assert rendered.body.get("thinking") == thinking
    assert lost(rendered) == ["reasoning"]


def test_a_forced_tool_alone_stops_a_model_that_thinks_unasked():
    rendered = render("claude-opus-5", tools=(F,), tool_choice=ToolChoice("tool", "f"))

    assert rendered.body["thinking"] == {"type": "disabled"}
    assert lost(rendered) == []


@pytest.mark.parametrize(
    ("choice", "words"), [(ToolChoice("required"), "one of the tools"), (ToolChoice("tool", "f"), "the tool f")]
)
def test_a_model_that_refuses_force_is_asked_in_words(choice, words):
    """Source: "Forced tool use is not supported" of Claude Opus 5.5, Sonnet 5.5 and Fable 5.1."""
    rendered = render("claude-opus-5-5", tools=(F,), tool_choice=choice, reasoning=Reasoning("high"))

    assert rendered.body["tool_choice"] == {"type": "auto"}
    assert rendered.body["thinking"] == {"type": "adaptive"}
    assert words in rendered.body["messages"][-1]["content"][-1]["text"]
    assert lost(rendered) == ["tool_choice"]


def test_an_adaptive_model_goes_on_thinking_after_a_call_that_came_without():
    rendered = render("claude-opus-4-8", HI, CALL, DONE, tools=(F,), reasoning=Reasoning("high"))

    assert rendered.body["thinking"] == {"type": "adaptive"}
    assert lost(rendered) == []


@pytest.mark.parametrize(
    ("model", "sent", "told"),
    [
        ("claude-sonnet-4-0", {"temperature": 0.2, "top_p": 0.9, "top_k": 4}, []),
        ("claude-opus-4-1", {"temperature": 0.2, "top_k": 4}, ["top_p"]),
        ("claude-opus-4-6", {"temperature": 0.2, "top_k": 4}, ["top_p"]),
        ("claude-opus-4-8", {}, ["temperature", "top_p", "top_k"]),
        ("claude-opus-5-5", {}, ["temperature", "top_p", "top_k"]),
        ("glm-5.1", {"temperature": 0.2, "top_p": 0.9, "top_k": 4}, []),
    ],
)
def test_sampling_as_far_as_the_family_takes_it(model, sent, told):
    rendered = render(model, temperature=0.2, top_p=0.9, top_k=4)

    assert {key: rendered.body[key] for key in ("temperature", "top_p", "top_k") if key in rendered.body} == sent
    assert lost(rendered) == told


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("claude-opus-4-1", None, 32_000), ("claude-opus-4-1", 64_000, 32_000), ("claude-opus-5-5", None, 128_000),
        ("claude-sonnet-4-5", 500, 500), ("my-model", 200_000, 200_000),
    ],
)  # fmt: skip
def test_the_limit_is_one_that_the_family_can_give(model, asked, sent):
    rendered = render(model, max_tokens=asked)

    assert rendered.body["max_tokens"] == sent
    assert lost(rendered) == ([] if asked in (None, sent) else ["max_tokens"])
