"""Specification of the contents of Gemini requests: turns, calls and results, thoughts, media."""

import base64
import json
from typing import Any

import pytest

from addons.core.model import (
    DialectName,
    Document,
    Image,
    Message,
    Opaque,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from addons.dialects._gemini_request import parse_request
from addons.dialects._gemini_residue import residue
from addons.dialects._gemini_signature import unwrap, wrap
from harness.gemini_bodies import HI, call, model, parsed, response, user, wrong

GEMINI, CLAUDE = DialectName.GEMINI, DialectName.ANTHROPIC


# --- who speaks


@pytest.mark.parametrize(
    "instruction",
    [
        {"parts": [{"text": "be good"}]},
        {"role": "user", "parts": [{"text": "be good"}]},
        {"parts": {"text": "be good"}},
        {"parts": ["be good"]},
        "be good",
    ],
    ids=["content", "with a role", "one part", "string part", "string"],
)
@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
def test_system_instructions_come_in_many_shapes(key: str, instruction: Any) -> None:
    assert parsed(**{key: instruction}).messages[0] == Message("system", (Text("be good"),))


def test_an_empty_system_instruction_says_nothing() -> None:
    assert [message.role for message in parsed(systemInstruction={"parts": [{"text": ""}]}).messages] == ["user"]


@pytest.mark.parametrize("role", [{}, {"role": None}, {"role": ""}, {"role": "user"}, {"role": "function"}])
def test_whoever_is_not_the_model_is_the_user(role: dict[str, Any]) -> None:
    assert parsed({**role, "parts": [{"text": "hi"}]}).messages == (Message("user", (Text("hi"),)),)


def test_one_content_may_stand_without_its_list() -> None:
    assert parse_request({"contents": {"parts": {"text": "hi"}}}).messages == (Message("user", (Text("hi"),)),)


def test_the_chunks_that_chat_helpers_keep_are_one_message_again() -> None:
    request = parsed(HI, model({"text": "Hel"}), model({"text": "lo"}), model({"text": ""}, call(id="c1")))
    assert request.messages[1] == Message("assistant", (Text("Hello"), ToolCall("c1", "f", "{}")))


def test_texts_of_a_user_stay_apart() -> None:
    assert parsed(user({"text": "a"}, {"text": "b"})).messages[0].parts == (Text("a"), Text("b"))


# --- calls and their results


def test_calls_and_results_keep_their_ids() -> None:
    """Promise 14."""
    request = parsed(HI, model(call(id="c1", args={"x": [1.5, "ü"]})), user(response(id="c1")))
    assert request.messages[1].parts == (ToolCall("c1", "f", '{"x":[1.5,"ü"]}'),)
    assert request.messages[2].parts == (ToolResult("c1", (Text("ok"),)),)


def test_calls_without_ids_are_matched_by_name_in_order() -> None:
    """Promise 14: older models and clients leave the ids out."""
    request = parsed(
        HI,
        model(call("a", args={"n": 1}), call("b"), call("a", args={"n": 2})),
        user(response("a", {"output": "1"}), response("a", {"output": "2"}), response("b", {"output": "3"})),
        model(call("a")),
        user(response("a", {"output": "4"})),
    )
    calls = [part.id for message in request.messages for part in message.parts if isinstance(part, ToolCall)]
    results = [part.call_id for message in request.messages for part in message.parts if isinstance(part, ToolResult)]
    assert len(set(calls)) == 4
    assert results == [calls[0], calls[2], calls[1], calls[3]]


def test_made_up_ids_do_not_change_when_the_conversation_goes_on() -> None:
    """Promise 16."""
    turns = [HI, model(call("a.b/c")), user(response("a.b/c")), model(call("a.b/c"))]
    shorter, longer = parsed(*turns[:2]), parsed(*turns)
    assert longer.messages[: len(shorter.messages)] == shorter.messages
    (made,) = shorter.messages[1].parts
    assert isinstance(made, ToolCall) and made.id.replace("_", "").isalnum()


def test_a_made_up_id_is_nobody_elses() -> None:
    request = parsed(HI, model(call("a", id="call_a_1"), call("a")))
    first, second = request.messages[1].parts
    assert isinstance(first, ToolCall) and isinstance(second, ToolCall) and first.id != second.id


def test_an_id_on_one_side_only_is_matched_by_name() -> None:
    for there, back in (({"id": "c9"}, {}), ({}, {"id": "c9"})):
        request = parsed(HI, model(call(**there)), user(response(**back)))
        (made,), (result,) = request.messages[1].parts, request.messages[2].parts
        assert isinstance(made, ToolCall) and isinstance(result, ToolResult) and made.id == result.call_id


@pytest.mark.parametrize(
    ("value", "text", "failed"),
    [
        ({"output": "done"}, "done", False),
        ({"result": "done"}, "done", False),
        ({"output": {"a": 1}}, '{"a":1}', False),
        ({"error": "boom"}, "boom", True),
        ({"error": {"code": 1}}, '{"code":1}', True),
        ({"files": ["a"], "more": True}, '{"files":["a"],"more":true}', False),
        ({"output": "x", "error": None}, '{"output":"x","error":null}', False),
    ],
)
def test_what_a_function_gives_back(value: Any, text: str, failed: bool) -> None:
    (result,) = parsed(HI, model(call()), user(response(result=value))).messages[2].parts
    assert isinstance(result, ToolResult) and result.content == (Text(text),) and result.is_error is failed


def test_pictures_in_a_function_response_are_part_of_the_result() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    (result,) = parsed(HI, model(call()), user(response(parts=[picture]))).messages[2].parts
    assert isinstance(result, ToolResult) and result.content[1] == Image(data="aGk=", media_type="image/png")


def test_a_function_response_of_the_model_is_refused() -> None:
    assert wrong({"contents": [model(response())]}) == "contents[0].parts[0].functionResponse"


# --- thoughts and their signatures


def test_a_signature_is_thinking_before_the_part_that_carries_it() -> None:
    """Promise 15."""
    parts = parsed(HI, model({"text": "hm", "thought": True}, {**call(id="c"), "thoughtSignature": "c2ln"})).messages[1]
    assert parts.parts == (
        Thinking("hm", dialect=GEMINI),
        Thinking("", "c2ln", dialect=GEMINI),
        ToolCall("c", "f", "{}"),
    )


def test_a_thought_with_its_own_signature_is_one_piece_of_thinking() -> None:
    streamed = [{"text": "h", "thought": True}, {"text": "m", "thought": True}]
    end = {"text": "", "thought": True, "thoughtSignature": "c2ln"}
    (part,) = parsed(HI, model(*streamed, end)).messages[1].parts
    assert isinstance(part, Thinking) and (part.text, part.signature, part.dialect) == ("hm", "c2ln", GEMINI)


def test_an_empty_text_with_a_signature_is_only_thinking() -> None:
    parts = parsed(HI, model({"text": "a"}, {"text": "", "thoughtSignature": "c2ln"})).messages[1].parts
    assert parts == (Text("a"), Thinking("", "c2ln", dialect=GEMINI))


FOREIGN = [
    Thinking("let me see", "c2ln+/==", dialect=CLAUDE),
    Thinking("", "ENC", redacted=True, dialect=CLAUDE),
    Thinking("summary ü", "gAAAA", id="rs_1", dialect=DialectName.RESPONSES),
]


@pytest.mark.parametrize("shown", [True, False], ids=["thoughts kept", "thoughts dropped by the client"])
@pytest.mark.parametrize("alphabet", ["standard", "URL-safe", "without padding"])
def test_thinking_of_other_providers_comes_back_out_of_a_signature(shown: bool, alphabet: str) -> None:
    """Promise 15."""
    signature = wrap(FOREIGN)
    if alphabet != "standard":
        signature = signature.replace("+", "-").replace("/", "_")
    if alphabet == "without padding":
        signature = signature.rstrip("=")
    thought = [{"text": "let me see", "thought": True}] if shown else []
    parts = parsed(HI, model(*thought, {**call(id="c"), "thoughtSignature": signature})).messages[1].parts
    assert parts == (*FOREIGN, ToolCall("c", "f", "{}"))


@pytest.mark.parametrize("data", [b"llr:1:", b"llr:1:7", b'llr:1:[{"dialect":"x"}]', b'llr:1:[{"text":1}]'])
def test_a_torn_wrapping_is_no_ones(data: bytes) -> None:
    assert unwrap(base64.b64encode(data).decode()) is None


def test_a_gemini_provider_never_sees_a_wrapped_signature() -> None:
    """Promise 15: Google refuses what it did not sign."""
    wrapped = wrap(FOREIGN)
    own = {"text": "a", "thoughtSignature": "c2ln"}
    body = {
        "contents": [
            HI,
            model({"text": "b", "thoughtSignature": wrapped}, {**call(), "thoughtSignature": wrapped}, own),
        ]
    }
    changes, losses = residue(json.dumps(body).encode(), body)
    placeholder = {**call(), "thoughtSignature": "skip_thought_signature_validator"}
    assert changes == {"contents": [HI, model({"text": "b"}, placeholder, own)]}
    assert [loss.path for loss in losses] == [f"contents[1].parts[{n}].thoughtSignature" for n in (0, 1)]


def test_a_body_of_googles_own_signatures_goes_on_untouched() -> None:
    """Promise 16."""
    body = {"contents": [HI, model({**call(), "thoughtSignature": "c2ln"})]}
    assert residue(json.dumps(body).encode(), body) == ({}, [])


# --- media


def test_inline_data_is_of_the_standard_alphabet() -> None:
    data = base64.urlsafe_b64encode(bytes(range(250, 256)) * 3 + b"x").decode().rstrip("=")
    (part,) = parsed(user({"inlineData": {"mimeType": "image/png", "data": data}})).messages[0].parts
    assert isinstance(part, Image) and base64.b64decode(part.data or "", validate=True).endswith(b"x")


def test_files_are_documents() -> None:
    pdf = {"inlineData": {"mimeType": "application/pdf", "data": "aGk=", "displayName": "a.pdf"}}
    assert parsed(user(pdf)).messages[0].parts == (Document(data="aGk=", media_type="application/pdf", name="a.pdf"),)


@pytest.mark.parametrize("kind", ["image/jpeg", "application/pdf"])
def test_a_file_of_the_open_web_is_its_url(kind: str) -> None:
    (part,) = parsed(user({"fileData": {"mimeType": kind, "fileUri": "https://x.example/a"}})).messages[0].parts
    assert isinstance(part, Image | Document) and part.url == "https://x.example/a"


@pytest.mark.parametrize(
    "part",
    [
        {"fileData": {"mimeType": "image/png", "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
        {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://bucket/a.pdf"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}},
        {"fileData": {"fileUri": "https://video.example/watch"}},
        {"executableCode": {"language": "PYTHON", "code": "1+1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
        {"somethingNew": {"a": 1}},
    ],
    ids=["Google's files", "Google's buckets", "audio", "video", "code", "its result", "unknown"],
)
def test_what_only_google_can_read_is_kept_as_it_is(part: dict[str, Any]) -> None:
    (found,) = parsed(user(part)).messages[0].parts
    assert isinstance(found, Opaque) and found.dialect is GEMINI and found.raw == part
    assert found.path.startswith("contents[0].parts[0]")
