"""Sources that a text cites, and pictures that a model has made, in every dialect's own form: whole, streamed, and
read back from there."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from anthropic.types import Message as ClaudeMessage
from anthropic.types import RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core.accumulate import Answer, fold, unfold
from addons.core.events import Aside, Begin, Cause, Cited, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.model import Citation, DialectName, Opaque, Request, Text, ToolCall
from addons.core.pictures import picture
from addons.core.sse import SseParser
from addons.dialects import DIALECTS
from addons.dialects.base import lawful

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI
CLIENTS = (CLAUDE, CHAT, RESPONSES, GEMINI)
every_client = pytest.mark.parametrize("client", CLIENTS)
WHOLE: dict[DialectName, Any] = {
    CLAUDE: ClaudeMessage, CHAT: ChatCompletion, RESPONSES: Response, GEMINI: GenerateContentResponse,
}  # fmt: skip
STREAMED: dict[DialectName, Any] = {
    CLAUDE: RawMessageStreamEvent, CHAT: ChatCompletionChunk, RESPONSES: ResponseStreamEvent,
    GEMINI: GenerateContentResponse,
}  # fmt: skip
PNG = "iVBORw0KGgo="
SKY = Citation("https://example.com/sky", "Sky", "The sky is blue.", 4, 8)
SEA = Citation("https://example.com/sea", "Sea")
CALL = ToolCall("call_1", "look", "{}")
CITING = Answer(
    "id_1", "m", 1, (Text("One. "), CALL, Text("Sky blue", citations=(SKY, SEA))), finish=FinishReason.TOOL_USE
)
PAINTED = {
    GEMINI: {"inlineData": {"mimeType": "image/png", "data": PNG}},
    RESPONSES: {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PNG},
    CHAT: {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
}


def request(client: DialectName) -> Request:
    return Request(client, "m", ())


def whole(client: DialectName, answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(DIALECTS[client].render_response(answer, request(client), "m")))
    WHOLE[client].model_validate(body, strict=False)
    return body


def stream(client: DialectName, events: list[Event]) -> bytes:
    encoder = DIALECTS[client].encoder(request(client), "m")
    data = b"".join(encoder.feed(event) for event in events)
    for each in SseParser().feed(data):
        if each.data != b"[DONE]":
            TypeAdapter(STREAMED[client]).validate_python(json.loads(each.data))
    return data


def read_back(client: DialectName, answer: Answer) -> Iterator[Answer]:
    """What a client makes of it, whole and streamed."""
    dialect = DIALECTS[client]
    yield fold(dialect.parse_response(whole(client, answer)))
    decoder = dialect.decoder()
    yield fold([*decoder.feed(stream(client, list(unfold(answer)))), *decoder.finish(Cause.COMPLETE)])


def cited(answer: Answer) -> list[Citation]:
    return [each for part in answer.parts if isinstance(part, Text) for each in part.citations]


# Chat counts the places from the beginning of all texts; a whole text is told with its ends; Gemini counts in bytes
EXPECTED = {
    CLAUDE: [Citation(SKY.url, "Sky", "The sky is blue."), SEA],
    CHAT: [Citation(SKY.url, "Sky", "", 9, 13), Citation(SEA.url, "Sea", "", 5, 13)],
    RESPONSES: [Citation(SKY.url, "Sky", "", 4, 8), Citation(SEA.url, "Sea", "", 0, 8)],
    GEMINI: [Citation(SKY.url, "Sky"), Citation(SEA.url, "Sea")],
}


@every_client
def test_sources_reach_every_client_with_a_form_for_them(client: DialectName) -> None:
    for heard in read_back(client, CITING):
        assert cited(heard) == EXPECTED[client]


def test_a_place_beyond_the_text_ends_with_it() -> None:
    answer = Answer(parts=(Text("blue", citations=(Citation("https://example.com", start=9, end=99),)),))
    (found,) = whole(CHAT, answer)["choices"][0]["message"]["annotations"]
    assert (found["url_citation"]["start_index"], found["url_citation"]["end_index"]) == (4, 4)
    (found,) = whole(RESPONSES, answer)["output"][0]["content"][0]["annotations"]
    assert (found["start_index"], found["end_index"]) == (4, 4)


def test_a_page_that_is_cited_twice_stands_once_among_the_sources_of_gemini() -> None:
    twice = (Citation("https://example.com", "A", "a", 0, 1), Citation("https://example.com", "A", "b", 2, 3))
    for heard in read_back(GEMINI, Answer(parts=(Text("a b c", citations=twice),))):
        assert cited(heard) == [Citation("https://example.com", "A")]


def test_responses_tells_of_a_source_before_the_text_is_done() -> None:
    data = stream(RESPONSES, list(unfold(Answer(parts=(Text("Sky blue", citations=(SKY,)),)))))
    names = [each.name for each in SseParser().feed(data)]
    added = names.index("response.output_text.annotation.added")
    assert names.index("response.output_text.delta") < added < names.index("response.output_text.done")


CHAT_SOURCE = {"type": "url_citation", "url_citation": {"url": SEA.url, "title": SEA.title}}


def chunk(**delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode() + b"\n\n"


END = b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk(content="Sea"), chunk(annotations=[CHAT_SOURCE])),
        (chunk(annotations=[CHAT_SOURCE]), chunk(content="Sea")),
        (chunk(content="Sea", annotations=[CHAT_SOURCE]),),
    ],
    ids=["after the text", "before it", "with it"],
)
def test_a_chat_provider_tells_its_sources_when_it_likes(chunks: tuple[bytes, ...]) -> None:
    decoder = DIALECTS[CHAT].decoder()
    heard = fold([*decoder.feed(b"".join(chunks) + END), *decoder.finish(Cause.COMPLETE)])
    assert heard.parts == (Text("Sea", citations=(SEA,)),)


def test_sources_of_nothing_are_told() -> None:
    """Promise 22."""
    decoder = DIALECTS[CHAT].decoder()
    heard = fold([*decoder.feed(chunk(annotations=[CHAT_SOURCE]) + END), *decoder.finish(Cause.COMPLETE)])
    assert (heard.parts, heard.asides) == ((), (Aside("message.annotations", content=True),))


def test_a_source_of_a_part_that_is_closed_is_told_as_lost() -> None:
    """Promises 2 and 22."""
    late = [Begin(), PartOpen(0, "text"), PartDelta(0, "a"), PartClose(0), Cited(0, SEA), Finish(FinishReason.END_TURN)]
    assert Aside("citations", content=True) in lawful(late)
    assert not [event for event in lawful(late) if isinstance(event, Cited)]


@pytest.mark.parametrize("source", [None, {}, {"url": ""}, {"url": 7}, [], "x"])
def test_a_source_without_an_address_is_no_source_and_no_failure(source: object) -> None:
    """Promise 13."""
    message = {"role": "assistant", "content": "a", "annotations": [{"type": "url_citation", "url_citation": source}]}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    heard = fold(DIALECTS[CHAT].parse_response(body))
    assert (heard.parts, heard.error, len(heard.asides)) == ((Text("a"),), None, 1)


@pytest.mark.parametrize("provider", list(PAINTED))
@pytest.mark.parametrize("client", [CHAT, RESPONSES, GEMINI])
def test_pictures_reach_every_client_with_a_form_for_them(provider: DialectName, client: DialectName) -> None:
    answer = Answer("id_1", "m", 1, (Text("Here:"), Opaque(provider, PAINTED[provider])), finish=FinishReason.END_TURN)
    for heard in read_back(client, answer):
        text, painted = heard.parts
        assert text == Text("Here:") and isinstance(painted, Opaque)
        image = picture(painted.raw, painted.dialect)
        assert image is not None and (image.data, image.media_type) == (PNG, "image/png")


def test_a_picture_reaches_no_messages_client() -> None:
    """Anthropic's models make none, and its dialect has no form for them."""
    answer = Answer("id_1", "m", 1, (Text("Here:"), Opaque(GEMINI, PAINTED[GEMINI])))
    assert [block["type"] for block in whole(CLAUDE, answer)["content"]] == ["text"]


