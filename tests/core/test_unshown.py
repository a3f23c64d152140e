"""What a client is not shown of an answer is told: once each, content first, and not without end. Promise 22."""

from typing import Any

import pytest

from addons.core.accumulate import Answer, unfold
from addons.core.events import Aside, Cited, Event, Finish, FinishReason, PartDelta, PartOpen, Usage
from addons.core.model import Citation, DialectName, Loss, Opaque, Request, Text, Thinking, ToolCall
from addons.core.unshown import FORMS, LIMIT, NAME_LIMIT, Unshown, says, unshown
from addons.dialects import DIALECTS

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI, COMPLETIONS = DialectName.RESPONSES, DialectName.GEMINI, DialectName.COMPLETIONS
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
PAINTED = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
SPOKEN = {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}
PAGE = Citation("https://example.com/a", "A")


def noticed(client: DialectName, *events: Event) -> list[str]:
    found = Unshown(client)
    for event in events:
        found.notice(event)
    return [loss.path for loss in found.losses]


def test_a_thing_that_comes_again_and_again_is_told_once() -> None:
    found = Unshown(CHAT)
    for _ in range(10_000):
        found.notice(Aside("choices[].logprobs"))
    assert found.losses == (Loss("answer.choices[].logprobs", "no place in Chat Completions"),)


def test_what_a_provider_makes_up_has_an_end() -> None:
    """Promise 13: names are the provider's, as many and as long as it likes."""
    found = Unshown(CHAT)
    for n in range(10_000):
        found.notice(Aside(f"{n:05}{'x' * 10_000}"))
    assert len(found.losses) == LIMIT
    assert max(len(loss.path) for loss in found.losses) == NAME_LIMIT + len("answer.")


def test_content_stands_before_what_a_provider_notes_down_for_itself() -> None:
    events = Aside("service_tier"), PartOpen(0, "opaque", dialect=RESPONSES, raw=SEARCH), Aside("audio", content=True)
    assert noticed(CHAT, *events) == ["answer.web_search_call", "answer.audio", "answer.service_tier"]


@pytest.mark.parametrize("client", list(FORMS))
def test_a_record_of_its_own_dialect_is_shown(client: DialectName) -> None:
    assert noticed(client, PartOpen(0, "opaque", dialect=client, raw=SEARCH)) == []


@pytest.mark.parametrize(
    ("client", "told"),
    [(CLAUDE, ["answer.inlineData"]), (CHAT, []), (RESPONSES, []), (GEMINI, []), (COMPLETIONS, ["answer.inlineData"])],
)
def test_a_picture_is_shown_where_there_is_a_form_for_it(client: DialectName, told: list[str]) -> None:
    assert noticed(client, PartOpen(0, "opaque", dialect=GEMINI, raw=PAINTED)) == told


@pytest.mark.parametrize(
    ("client", "told"), [(RESPONSES, ["answer.image_url"]), (GEMINI, ["answer.image_url"]), (CHAT, [])]
)
def test_a_picture_by_its_address_is_shown_where_addresses_are(client: DialectName, told: list[str]) -> None:
    raw = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert noticed(client, PartOpen(0, "opaque", dialect=CHAT, raw=raw)) == told


def test_speech_is_no_picture() -> None:
    assert noticed(CHAT, PartOpen(0, "opaque", dialect=GEMINI, raw=SPOKEN)) == ["answer.inlineData"]


def test_legacy_completions_show_text_alone() -> None:
    answer = Answer(parts=(Thinking("hm"), ToolCall("c", "f", "{}"), Text("a", citations=(PAGE,))))
    assert [loss.path for loss in unshown(COMPLETIONS, answer)] == [
        "answer.thinking",
        "answer.tool_call",
        "answer.citations",
    ]


@pytest.mark.parametrize("client", [CLAUDE, CHAT, RESPONSES, GEMINI])
def test_text_thoughts_calls_and_sources_are_shown_by_all_others(client: DialectName) -> None:
    answer = Answer(parts=(Thinking("hm"), ToolCall("c", "f", "{}"), Text("a", citations=(PAGE,))))
    assert unshown(client, answer) == ()


def test_deltas_lose_nothing() -> None:
    assert noticed(COMPLETIONS, PartOpen(0, "text"), PartDelta(0, "a"), Cited(0, PAGE)) == ["answer.citations"]


