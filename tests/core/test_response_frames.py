"""The frames of the Responses API over WebSocket. The oracle: the SDK's union of everything that a server may send."""

import json
from typing import Any

import pytest
from openai.types.responses import ResponsesServerEvent
from pydantic import TypeAdapter

from addons.core import response_frames
from addons.core.response_frames import Create, FrameError

ORACLE: TypeAdapter[Any] = TypeAdapter(ResponsesServerEvent)

type Frame = dict[str, Any]


def parsed(text: str) -> Frame:
    frame = json.loads(text)
    assert isinstance(frame, dict)
    return frame


def lawful(text: str) -> Frame:
    frame = parsed(text)
    assert ORACLE.validate_python(frame).type == frame["type"]
    return frame


def create(**members: object) -> Create:
    found = response_frames.read(json.dumps({"type": "response.create", **members}))
    assert found is not None
    return found


def test_the_body_is_what_is_no_envelope() -> None:
    found = create(model="m", input="hi", store=False, stream=True, background=True, stream_id="left", generate=True)
    assert found == Create({"model": "m", "input": "hi", "store": False}, True, "left")


@pytest.mark.parametrize(("given", "generates"), [(False, False), (True, True), (None, True), ("no", True)])
def test_only_false_generates_nothing(given: object, generates: bool) -> None:
    assert create(generate=given).generate is generates


@pytest.mark.parametrize("lane", [None, 7, ["x"]])
def test_a_lane_is_a_text(lane: object) -> None:
    assert create(stream_id=lane).lane is None


def test_what_wants_no_answer_is_nothing() -> None:
    assert response_frames.read('{"type":"response.processed"}') is None


@pytest.mark.parametrize("message", [b"{}", "{", "[]", '"x"', "{}", '{"type":"response.cancel"}', '{"type":7}'])
def test_what_cannot_be_read_has_a_lawful_answer(message: str | bytes) -> None:
    with pytest.raises(FrameError) as refused:
        response_frames.read(message)
    frame = parsed(response_frames.complaint(refused.value, "left"))
    assert (frame["type"], frame["status"], frame["stream_id"]) == ("error", 400, "left")
    assert frame["error"]["type"] == "invalid_request_error"


def test_who_steers_is_told_with_the_event_for_it() -> None:
    given = [{"type": "message", "role": "user", "content": "x"}]
    with pytest.raises(FrameError) as refused:
        response_frames.read(json.dumps({"type": "response.steer", "previous_response_id": "resp_1", "input": given}))
    frame = lawful(response_frames.complaint(refused.value))
    assert frame["steer"] == {"previous_response_id": "resp_1", "input": given}


@pytest.mark.parametrize("error", ["it broke", {"message": "it broke"}, ["it broke"], None])
def test_an_error_is_an_object_with_a_message_whatever_was_there(error: object) -> None:
    frame = parsed(response_frames.error_frame(502, error))
    assert isinstance(frame["error"]["message"], str)
    assert frame["error"].keys() >= {"code", "param"}


def test_headers_that_tell_of_the_error_are_told_and_those_of_its_body_are_not() -> None:
    headers = (("retry-after", "7"), ("content-type", "application/json"), ("cache-control", "no-store"))
    frame = parsed(response_frames.refused(429, headers, b'{"error":{"message":"slow down"}}'))
    assert (frame["status"], frame["headers"]) == (429, {"retry-after": "7"})


def test_an_event_keeps_its_very_text() -> None:
    text = '{ "type":"response.created",  "x":1.0 }'
    assert response_frames.event_frame(text.encode()) == text


def test_a_lane_is_put_before_everything_else() -> None:
    assert parsed(response_frames.event_frame(b'{"type":"x"}', 'a"b')) == {"stream_id": 'a"b', "type": "x"}


@pytest.mark.parametrize(("status", "shown"), [(429, 429), (200, 500), (None, 500), (True, 500), ("429", 500)])
def test_the_status_of_an_error_event_is_one_of_an_error(status: object, shown: int) -> None:
    """Codex overlooks any other."""
    event = {"type": "error", "status": status, "message": "m", "code": "c"}
    frame = parsed(response_frames.failure_frame(event))
    assert (frame["status"], frame["error"]["message"], frame["error"]["code"]) == (shown, "m", "c")


def test_what_generates_nothing_is_created_and_completed() -> None:
    asked = create(model="m", instructions="Rhyme.", generate=False, stream_id="left")
    first, last = (lawful(text) for text in response_frames.warmed(asked, "resp_1", 12.5))
    assert (first["sequence_number"], last["sequence_number"]) == (0, 1)
    assert (first["response"]["status"], last["response"]["status"]) == ("in_progress", "completed")
    assert {frame["response"]["id"] for frame in (first, last)} == {"resp_1"}
    assert (last["response"]["created_at"], last["response"]["instructions"]) == (12, "Rhyme.")
    assert last["stream_id"] == "left"


@pytest.mark.parametrize(
    ("beta", "kept"),
    [
        ("responses_websockets=2026-02-06", None),
        ("a=1, responses_websockets=2026-02-06 ,b=2", "a=1,b=2"),
        ("a=1", "a=1"),
    ],
)
def test_the_word_for_this_transport_goes_no_further(beta: str, kept: str | None) -> None:
    headers = response_frames.without_beta({"openai-beta": beta, "x": "y"})
    assert (headers.get("openai-beta"), headers["x"]) == (kept, "y")
