"""Requests made from the rows of the fidelity table, and what stands at a path of a body."""

import asyncio
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from addons.core.client_words import in_client_words
from addons.core.fidelity.outcomes import ANYTHING, SAMPLE, Outcome, Words
from addons.core.fidelity.rows import Place, Row, Section
from addons.core.model import DialectName, Loss
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from addons.inline import inlined

type Body = dict[str, Any]

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI
COMPLETIONS = DialectName.COMPLETIONS

# models that take what their dialect documents, as far as any does
MODELS = {CLAUDE: "claude-sonnet-4-5", CHAT: "gpt-5.2", RESPONSES: "gpt-5.2", GEMINI: "gemini-3-pro-preview"}
ID = "call_1"

# dialect -> (the member that holds the turns, and a turn of the user, of the model, of a tool, with given blocks)
_CALLS: dict[DialectName, list[Body]] = {
    CLAUDE: [{"role": "assistant", "content": [{"type": "tool_use", "id": ID, "name": "look", "input": {}}]}],
    CHAT: [
        {
            "role": "assistant",
            "tool_calls": [{"id": ID, "type": "function", "function": {"name": "look", "arguments": "{}"}}],
        }
    ],
    RESPONSES: [{"type": "function_call", "call_id": ID, "name": "look", "arguments": "{}"}],
    GEMINI: [{"role": "model", "parts": [{"functionCall": {"id": ID, "name": "look", "args": {}}}]}],
}


def text_block(dialect: DialectName, text: str, role: str = "user") -> Body:
    match dialect:
        case DialectName.RESPONSES:
            return {"type": "output_text" if role == "assistant" else "input_text", "text": text}
        case DialectName.GEMINI:
            return {"text": text}
        case _:
            return {"type": "text", "text": text}


def turn(dialect: DialectName, role: str, blocks: list[Any]) -> Body:
    if dialect is GEMINI:
        return {"role": "model" if role == "assistant" else role, "parts": blocks}
    return {"role": role, "content": blocks}


def result(dialect: DialectName, blocks: list[Any]) -> Body:
    match dialect:
        case DialectName.ANTHROPIC:
            inner = {"type": "tool_result", "tool_use_id": ID, "content": [text_block(dialect, "Seen"), *blocks]}
            return {"role": "user", "content": [inner]}
        case DialectName.CHAT:
            return {"role": "tool", "tool_call_id": ID, "content": [text_block(dialect, "Seen"), *blocks]}
        case DialectName.RESPONSES:
            return {"type": "function_call_output", "call_id": ID, "output": [text_block(dialect, "Seen"), *blocks]}
        case _:
            inner = {"id": ID, "name": "look", "response": {"output": "Seen"}, "parts": blocks}
            return {"role": "user", "parts": [{"functionResponse": inner}]}


def _turns(dialect: DialectName, place: Place, value: Any) -> list[Body]:
    blocks = [] if value is None else [value]
    first = turn(dialect, "user", [text_block(dialect, "Hi"), *(blocks if place is Place.USER else [])])
    last = turn(dialect, "user", [text_block(dialect, "Go on")])
    match place:
        case Place.USER | Place.SYSTEM | Place.MEMBER | Place.TOOL:
            return [first]
        case Place.ASSISTANT:
            said = turn(dialect, "assistant", [text_block(dialect, "Well", "assistant"), *blocks])
            return [first, said, last]
        case Place.RESULT:
            return [first, *_CALLS[dialect], result(dialect, blocks), last]
        case Place.TURNS:
            return [first, *([] if value is None else value), last]


_HOLDERS = {CLAUDE: "messages", CHAT: "messages", RESPONSES: "input", GEMINI: "contents"}


def request_body(dialect: DialectName, section: Section, row: Row, value: Any) -> Body:
    """The smallest request with `value` at the row's place (None: without anything there)."""
    if dialect is COMPLETIONS:
        body: Body = {"model": "m", "prompt": "Hi"}
    else:
        body = {"model": "m", _HOLDERS[dialect]: _turns(dialect, section.place, value)}
    body |= deepcopy(dict(row.given))
    if value is None:
        return body
    match section.place:
        case Place.MEMBER:
            put(body, row.field, value)
        case Place.TOOL:
            body["tools"] = [*body.get("tools", []), value]
        case Place.SYSTEM if dialect is CLAUDE:
            body["system"] = [value]
        case Place.SYSTEM if dialect is GEMINI:
            body["systemInstruction"] = {"parts": [value]}
        case Place.SYSTEM:
            body[_HOLDERS[dialect]].insert(0, turn(dialect, "system", [value]))
        case _:
            pass
    return body


def put(body: Body, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        body = body.setdefault(step, {})
    body[last] = value


@dataclass(frozen=True)
class Seen:
    """A body, and its losses as the client is told them."""

    body: Body
    losses: tuple[Loss, ...]


class Web:
    """Every address holds the same bytes."""

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
        return ("image/png", b"png") if kinds[0].startswith("image") else ("application/pdf", b"pdf")


def seen(client: DialectName, target: DialectName, body: Body, model: str | None) -> Seen:
    request = asyncio.run(inlined(DIALECTS[client].parse_request(deepcopy(body)), target, Web()))
    traits = Traits.of(model or MODELS[target])
    rendered = DIALECTS[target].render_request(request, traits, ToolNames.of(request))
    out = dict(rendered.body)
    if str(out.get("prompt_cache_key", "")).startswith("llr-"):
        # a hash of the conversation
        del out["prompt_cache_key"]
    return Seen(out, tuple(in_client_words(loss, client) for loss in rendered.losses))


def at(body: Any, path: str) -> Iterator[Any]:
    """Everything that stands at `path`; `[]` is every item of a list."""
    step, _, rest = path.partition(".")
    name, lists = re.sub(r"\[\]", "", step), step.count("[]")
    if name:
        if not isinstance(body, dict) or name not in body:
            return
        body = body[name]
    found = [body]
    for _ in range(lists):
        found = [item for each in found if isinstance(each, list) for item in each]
    for each in found:
        yield from at(each, rest) if rest else [each]


def count(body: Any, path: str, expected: Any) -> int:
    """How often `expected` stands at `path`."""
    return sum(_is(found, expected) for found in at(body, path))


def _is(found: Any, expected: Any) -> bool:
    if expected is ANYTHING:
        return True
    if isinstance(expected, Words):
        return isinstance(found, str) and expected.text in found
    return type(found) is type(expected) and bool(found == expected)


def expected(row: Row, outcome: Outcome) -> Any:
    return row.sample if outcome.value is SAMPLE else outcome.value


def plain(path: str) -> str:
    """A path without the numbers of items."""
    return re.sub(r"\[\d+\]", "[]", path)


def new_losses(base: Seen, sample: Seen) -> list[Loss]:
    rest = list(base.losses)
    out = []
    for loss in sample.losses:
        if loss in rest:
            rest.remove(loss)
        else:
            out.append(loss)
    return out
