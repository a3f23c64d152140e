"""What only this router can read is taken out before OpenAI sees it."""

import copy

import pytest

from addons.core.accumulate import Answer
from addons.core.events import FinishReason
from addons.core.model import DialectName, Opaque, Text, Thinking
from addons.dialects._responses_residue import foreign_residue, without_residue
from addons.dialects.openai_responses import DIALECT

USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
OWN = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
OWN_SUMMARY = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAA"}


def rendered(answer, items=(USER,)):
    request = DIALECT.parse_request({"model": "m", "input": list(items)})
    return DIALECT.render_response(answer, request, "m")["output"]


(THINKING, SAID) = rendered(
    Answer(parts=(Thinking("hm", "sig", dialect=DialectName.ANTHROPIC), Text("a")), finish=FinishReason.END_TURN)
)
(SUMMARY,) = rendered(Answer(parts=(Text("the state"),)), (USER, {"type": "compaction_trigger"}))


def body(*items):
    return {"model": "m", "input": list(items)}


@pytest.mark.parametrize("item", [THINKING, SUMMARY], ids=["thinking", "summary"])
def test_residue_is_found(item):
    assert foreign_residue(body(USER, item))


@pytest.mark.parametrize(
    "given",
    [body(USER, OWN, SAID, OWN_SUMMARY), {"input": "llr1."}, {"input": None}, {}, {"input": ["x", None, 3]}],
    ids=str,
)
def test_what_openai_made_is_no_residue(given):
    assert not foreign_residue(given)
    assert without_residue(given) == (given, [])


def test_a_summary_becomes_text():
    cleaned, losses = without_residue(body(USER, SUMMARY))

    text = {"type": "input_text", "text": "Summary of the conversation so far:\n\nthe state"}
    assert cleaned == body(USER, {"type": "message", "role": "user", "content": [text]})
    assert losses == []


def test_foreign_thinking_is_left_out_and_listed():
    cleaned, losses = without_residue(body(USER, THINKING, SAID, OWN))

    assert cleaned == body(USER, SAID, OWN)
    assert [(loss.path, loss.content) for loss in losses] == [("input[1]", False)]


def test_a_summary_that_cannot_be_read_is_lost_content():
    cleaned, losses = without_residue(body(USER, {**SUMMARY, "encrypted_content": "llr1.summary.x"}))

    assert cleaned == body(USER)
    assert [(loss.path, loss.content) for loss in losses] == [("input[1]", True)]


def test_the_body_that_was_given_is_not_changed():
    given = body(USER, THINKING, SUMMARY)
    before = copy.deepcopy(given)

    without_residue(given)

    assert given == before


def test_the_dialect_says_which_members_to_replace():
    assert DIALECT.residue(b"", body(USER)) == ({}, [])
    changes, losses = DIALECT.residue(b"", {**body(USER, THINKING), "store": False})
    assert changes == {"input": [USER]}
    assert len(losses) == 1


PNG = "iVBORw0KGgo="
(PAINTED,) = rendered(
    Answer(parts=(Opaque(DialectName.GEMINI, {"inlineData": {"mimeType": "image/png", "data": PNG}}),))
)


def test_a_picture_of_another_provider_is_shown_as_the_users():
    """OpenAI knows its pictures by their ids."""
    cleaned, losses = without_residue(body(USER, PAINTED))

    _, shown = cleaned["input"]
    assert (shown["role"], shown["content"][1]["image_url"]) == ("user", f"data:image/png;base64,{PNG}")
    assert [(loss.path, loss.content) for loss in losses] == [("input[1]", False)]


def test_a_picture_that_openai_made_stays():
    given = body(USER, {**PAINTED, "id": "ig_68a1"})
    assert without_residue(given) == (given, [])


def test_a_picture_without_its_bytes_is_told_in_words():
    cleaned, _ = without_residue(body(USER, {**PAINTED, "result": None}))
    assert [part["type"] for part in cleaned["input"][1]["content"]] == ["input_text"]
