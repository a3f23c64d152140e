"""How much a model is to think, said by a client of any dialect, in the words of each provider's models."""

from typing import Any

import pytest

from addons.core.model import DialectName
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS

type Json = dict[str, Any]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
SAID = {"messages": [{"role": "user", "content": "hi"}]}
LIMIT = 20_000


def budget(tokens: int) -> Json:
    return {**SAID, "max_tokens": LIMIT, "thinking": {"type": "enabled", "budget_tokens": tokens}}


def adaptive(level: str | None) -> Json:
    config = {} if level is None else {"output_config": {"effort": level}}
    return {**SAID, "max_tokens": LIMIT, "thinking": {"type": "adaptive"}, **config}


def chat(level: str) -> Json:
    return {**SAID, "max_completion_tokens": LIMIT, "reasoning_effort": level}


def responses(level: str) -> Json:
    return {"input": "hi", "max_output_tokens": LIMIT, "reasoning": {"effort": level}}


def gemini(**thinking: Any) -> Json:
    config = {"maxOutputTokens": LIMIT, "thinkingConfig": thinking}
    return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "generationConfig": config}


# what each client says for the same wish
WISHES: dict[str, dict[DialectName, list[Json]]] = {
    "none": {
        CLAUDE: [{**SAID, "max_tokens": LIMIT, "thinking": {"type": "disabled"}}],
        CHAT: [chat("none")],
        RESPONSES: [responses("none")],
        GEMINI: [gemini(thinkingBudget=0)],
    },
    "low": {
        CLAUDE: [budget(4_000), adaptive("low")],
        CHAT: [chat("low")],
        RESPONSES: [responses("low")],
        GEMINI: [gemini(thinkingLevel="low"), gemini(thinkingBudget=4_000)],
    },
    "medium": {
        CLAUDE: [budget(9_000), adaptive("medium")],
        CHAT: [chat("medium")],
        RESPONSES: [responses("medium")],
        GEMINI: [gemini(thinkingBudget=9_000)],
    },
    "high": {
        CLAUDE: [budget(15_000), adaptive("high")],
        CHAT: [chat("high")],
        RESPONSES: [responses("high")],
        GEMINI: [gemini(thinkingLevel="high"), gemini(thinkingBudget=15_000)],
    },
    "xhigh": {CLAUDE: [budget(17_000), adaptive("xhigh")], CHAT: [chat("xhigh")], RESPONSES: [responses("xhigh")]},
    "max": {CLAUDE: [budget(19_900), adaptive("max")], CHAT: [chat("max")], RESPONSES: [responses("max")]},
}
# what the models of each provider are told, wish by wish (`-`: nothing): the highest level that they know and that is
# not above it
TOLD: tuple[tuple[DialectName, str, str], ...] = (
    (CHAT, "gpt-5", "minimal low medium high high high"),
    (CHAT, "gpt-5.5", "none low medium high xhigh xhigh"),
    (RESPONSES, "gpt-5.1-codex", "low low medium high high high"),
    (RESPONSES, "gpt-6-sol", "none low medium high xhigh max"),
    (RESPONSES, "gpt-5-pro", "high high high high high high"),
    (CLAUDE, "claude-opus-4-6", "- low medium high high max"),
    (CLAUDE, "claude-opus-4-8", "- low medium high xhigh max"),
    (CHAT, "gpt-4.1", "- - - - - -"),
    (GEMINI, "gemini-3-pro", "low low medium high high high"),
    (GEMINI, "gemini-2.0-flash", "- - - - - -"),
)
CASES = [
    pytest.param(client, body, provider, model, None if level == "-" else level, id=f"{client}-{wish}-{n}-{model}")
    for provider, model, levels in TOLD
    for (wish, clients), level in zip(WISHES.items(), levels.split(), strict=True)
    for client, bodies in clients.items()
    for n, body in enumerate(bodies)
    if client is not provider
]


def told(client: DialectName, body: Json, provider: DialectName, model: str) -> Json:
    request = DIALECTS[client].parse_request({"model": "m", **body})
    return DIALECTS[provider].render_request(request, Traits.of(model), ToolNames.of(request)).body


def level(provider: DialectName, body: Json) -> str | None:
    """The effort where the provider looks for it."""
    match provider:
        case DialectName.ANTHROPIC:
            return body.get("output_config", {}).get("effort")
        case DialectName.CHAT:
            return body.get("reasoning_effort")
        case DialectName.RESPONSES:
            return body.get("reasoning", {}).get("effort")
        case _:
            return body["generationConfig"].get("thinkingConfig", {}).get("thinkingLevel")


@pytest.mark.parametrize(("client", "body", "provider", "model", "wanted"), CASES)
def test_the_wish_is_told_in_the_models_own_words(
    client: DialectName, body: Json, provider: DialectName, model: str, wanted: str | None
) -> None:
    assert level(provider, told(client, body, provider, model)) == wanted


@pytest.mark.parametrize(
    ("client", "body", "tokens"),
    [
        (CHAT, chat("low"), 4_000),
        (RESPONSES, responses("medium"), 9_000),
        (CHAT, chat("high"), 15_000),
        (RESPONSES, responses("xhigh"), 18_000),
        (CHAT, chat("max"), 19_000),
        (GEMINI, gemini(thinkingBudget=5_000), 5_000),
        (GEMINI, gemini(thinkingBudget=10), 1_024),
    ],
)
def test_a_claude_that_thinks_by_a_budget_gets_its_share_of_the_limit(
    client: DialectName, body: Json, tokens: int
) -> None:
    sent = told(client, body, CLAUDE, "claude-sonnet-4-5")

    assert sent["thinking"] == {"type": "enabled", "budget_tokens": tokens}


@pytest.mark.parametrize("body", [chat("none"), chat("minimal"), SAID])
def test_a_claude_that_thinks_only_when_asked_is_not_asked(body: Json) -> None:
    assert "thinking" not in told(CHAT, body, CLAUDE, "claude-sonnet-4-5")


@pytest.mark.parametrize(("provider", "model"), [(CHAT, "gpt-5.5"), (RESPONSES, "gpt-5.5"), (GEMINI, "gemini-3-pro")])
def test_a_model_that_is_left_the_choice_is_told_nothing(provider: DialectName, model: str) -> None:
    assert level(provider, told(CLAUDE, adaptive(None), provider, model)) is None


@pytest.mark.parametrize(("provider", "model"), [(CHAT, "gpt-5.5"), (RESPONSES, "gpt-5.5"), (GEMINI, "gemini-3-pro")])
def test_the_effort_of_a_turn_goes_before_that_of_the_request(provider: DialectName, model: str) -> None:
    """Claude Code sets it in a system message among the others."""
    turn = {"role": "system", "content": "now", "output_config": {"effort": "low"}}
    body = {**adaptive("high"), "messages": [*SAID["messages"], turn]}

    assert level(provider, told(CLAUDE, body, provider, model)) == "low"


@pytest.mark.parametrize(("display", "summary"), [("summarized", "auto"), ("omitted", None)])
def test_a_claude_client_that_shows_thoughts_gets_a_summary(display: str, summary: str | None) -> None:
    thinking = {"type": "adaptive", "display": display}
    body = told(CLAUDE, {**adaptive("high"), "thinking": thinking}, RESPONSES, "gpt-5.5")

    assert body["reasoning"].get("summary") == summary
