"""Events as Chat Completions streams and whole answers."""

import json
from typing import Any

import pytest
from openai.types.completion_usage import CompletionUsage

from addons.core.accumulate import Answer, unfold
from addons.core.events import Begin, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen, Usage, UsageReport
from addons.core.model import DialectName, Request, Text, ToolCall
from addons.core.sse import SseParser
from addons.dialects.openai_chat import DIALECT

REQUEST = Request(DialectName.CHAT, "alias", (), stream=True)


def encode(*events: Event) -> list[dict[str, Any]]:
    encoder = DIALECT.encoder(REQUEST, "alias")
    found = SseParser().feed(b"".join(encoder.feed(event) for event in events))
    assert found[-1].data == b"[DONE]"
    return [json.loads(event.data) for event in found[:-1]]


def test_usage_tells_the_cached_and_the_written_share() -> None:
    usage = Usage(100, 9, cache_read=70, cache_write=20, reasoning=4)
    sent = encode(*unfold(Answer(usage=usage)))[-1]["usage"]

    assert sent == {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "total_tokens": 109,
        "prompt_tokens_details": {"cached_tokens": 70, "cache_write_tokens": 20},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }
    assert DIALECT.render_response(Answer(usage=usage), REQUEST, "m")["usage"] == sent
    CompletionUsage.model_validate(sent)


def test_a_provider_that_writes_no_cache_leaves_that_share_out() -> None:
    """OpenAI caches without being told, and counts no writes."""
    sent = encode(*unfold(Answer(usage=Usage(100, 9))))[-1]["usage"]

    assert sent["prompt_tokens_details"] == {"cached_tokens": 0}


def test_what_is_written_to_a_cache_is_read_again() -> None:
    usage = Usage(100, 9, cache_read=70, cache_write=20, reasoning=4)
    body = DIALECT.render_response(Answer(parts=(Text("a"),), usage=usage), REQUEST, "m")

    assert UsageReport(usage) in DIALECT.parse_response(body)


@pytest.mark.parametrize("arguments", [("{", '"a"', ":1}"), ("{}",)])
def test_arguments_come_as_they_come(arguments: tuple[str, ...]) -> None:
    """Promise 14."""
    pieces = [PartDelta(0, piece) for piece in arguments]
    events = [Begin(), PartOpen(0, "tool_call", id="c", name="f"), *pieces, PartClose(0)]
    bodies = encode(*events, Finish(FinishReason.TOOL_USE))
    calls = [call for body in bodies for choice in body["choices"] for call in choice["delta"].get("tool_calls", ())]

    assert [call["function"]["arguments"] for call in calls] == ["", *arguments]


def test_a_whole_answer_of_calls_has_no_content() -> None:
    body = DIALECT.render_response(Answer(parts=(ToolCall("c", "f", "{}"),)), REQUEST, "m")

    assert body["choices"][0]["message"]["content"] is None
