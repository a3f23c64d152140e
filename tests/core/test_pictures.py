"""Pictures that a model has made, in the forms of every dialect."""

import pytest

from addons.core.model import DialectName, Image
from addons.core.pictures import for_chat, for_gemini, for_responses, picture

PNG = "iVBORw0KGgo="
CHAT, RESPONSES, GEMINI = DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI
IMAGE = Image(data=PNG, media_type="image/webp")


@pytest.mark.parametrize("spelling", ["mimeType", "mime_type"])
def test_google_spells_the_type_in_two_ways(spelling: str) -> None:
    assert picture({"inlineData": {spelling: "image/png", "data": PNG}}, GEMINI) == Image(PNG, "image/png")


@pytest.mark.parametrize(
    ("dialect", "raw"),
    [(CHAT, for_chat(IMAGE)), (RESPONSES, for_responses(IMAGE, "ig_llr_1")), (GEMINI, for_gemini(IMAGE))],
)
def test_what_is_written_is_read_as_the_same(dialect: DialectName, raw: dict[str, object]) -> None:
    assert picture(raw, dialect) == IMAGE


def test_openai_paints_png_unless_it_says_otherwise() -> None:
    assert picture({"type": "image_generation_call", "result": PNG}, RESPONSES) == Image(PNG, "image/png")


def test_a_picture_may_be_named_by_its_address() -> None:
    raw = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert picture(raw, CHAT) == Image(url="https://example.com/a.png")
    assert for_chat(Image(url="https://example.com/a.png")) == raw


@pytest.mark.parametrize(
    ("dialect", "raw"),
    [
        (GEMINI, {"inlineData": {"mimeType": "audio/wav", "data": PNG}}),
        (GEMINI, {"inlineData": {"mimeType": "image/png", "data": ""}}),
        (GEMINI, {"inlineData": "x"}),
        (RESPONSES, {"type": "image_generation_call", "result": None}),
        (RESPONSES, {"type": "web_search_call", "result": PNG}),
        (CHAT, {"type": "image_url", "image_url": {"url": ""}}),
        (DialectName.ANTHROPIC, {"type": "image", "source": {"type": "base64", "data": PNG}}),
        (None, {"inlineData": {"mimeType": "image/png", "data": PNG}}),
        (GEMINI, None),
    ],
    ids=str,
)
def test_anything_else_is_none(dialect: DialectName | None, raw: object) -> None:
    assert picture(raw, dialect) is None
