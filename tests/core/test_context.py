"""Specification of addons/core/context.py."""

from typing import Any

import pytest

from addons.core.context import OUTPUT, PADDING, by_window, fits, prompt_tokens, required, roomier
from addons.core.estimate import IMAGE_TOKENS, estimate
from addons.core.model import DialectName, Document, Image, Message, Opaque, Part, Request, Text, ToolResult
from addons.core.plan import Candidate, Model, Provider
from addons.dialects import DIALECTS

CHAT = DialectName.CHAT
PROVIDER = Provider("p", "p", (CHAT,), {CHAT: "http://x"}, ())
MEGABYTE = "iVBORw0KGgo+/" * 80_000


def asking(*parts: Part, **fields: Any) -> Request:
    return Request(CHAT, "m", (Message("user", parts),), **fields)


def candidate(name: str, window: int | None = None) -> Candidate:
    return Candidate(PROVIDER, Model(name, context_window=window), CHAT)


def names(candidates: tuple[Candidate, ...]) -> str:
    return "".join(each.model.id for each in candidates)


def test_a_small_request_needs_its_prompt_the_usual_output_and_some_padding() -> None:
    request = asking(Text("hello"))
    assert required(request) == estimate(request) + OUTPUT + PADDING


def test_the_output_that_is_asked_for_counts_and_a_tenth_of_a_long_prompt() -> None:
    request = asking(Text("word " * 100_000), max_tokens=8000)
    assert required(request) == pytest.approx(125_000 * 1.1 + 8000, rel=0.001)


def test_what_the_client_is_known_to_demand_is_the_least() -> None:
    assert required(asking(Text("hello")), at_least=200_000) == 200_000
    assert required(asking(Text("hello")), at_least=10) > 1000


@pytest.mark.parametrize(
    "part",
    [
        Image(data=MEGABYTE, media_type="image/png"),
        Image(url=f"data:image/png;base64,{MEGABYTE}"),
        ToolResult("c", (Image(data=MEGABYTE), Text("a screenshot"))),
        Opaque(CHAT, {"type": "input_audio", "input_audio": {"data": MEGABYTE, "format": "wav"}}),
        Opaque(CHAT, {"type": "new_media", "url": f"data:video/mp4;base64,{MEGABYTE}=="}),
        ToolResult("c", (Opaque(CHAT, [{"deep": [MEGABYTE]}]),)),
    ],
    ids=["image", "data-url", "in-a-result", "audio", "opaque-data-url", "opaque-in-a-result"],
)
def test_a_megabyte_of_media_is_not_counted_as_text(part: Part) -> None:
    assert prompt_tokens(asking(part)) < IMAGE_TOKENS + 100


def test_a_document_counts_by_its_pages() -> None:
    assert prompt_tokens(asking(Document(data=MEGABYTE, media_type="application/pdf"))) < 50_000


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "unknown", "text": "These are words, and words are what a model reads. " * 1000},
        {"type": "unknown", "lines": ["a-rather-long-identifier"] * 2000},
    ],
)
def test_words_count_also_where_their_dialect_alone_knows_them(raw: Any) -> None:
    request = asking(Opaque(CHAT, raw))
    assert prompt_tokens(request) == estimate(request) > 10_000


def test_a_picture_in_a_client_body_is_a_picture_in_every_dialect() -> None:
    bodies: dict[DialectName, dict[str, Any]] = {
        DialectName.ANTHROPIC: {
            "max_tokens": 5,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": MEGABYTE}}
                    ],
                }
            ],
        },
        DialectName.CHAT: {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{MEGABYTE}"}},
                        {"type": "input_audio", "input_audio": {"data": MEGABYTE, "format": "mp3"}},
                    ],
                }
            ]
        },
        DialectName.RESPONSES: {
            "input": [
                {
                    "type": "computer_call_output",
                    "call_id": "c",
                    "output": {"type": "computer_screenshot", "image_url": f"data:image/png;base64,{MEGABYTE}"},
                },
                {
                    "role": "user",
                    "content": [{"type": "input_image", "image_url": f"data:image/png;base64,{MEGABYTE}"}],
                },
            ]
        },
        DialectName.GEMINI: {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"inlineData": {"mimeType": "image/png", "data": MEGABYTE}},
                        {"inlineData": {"mimeType": "video/mp4", "data": MEGABYTE}},
                    ],
                }
            ]
        },
    }
    for dialect, body in bodies.items():
        assert prompt_tokens(DIALECTS[dialect].parse_request({"model": "m", **body})) < 60_000, dialect


@pytest.mark.parametrize(("window", "fitting"), [(None, True), (1000, True), (1001, True), (999, False), (0, False)])
def test_an_unknown_window_fits(window: int | None, fitting: bool) -> None:
    assert fits(1000, window) is fitting


def test_those_known_to_be_too_small_are_set_apart() -> None:
    candidates = [candidate("a", 8_000), candidate("b"), candidate("c", 200_000), candidate("d", 32_000)]
    fitting, small = by_window(candidates, 50_000)
    assert (names(fitting), names(small)) == ("bc", "da")


def test_where_all_are_too_small_the_largest_comes_first_and_equals_keep_their_order() -> None:
    candidates = [candidate("a", 8_000), candidate("b", 32_000), candidate("c", 8_000), candidate("d", 32_000)]
    fitting, small = by_window(candidates, 50_000)
    assert (names(fitting), names(small)) == ("", "bdac")


def test_after_a_refusal_only_larger_or_unknown_windows_are_asked() -> None:
    rest = [candidate("a", 8_000), candidate("b"), candidate("c", 200_000), candidate("d", 32_000)]
    assert names(roomier(rest, candidate("x", 32_000))) == "bc"
    assert names(roomier(rest, candidate("x"))) == "abcd"


def test_text_made_to_be_slow_to_look_at_is_not() -> None:
    text = "A" * 1_000_000 + "\n" * 1_000_000 + "!"
    assert prompt_tokens(asking(Opaque(CHAT, {"text": text}))) > 100_000
