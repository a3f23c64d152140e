"""The arguments of a call reach the client as they come: each piece that a provider sends is on its way before the
next one is read.

A Gemini client is left out: it gets a whole call a part, which is its API's form. A Gemini provider's pieces are values
of a tree, of which the text is made on the way.
"""

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.core.events import Begin, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.model import DialectName, Request, Tool
from addons.core.sse import SseParser
from addons.core.tools import Restorer, ToolNames
from addons.dialects import DIALECTS

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
SPOKEN = (CLAUDE, CHAT, RESPONSES)
VALUE = 'git log --oneline \\ "äöü🙂"\n' * 3
ARGUMENTS = json.dumps({"input": VALUE}, ensure_ascii=False)


def pieces(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    return [text[a:b] for a, b in pairwise(ends)]


def stream(provider: DialectName, arguments: list[str]) -> Iterator[bytes]:
    """What a provider sends, one SSE event after the other: its own dialect's encoder knows how."""
    events: list[Event] = [Begin("id_1", "m"), PartOpen(0, "tool_call", id="call_1", name="run")]
    events += [*(PartDelta(0, piece) for piece in arguments), PartClose(0), Finish(FinishReason.TOOL_USE)]
    encoder = DIALECTS[provider].encoder(Request(provider, "m", (), stream=True), "m")
    for event in events:
        yield from (part + b"\n\n" for part in encoder.feed(event).split(b"\n\n") if part)


def tree(texts: list[str]) -> Iterator[bytes]:
    """A Gemini provider's stream: the argument `input` in pieces."""
    calls: list[dict[str, object]] = [{"name": "run", "willContinue": True}]
    calls += [{"partialArgs": [{"jsonPath": "$.input", "stringValue": text, "willContinue": True}]} for text in texts]
    for n, call in enumerate(calls, 1):
        part = {"functionCall": {**call, "willContinue": n < len(calls)}}
        candidate = {"content": {"role": "model", "parts": [part]}, "index": 0}
        last = {"finishReason": "STOP"} if n == len(calls) else {}
        yield f"data: {json.dumps({'candidates': [{**candidate, **last}], 'responseId': 'r'})}\n\n".encode()


def arguments_in(client: DialectName, data: bytes) -> list[str]:
    """The pieces of arguments in a stretch of a client's stream."""
    bodies = [json.loads(event.data) for event in SseParser().feed(data) if event.data != b"[DONE]"]
    match client:
        case DialectName.ANTHROPIC:
            found = [body.get("delta", {}).get("partial_json") for body in bodies]
        case DialectName.CHAT:
            deltas = [choice["delta"] for body in bodies for choice in body["choices"]]
            calls = [call.get("function") or call["custom"] for each in deltas for call in each.get("tool_calls", ())]
            found = [call.get("arguments", call.get("input")) for call in calls]
        case _:
            found = [body["delta"] for body in bodies if "call" in body["type"] and "delta" in body]
    return [piece for piece in found if piece]


def received(provider: DialectName, client: DialectName, sent: Iterator[bytes], tool: Tool) -> Iterator[list[str]]:
    """What the client is sent of the arguments, event by event of the provider."""
    request = Request(client, "m", (), tools=(tool,), stream=True)
    decoder, restorer = DIALECTS[provider].decoder(), Restorer(ToolNames.of(request))
    encoder = DIALECTS[client].encoder(request, "m")
    for data in sent:
        events = [each for event in decoder.feed(data) for each in restorer.feed(event)]
        yield arguments_in(client, b"".join(encoder.feed(event) for event in events))


every_pair = pytest.mark.parametrize(("provider", "client"), [(p, c) for p in SPOKEN for c in SPOKEN])


@every_pair
@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, len(ARGUMENTS) - 1), max_size=9))
def test_every_piece_is_passed_on_before_the_next(provider: DialectName, client: DialectName, cuts: list[int]) -> None:
    """Promise 14: and verbatim."""
    sent = pieces(ARGUMENTS, cuts)
    got = received(provider, client, stream(provider, sent), Tool("run", schema={"type": "object", "properties": {}}))

    assert [piece for each in got for piece in each] == sent


@every_pair
@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, len(VALUE) - 1), max_size=9))
def test_free_text_is_passed_on_before_it_is_whole(provider: DialectName, client: DialectName, cuts: list[int]) -> None:
    """A custom tool (Codex's apply_patch): a function stands in for it, and its text is one of the arguments."""
    inside = [json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces(VALUE, cuts)]
    sent = stream(provider, ['{"input":"', *inside, '"}'])
    got = received(provider, client, sent, Tool("run", kind="custom"))

    assert [piece for each in got for piece in each] == pieces(VALUE, cuts)


@pytest.mark.parametrize("client", SPOKEN)
@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, len(VALUE) - 1), max_size=9))
def test_a_piece_of_a_tree_is_passed_on_as_text_before_the_next(client: DialectName, cuts: list[int]) -> None:
    inside = [json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces(VALUE, cuts)]
    *firsts, last = received(DialectName.GEMINI, client, tree(pieces(VALUE, cuts)), Tool("run"))
    expected = ['{"input":"' + inside[0], *inside[1:-1]] if len(inside) > 1 else []

    assert [piece for each in firsts for piece in each] == expected
    assert "".join([*expected, *last]) == '{"input":"' + "".join(inside) + '"}'


@pytest.mark.parametrize("client", SPOKEN)
def test_free_text_in_a_tree_is_passed_on_before_it_is_whole(client: DialectName) -> None:
    got = received(DialectName.GEMINI, client, tree(["git ", "log"]), Tool("run", kind="custom"))

    assert [piece for each in got for piece in each] == ["git ", "log"]
