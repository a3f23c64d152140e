"""What is remembered of a streamed answer of the Responses API."""

import json
from typing import Any

import pytest

from addons.core.response_ending import Ending
from addons.core.sse import SseEvent

ITEM = {"type": "message", "id": "msg_1", "content": []}
DONE = {"type": "response.output_item.done", "item": ITEM}


def heard(*events: dict[str, Any] | bytes) -> Ending:
    ending = Ending()
    for each in events:
        ending.note(SseEvent("", each if isinstance(each, bytes) else json.dumps(each, separators=(",", ":")).encode()))
    return ending


@pytest.mark.parametrize("status", ["completed", "incomplete"])
def test_an_answer_has_the_output_of_its_last_event(status: str) -> None:
    last = {"type": f"response.{status}", "response": {"id": "resp_1", "output": [ITEM]}}
    ending = heard(last)
    assert (ending.id, ending.output, ending.ended) == ("resp_1", [ITEM], True)


def test_without_any_there_it_has_the_items_that_came() -> None:
    ending = heard(DONE, {"type": "response.completed", "response": {"id": "resp_1", "output": []}})
    assert ending.output == [ITEM]


@pytest.mark.parametrize("last", [{"type": "response.failed", "response": {"id": "resp_1"}}, {"type": "error"}])
def test_what_failed_ends_without_an_id(last: dict[str, Any]) -> None:
    ending = heard(DONE, last)
    assert (ending.id, ending.ended) == (None, True)


@pytest.mark.parametrize("data", [b'"response.completed" {', b'["response.completed"]', b'{"type":"other"}'])
def test_what_is_no_event_of_interest_is_passed_over(data: bytes) -> None:
    assert heard(data).ended is False
