"""Specification of Chat's functions of old through the engine: what has no room in such an answer is told."""

import json

import pytest

from addons.core.model import DialectName
from harness import answers
from harness.answers import Call, Said
from harness.asks import path
from harness.engine import engine, offered, planned, posted, read
from harness.memory import MemoryUpstream, Scripted, json_answer

CHAT, GEMINI = DialectName.CHAT, DialectName.GEMINI
LOOK = {"name": "look", "parameters": {"type": "object", "properties": {}}}
TWO = Said(calls=(Call("look", '{"at":"it"}', "c1"), Call("look", '{"at":"me"}', "c2")))


@pytest.mark.parametrize("calls", [1, 2])
async def test_a_second_call_at_once_is_told(calls: int) -> None:
    said = Said(calls=TWO.calls[:calls])
    upstream = MemoryUpstream(a=[json_answer(json.dumps(answers.whole(GEMINI, said)).encode())])
    body = {"model": "all", "messages": [{"role": "user", "content": "go"}], "functions": [LOOK]}
    reply = await engine(planned(offered("a", GEMINI)), upstream).answer(posted(path(CHAT), body))
    choice = json.loads(await read(reply))["choices"][0]
    assert choice["message"]["function_call"] == {"name": "look", "arguments": '{"at":"it"}'}
    assert ("answer.tool_calls" in dict(reply.headers)["x-llm-router-losses"]) == (calls == 2)


async def test_a_stream_has_the_call_in_the_old_form() -> None:
    upstream = MemoryUpstream(a=[Scripted(tuple(answers.stream(GEMINI, TWO)))])
    body = {"model": "all", "messages": [{"role": "user", "content": "go"}], "functions": [LOOK], "stream": True}
    reply = await engine(planned(offered("a", GEMINI)), upstream).answer(posted(path(CHAT), body))
    data = await read(reply)
    assert b'"function_call":{"name":"look"' in data and b"tool_calls" not in data
