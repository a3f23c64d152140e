"""Bodies and answers as large as real sessions make them, grown from recorded ones."""

import copy
import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from addons.core.accumulate import Answer, unfold
from addons.core.events import Begin, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.model import DialectName, Text, ToolCall
from addons.dialects.base import Dialect

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FOLDERS = {
    DialectName.ANTHROPIC: "anthropic",
    DialectName.CHAT: "chat",
    DialectName.RESPONSES: "responses",
    DialectName.GEMINI: "gemini",
    DialectName.COMPLETIONS: "completions",
}
# the shortest request of each dialect
QUESTIONS: dict[DialectName, dict[str, Any]] = {
    DialectName.ANTHROPIC: {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]},
    DialectName.CHAT: {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    DialectName.RESPONSES: {"model": "m", "input": "hi"},
    DialectName.GEMINI: {"model": "m", "contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
    DialectName.COMPLETIONS: {"model": "m", "prompt": "hi"},
}
# Claude Code offers about so many; the recording keeps four of them
TOOLS = 24
WORDS = re.findall(
    r"\S+",
    "the router reads a request and writes another one for each provider it knows; def feed(self, data: bytes) -> "
    'list[Event]: return [json.loads("{}")] if "x" in data else None  # größer als 5 µs, naïve – „quoted“ \\n\\t <tag>',
)

type Json = dict[str, Any]


def recorded() -> Json:
    """A Claude Code request in the middle of a tool loop, its elided texts as long as they were."""
    lines = (FIXTURES / "anthropic" / "claude_code_bodies.jsonl").read_text().splitlines()
    body = next(body for body in map(json.loads, lines) if _ends_in_a_result(body))
    filled = _filled(body, random.Random(1))
    filled["tools"] = [
        {**copy.deepcopy(tool), "name": f"{tool['name']}{number or ''}"}
        for number, tool in itertools.islice(_counted(filled["tools"]), TOOLS)
    ]
    return filled


def claude_code(size: int) -> Json:
    """The recorded request after as many further rounds of the loop as make it `size` bytes of JSON."""
    body = recorded()
    left = size - len(json.dumps(body, ensure_ascii=False).encode())
    rounds = _rounds(body)
    while left > 0:
        turn = next(rounds)
        left -= len(json.dumps(turn, ensure_ascii=False).encode())
        body["messages"] += turn
    return body


def history(messages: int) -> Json:
    """The recorded request with a history of so many messages."""
    body = recorded()
    rounds = _rounds(body)
    while len(body["messages"]) < messages:
        body["messages"] += next(rounds)
    return body


def huge_answer(size: int) -> list[Event]:
    """An answer whose text comes in one delta of `size` bytes."""
    return list(unfold(Answer("id", "m", 1, (Text(_prose(size, random.Random(2))),), finish=FinishReason.END_TURN)))


def patient_answer(deltas: int) -> list[Event]:
    """An answer whose text comes in so many deltas."""
    text = (PartDelta(0, "a word ") for _ in range(deltas))
    return [Begin("id", "m", 1), PartOpen(0, "text"), *text, PartClose(0), Finish(FinishReason.END_TURN)]


def busy_answer(calls: int) -> list[Event]:
    """An answer of so many tool calls."""
    parts = tuple(ToolCall(f"call_{number}", "Bash", '{"command":"ls"}') for number in range(calls))
    return list(unfold(Answer("id", "m", 1, parts, finish=FinishReason.TOOL_USE)))


def written(dialect: Dialect, events: Sequence[Event]) -> bytes:
    """The events as a provider of `dialect` would stream them."""
    encoder = dialect.encoder(dialect.parse_request(question(dialect.name)), "m")
    return b"".join(map(encoder.feed, events))


def question(dialect: DialectName) -> Json:
    return copy.deepcopy(QUESTIONS[dialect])


def streams(dialect: DialectName) -> list[bytes]:
    """What the fixtures of a dialect hold of recorded and quirky streams."""
    return [file.read_bytes() for file in sorted((FIXTURES / FOLDERS[dialect]).glob("*.sse"))]


def _ends_in_a_result(body: Json) -> bool:
    content = body["messages"][-1]["content"]
    return isinstance(content, list) and content[-1]["type"] == "tool_result"


def _counted(tools: list[Json]) -> Iterator[tuple[int, Json]]:
    return ((number, tool) for number in itertools.count() for tool in tools)


def _filled(value: Any, rng: random.Random) -> Any:
    match value:
        case dict():
            return {name: _filled(child, rng) for name, child in value.items()}
        case list():
            return [_filled(child, rng) for child in value]
        case str() if found := re.fullmatch(r"‹(\d+) chars›", value):
            return _prose(int(found[1]), rng)
        case _:
            return value


def _prose(size: int, rng: random.Random) -> str:
    """Text of about `size` characters, with line ends, quotes and letters beyond ASCII as in code and logs."""
    line = [" ".join(rng.choices(WORDS, k=12)) for _ in range(40)]
    pieces: list[str] = []
    length = 0
    while length < size:
        pieces.append(rng.choice(line))
        length += len(pieces[-1]) + 1
    return "\n".join(pieces)[:size]


def _rounds(body: Json) -> Iterator[list[Json]]:
    """Further rounds of the loop: a call with its own id and command, and a result of one to seven kilobytes."""
    call, result = body["messages"][-2:]
    rng = random.Random(3)
    for number in itertools.count(2):
        ids = f"toolu_{number:06d}"
        again, answered = copy.deepcopy([call, result])
        for block in again["content"]:
            if block["type"] == "tool_use":
                block["id"] = ids
                block["input"] = {"command": f"sed -n {number},{number + 80}p {rng.choice(WORDS)!r}", "timeout": 1000}
        for block in answered["content"]:
            if block["type"] == "tool_result":
                block.update(tool_use_id=ids, content=_prose(rng.randint(1000, 7000), rng))
                block.pop("cache_control", None)
        yield [again, answered]
