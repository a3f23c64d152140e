"""Names of tools that a provider would refuse, or that would become one and the same: they are legal and apart on the
wire, everywhere in a request, and the client's own again in the answer."""

import json
import re
from typing import Any

import pytest

from addons.core.accumulate import Answer, fold, unfold
from addons.core.events import FinishReason
from addons.core.model import DialectName, Request, ToolCall
from addons.core.tools import Restorer, ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS

type Json = dict[str, Any]

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
SPOKEN = (CLAUDE, CHAT, RESPONSES, GEMINI)
LONG = "mcp__" + "x" * 60
# a dot, what a dot would become, two names with the same first 64 characters, and no letter at all
NAMES = ["read.file", "read_file", f"{LONG}_a", f"{LONG}_b", "读"]
LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
OBJECT: Json = {"type": "object", "properties": {}}


def claude(name: str) -> Json:
    call = {"type": "tool_use", "id": "c1", "name": name, "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "ok"}
    return {
        "messages": [
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ],
        "tools": [{"name": each, "input_schema": OBJECT} for each in NAMES],
        "tool_choice": {"type": "tool", "name": name},
        "max_tokens": 99,
    }


def chat(name: str) -> Json:
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return {
        "messages": [
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "ok"},
        ],
        "tools": [{"type": "function", "function": {"name": each, "parameters": OBJECT}} for each in NAMES],
        "tool_choice": {"type": "function", "function": {"name": name}},
    }


def responses(name: str) -> Json:
    return {
        "input": [
            {"type": "message", "role": "user", "content": "go"},
            {"type": "function_call", "call_id": "c1", "name": name, "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "ok"},
        ],
        "tools": [{"type": "function", "name": each, "parameters": OBJECT} for each in NAMES],
        "tool_choice": {"type": "function", "name": name},
    }


def gemini(name: str) -> Json:
    return {
        "contents": [
            {"role": "user", "parts": [{"text": "go"}]},
            {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": name, "args": {}}}]},
            {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": name, "response": {"a": 1}}}]},
        ],
        "tools": [{"functionDeclarations": [{"name": each, "parametersJsonSchema": OBJECT} for each in NAMES]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}},
    }


BODIES = {CLAUDE: claude, CHAT: chat, RESPONSES: responses, GEMINI: gemini}


def offered(provider: DialectName, body: Json) -> list[str]:
    match provider:
        case DialectName.CHAT:
            return [tool["function"]["name"] for tool in body["tools"]]
        case DialectName.GEMINI:
            return [each["name"] for tool in body["tools"] for each in tool["functionDeclarations"]]
        case _:
            return [tool["name"] for tool in body["tools"]]


def said(provider: DialectName, body: Json) -> list[str]:
    """The names in the history and in the choice."""
    match provider:
        case DialectName.ANTHROPIC:
            used = [block["name"] for each in body["messages"] for block in each["content"] if "name" in block]
            return [*used, body["tool_choice"]["name"]]
        case DialectName.CHAT:
            used = [call["function"]["name"] for each in body["messages"] for call in each.get("tool_calls", ())]
            return [*used, body["tool_choice"]["function"]["name"]]
        case DialectName.RESPONSES:
            return [*(item["name"] for item in body["input"] if "name" in item), body["tool_choice"]["name"]]
        case _:
            parts = [part for content in body["contents"] for part in content["parts"]]
            used = [
                part[kind]["name"] for part in parts for kind in ("functionCall", "functionResponse") if kind in part
            ]
            return used + list(body["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"])


every_pair = pytest.mark.parametrize(("client", "provider"), [(c, p) for c in SPOKEN for p in SPOKEN if c is not p])


@every_pair
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_legal_and_the_same_everywhere(client: DialectName, provider: DialectName, name: str) -> None:
    request = DIALECTS[client].parse_request({"model": "m", **BODIES[client](name)})
    names = ToolNames.of(request)
    body = DIALECTS[provider].render_request(request, Traits.of("m"), names).body
    wire = offered(provider, body)

    assert len(set(wire)) == len(NAMES) and all(LEGAL.fullmatch(each) for each in wire)
    assert set(said(provider, body)) == {wire[NAMES.index(name)]}


@every_pair
@pytest.mark.parametrize("streamed", [True, False])
def test_the_answer_calls_the_clients_tools_by_their_names(
    client: DialectName, provider: DialectName, streamed: bool
) -> None:
    request = DIALECTS[client].parse_request({"model": "m", **BODIES[client](NAMES[0])})
    names = ToolNames.of(request)
    calls = tuple(ToolCall(f"c{n}", names.wire(name), '{"a": 1}') for n, name in enumerate(NAMES))
    answer = Answer("i", "m", parts=calls, finish=FinishReason.TOOL_USE)
    theirs, asked = DIALECTS[provider], Request(provider, "m", (), stream=streamed)
    if streamed:
        encoder, decoder = theirs.encoder(asked, "m"), theirs.decoder()
        events = [event for each in unfold(answer) for event in decoder.feed(encoder.feed(each))]
    else:
        events = theirs.parse_response(json.loads(json.dumps(theirs.render_response(answer, asked, "m"))))
    restorer = Restorer(names)
    heard = fold(event for each in events for event in restorer.feed(each))
    shown = DIALECTS[client].parse_response(DIALECTS[client].render_response(heard, request, "m"))

    assert [part.name for part in fold(shown).parts if isinstance(part, ToolCall)] == NAMES