@pytest.mark.parametrize(
    ("client", "reason", "told"),
    [
        (CHAT, FinishReason.PAUSE_TURN, ["answer.finish_reason"]),
        (CLAUDE, FinishReason.PAUSE_TURN, []),
        (CHAT, FinishReason.END_TURN, []),
    ],
)
def test_an_end_that_looks_like_another_is_told(client: DialectName, reason: FinishReason, told: list[str]) -> None:
    assert [loss.path for loss in unshown(client, Answer(finish=reason))] == told


def test_counts_that_a_dialect_does_not_tell() -> None:
    usage = Usage(9, 1, cache_write=3, extras={"server_tool_use": {"web_search_requests": 1}, "service_tier": None})
    found = {client: [loss.path for loss in unshown(client, Answer(usage=usage))] for client in (CLAUDE, CHAT, GEMINI)}
    assert found == {
        CLAUDE: [],
        CHAT: ["answer.usage.server_tool_use"],
        GEMINI: ["answer.usage.cache_write", "answer.usage.server_tool_use"],
    }


def test_an_answer_that_broke_off_tells_what_it_had_lost_by_then() -> None:
    found = Unshown(CHAT)
    found.notice(PartOpen(0, "opaque", dialect=RESPONSES, raw=SEARCH))
    assert [loss.path for loss in found.losses] == ["answer.web_search_call"]


def test_an_opaque_part_without_a_kind_has_a_name_all_the_same() -> None:
    parts = (Opaque(CLAUDE, {}), Opaque(GEMINI, {"thought": True}))
    assert [loss.path for loss in unshown(CHAT, Answer(parts=parts))] == ["answer.part"]


def test_the_stop_sequence_that_ended_it() -> None:
    found = Unshown(GEMINI)
    found.end(Finish(FinishReason.STOP_SEQUENCE, "END"), Usage())
    assert [loss.path for loss in found.losses] == ["answer.stop_sequence"]


@pytest.mark.parametrize("value", [None, "", 0, 0.0, False, [], {}, [[], {}], {"a": {"b": [0, None]}}])
def test_what_is_empty_says_nothing(value: object) -> None:
    assert not says(value)


def test_how_deep_does_not_matter() -> None:
    """Promise 13."""
    value: object = "a"
    for _ in range(100_000):
        value = [value]
    assert says(value)


@pytest.mark.parametrize("value", ["a", 1, True, [0, 1], {"a": {"b": [0, "c"]}}])
def test_anything_else_does(value: object) -> None:
    assert says(value)


SIGNED = Thinking("", "c2ln", dialect=GEMINI)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((Text("a"), SIGNED), True),
        ((Text("a"), SIGNED, Text("")), True),
        ((Text("a"), SIGNED, Opaque(RESPONSES, SEARCH)), True),
        ((SIGNED, Text("a")), False),
        ((Text("a"), SIGNED, ToolCall("c", "f", "{}")), False),
        ((Text("a"), SIGNED, Opaque(CLAUDE, SEARCH)), False),
        ((Text("a"), Thinking("", "c2ln", dialect=CLAUDE)), False),
        ((Text("a"), Thinking("", dialect=GEMINI)), False),
    ],
    ids=str,
)
def test_messages_has_no_block_for_silent_thinking_at_the_end(parts: tuple[Any, ...], told: bool) -> None:
    lost = [loss.path for loss in unshown(CLAUDE, Answer(parts=parts))]
    assert ("answer.thinking.signature" in lost) is told
    assert "answer.thinking.signature" not in [loss.path for loss in unshown(CHAT, Answer(parts=parts))]


@pytest.mark.parametrize("parts", [(Text("a"), SIGNED), (Text("a"), SIGNED, ToolCall("c", "f", "{}"))], ids=str)
def test_an_encoder_tells_of_it_too(parts: tuple[Any, ...]) -> None:
    answer = Answer(parts=parts, finish=FinishReason.END_TURN)
    encoder = DIALECTS[CLAUDE].encoder(Request(CLAUDE, "m", ()), "m")
    for event in unfold(answer):
        encoder.feed(event)
    assert encoder.losses == unshown(CLAUDE, answer)
