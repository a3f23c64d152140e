"""Lawful answers of every kind of provider, from one neutral description.

    stream(DialectName.CHAT, Said("Hello", calls=(Call("Bash", '{"command":"ls"}'),)))  -> whole SSE events
    whole(DialectName.CHAT, Said("Hello"))                                              -> the JSON body

Written after the providers' API references; test_answers.py holds them against the vendors' own types.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from addons.core.model import DialectName

CREATED = 1_760_000_000

type Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A tool call; `kind` is known to OpenAI's dialects only, `namespace` to Responses."""

    name: str
    arguments: str = "{}"
    id: str = "call_0001"
    kind: Literal["function", "custom", "search"] = "function"
    namespace: str | None = None


@dataclass(frozen=True)
class Said:
    """What the model says, in this order. `input_tokens` counts everything, the cached shares included; `reasoning`
    is a share of `output_tokens`. `stop` overrides the reason of the end, in the dialect's own word. `turn` makes the
    ids of one conversation differ. `sources` are addresses that the text cites, `painted` a picture (base64 of a PNG;
    Anthropic's models make none)."""

    text: str = ""
    thinking: str = ""
    signature: str = "c2lnbmF0dXJl"
    calls: tuple[Call, ...] = ()
    model: str = "some-model"
    input_tokens: int = 100
    cached: int = 40
    cache_written: int = 0
    output_tokens: int = 20
    reasoning: int = 5
    stop: str | None = None
    turn: int = 1
    sources: tuple[str, ...] = ()
    painted: str = ""


def halves(text: str) -> list[str]:
    """Two deltas where there is enough text for two."""
    middle = len(text) // 2
    return [part for part in (text[:middle], text[middle:]) if part]


def event(data: Json | str, name: str | None = None) -> bytes:
    """One SSE event on the wire."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return ((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode()


def stream(dialect: DialectName, said: Said, *, include_usage: bool = True) -> list[bytes]:
    """The events of a streamed answer. `include_usage` is a stream option of OpenAI's."""
    from harness import answers_chat, answers_claude, answers_completions, answers_gemini, answers_responses

    match dialect:
        case DialectName.ANTHROPIC:
            return answers_claude.stream(said)
        case DialectName.CHAT:
            return answers_chat.stream(said, include_usage=include_usage)
        case DialectName.RESPONSES:
            return answers_responses.stream(said)
        case DialectName.GEMINI:
            return answers_gemini.stream(said)
        case DialectName.COMPLETIONS:
            return answers_completions.stream(said, include_usage=include_usage)


def whole(dialect: DialectName, said: Said) -> Json:
    """The body of an answer that is not streamed."""
    from harness import answers_chat, answers_claude, answers_completions, answers_gemini, answers_responses

    match dialect:
        case DialectName.ANTHROPIC:
            return answers_claude.whole(said)
        case DialectName.CHAT:
            return answers_chat.whole(said)
        case DialectName.RESPONSES:
            return answers_responses.whole(said)
        case DialectName.GEMINI:
            return answers_gemini.whole(said)
        case DialectName.COMPLETIONS:
            return answers_completions.whole(said)
