"""What a Gemini provider is let see and hear of a foreign request. Source: Gemini API, "Audio understanding"."""

from typing import Any

import pytest
from google.genai import types

from addons.core.model import DialectName, Loss
from harness.fidelity import Seen, seen

CHAT, GEMINI = DialectName.CHAT, DialectName.GEMINI
DATA = "UklGRg=="


def heard(form: str, **beside: Any) -> Seen:
    part = {"type": "input_audio", "input_audio": {"data": DATA, "format": form, **beside}}
    body = {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}]}
    return seen(CHAT, GEMINI, body, None)


@pytest.mark.parametrize(("form", "kind"), [("wav", "audio/wav"), ("mp3", "audio/mp3"), ("flac", "audio/flac")])
def test_sound_is_carried_as_bytes(form: str, kind: str) -> None:
    found = heard(form)
    (content,) = [types.Content.model_validate(each) for each in found.body["contents"]]
    assert content.parts is not None
    assert content.parts[1].inline_data is not None
    assert content.parts[1].inline_data.mime_type == kind
    assert found.body["contents"][0]["parts"][1]["inlineData"]["data"] == DATA
    assert found.losses == ()


def test_sound_of_another_format_is_lost_content() -> None:
    found = heard("pcm16")
    assert [(loss.content, "pcm16" in loss.why) for loss in found.losses] == [(True, True)]
    assert "could not be read" in found.body["contents"][0]["parts"][1]["text"]


def test_what_stands_beside_the_sound_is_told() -> None:
    assert heard("wav", loudness=3).losses == (
        Loss("messages[0].content[1].loudness", "Gemini has no such field"),
    )  # fmt: skip