def test_a_picture_by_its_address_reaches_a_chat_client() -> None:
    raw = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    for heard in read_back(CHAT, Answer(parts=(Text("a"), Opaque(CHAT, raw)))):
        assert heard.parts == (Text("a"), Opaque(CHAT, raw))


@pytest.mark.parametrize(
    "raw", [{}, {"image_url": 7}, {"image_url": {"url": 7}}, {"inlineData": {"data": 7}}, {"result": 7}]
)
@pytest.mark.parametrize("provider", list(PAINTED))
@every_client
def test_what_is_no_picture_is_no_failure(provider: DialectName, client: DialectName, raw: dict[str, Any]) -> None:
    """Promise 13."""
    if provider is client:
        return
    whole(client, Answer("id_1", "m", 1, (Text("a"), Opaque(provider, raw))))
    stream(client, list(unfold(Answer("id_1", "m", 1, (Text("a"), Opaque(provider, raw))))))


ODD = [None, 7, "x", True, {}, {"a": 1}, [None], [7], ["x"], [[]], [{}], [{"web": 7}], [{"url_citation": 7}]]
WITH: dict[DialectName, Callable[[Any], dict[str, Any]]] = {
    CLAUDE: lambda odd: {"content": [{"type": "text", "text": "a", "citations": odd}], "stop_reason": "end_turn"},
    CHAT: lambda odd: {"choices": [{"message": {"content": "a", "annotations": odd, "images": odd}}]},
    RESPONSES: lambda odd: {
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "a", "annotations": odd}]}],
    },
    GEMINI: lambda odd: {
        "candidates": [{"content": {"parts": [{"text": "a"}]}, "groundingMetadata": {"groundingChunks": odd}}]
    },
}


@pytest.mark.parametrize("odd", ODD, ids=str)
@every_client
def test_odd_sources_and_pictures_do_not_spoil_the_text(client: DialectName, odd: object) -> None:
    """Promise 13: what nobody needs is left out."""
    heard = fold(DIALECTS[client].parse_response(WITH[client](odd)))
    assert heard.error is None and heard.parts[0] == Text("a")
