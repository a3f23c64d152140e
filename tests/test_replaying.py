"""Specification of addons/replaying.py: captured requests are asked again, and answers compared."""

import json
from typing import Any

import pytest

from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.redact import Mode
from addons.core.saved_request import saved_request
from addons.replaying import NotReplayable, Said, captured_answer, chosen, replayed, said_in, saved, side_by_side
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, stream
from harness.captures import line
from harness.routed import routed

BODY: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.mark.parametrize("dialect", [CLAUDE, CHAT, RESPONSES, GEMINI])
def test_what_a_streamed_answer_says_is_read_in_every_dialect(dialect: DialectName) -> None:
    said = said_in(dialect, 200, b"".join(stream(dialect, "Hello there")))
    assert (said.text, said.tokens, said.problem) == ("Hello there", "7 in, 3 out", "")


def test_a_whole_answer_is_read() -> None:
    content = [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "1", "name": "run", "input": {"x": 1}}]
    whole = {"type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use", "usage": {}}
    said = said_in(CLAUDE, 200, json.dumps(whole).encode())
    assert (said.text, said.tools) == ("a", ('run({"x":1})',))


@pytest.mark.parametrize(("status", "data"), [(529, b'{"error":{"message":"busy"}}'), (200, b"no json"), (200, b"")])
def test_a_failure_is_told(status: int, data: bytes) -> None:
    assert said_in(CLAUDE, status, data).problem


def test_the_last_request_is_chosen_or_the_one_that_is_named() -> None:
    requests = [line(BODY, request_id=f"req_{name}") for name in ("aa", "bb", "cc")]
    assert chosen(iter(requests), None)["id"] == "req_cc"
    assert chosen(iter(requests), "b")["id"] == chosen(iter(requests), "req_bb")["id"] == "req_bb"


@pytest.mark.parametrize(("mode", "wanted"), [(Mode.SIGNATURE, "aa"), (Mode.SIGNATURE, None), (Mode.FULL, "x")])
def test_what_cannot_be_asked_again_is_told(mode: Mode, wanted: str | None) -> None:
    with pytest.raises(NotReplayable):
        chosen(iter([line(BODY, request_id="req_aa", mode=mode)]), wanted)


def test_what_was_hidden_is_not_sent() -> None:
    headers = {"x-api-key": "k", "anthropic-beta": "b-2025-01-01", "content-length": "3", "x-own": "x"}
    found = saved_request(saved(line(BODY, headers=headers, query="beta=true&key=secret")))
    assert (found.path, found.query, dict(found.headers)) == (
        "/v1/messages", "beta=true", {"anthropic-beta": "b-2025-01-01"},
    )  # fmt: skip
    assert json.loads(found.body) == BODY


def test_a_path_that_nobody_here_knows_is_told_by_the_body() -> None:
    assert saved_request(saved(line(BODY, path="/some/where"))).path == "/"


async def test_it_is_asked_by_the_routers_own_engine() -> None:
    router = routed("a")
    found = saved_request(saved(line({**body(CHAT), "model": "all"}, dialect=CHAT, path="/v1/chat/completions")))
    ask = Ask("POST", found.path or "", found.query, {"content-type": "application/json"}, found.body)
    said = await replayed(router.plan, ask, router.upstream, CHAT)
    assert (said.status, said.model, said.text) == (200, "a/m", "Hello")


def test_both_answers_stand_side_by_side() -> None:
    then = captured_answer(line(BODY, b"".join(stream(CLAUDE, "then"))))
    rows = {row[0]: row[1:] for row in side_by_side(then, Said(200, "b/n", "now", seconds=0.25))}
    assert (rows["text"], rows["model"]) == (("then", "now"), ("a/m", "b/n"))
    assert rows["seconds"] == ("1.50", "0.25") and "problem" not in rows
