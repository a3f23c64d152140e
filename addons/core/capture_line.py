"""A capture's line: one request as it was asked, what was made of it, and what came back; without what it said.

The items of the lists that a conversation grows by (messages, tools, the system prompt) are *parts*: a line names them
by their hash, so that a store keeps each one once however often it is sent again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from addons.core import jsonio
from addons.core.activity import as_counts
from addons.core.events import Usage
from addons.core.redact import Redacted, RequestRedactor, Wire

if TYPE_CHECKING:
    from addons.observed import Record

SCHEMA = 1
PARTS = "$parts"
PARTED = ("messages", "input", "contents", "system", "tools")
HASH_DIGITS = 32
LIST_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the configuration makes of a model's name: `known` (whether something is called so), by what (`kind`,
    `ref`), and whom it would ask."""

    known: bool
    kind: str = ""
    ref: str = ""
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client was given: `data` are its bytes without their content coding, None when they are not kept;
    `size` is how many there were."""

    data: bytes | None
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """What a store is given. `parts` are JSON texts by their hash; `value` names them."""

    value: Mapping[str, Any]
    parts: Mapping[str, bytes]


def line_of(
    redactor: RequestRedactor, wire: Wire, record: "Record", answer: Answer, verdict: Verdict | None
) -> Redacted[Line]:
    """Everything that a capture keeps of a request. `verdict` None: there is no configuration to ask."""
    request = redactor.request(wire)
    value = {
        "v": SCHEMA,
        "id": record.id,
        "time": _moment(record.at),
        "mode": str(redactor.mode),
        "tool": record.tool,
        "client": str(record.client),
        "stream": record.stream,
        "requested": redactor.label(record.requested),
        "context": _occasion(redactor, request, record),
        "verdict": None if verdict is None else _verdict(verdict),
        "request": request,
        "routed": _routed(redactor, record),
        "response": _response(redactor, record, answer),
    }
    parts = _parted(request)
    return redactor.sealed(Line(value, parts))


def context_of(request: Mapping[str, Any]) -> dict[str, str]:
    """What a redacted request says about its occasion: AMP's mode and feature, the tool that it forces, and the
    agent's name and version."""
    headers = dict(request["headers"])
    agent = str(headers.get("user-agent", "")).split(" ")[0]
    return {
        "mode": headers.get("x-amp-mode", ""),
        "feature": headers.get("x-amp-feature", ""),
        "forced": _forced(request["body"]),
        "agent": agent,
    }


def _occasion(redactor: RequestRedactor, request: Mapping[str, Any], record: "Record") -> dict[str, str]:
    """`context_of`, and what an AMP request was taken for; the newer AMP does not say its mode itself."""
    said = context_of(request)
    return {**said, "mode": said["mode"] or redactor.label(record.mode), "entity": redactor.label(record.entity)}


def _forced(body: Any) -> str:
    choice = body.get("tool_choice") if isinstance(body, dict) else None
    if not isinstance(choice, dict):
        return ""
    inner = choice.get("function")
    name = inner.get("name") if isinstance(inner, dict) else choice.get("name")
    return name if isinstance(name, str) else ""


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"known": verdict.known, "kind": verdict.kind, "ref": verdict.ref, "targets": list(verdict.targets)}


def _routed(redactor: RequestRedactor, record: "Record") -> dict[str, Any]:
    return {
        "route": redactor.label(record.route),
        "strategy": record.strategy,
        "served": redactor.label(record.served),
        "provider": None if record.provider is None else str(record.provider),
        "credential": redactor.label(record.credential),
        "attempts": [redactor.label(each) for each in record.attempts[:LIST_LIMIT]],
        "skipped": [redactor.label(each) for each in record.skipped[:LIST_LIMIT]],
        "losses": [redactor.label(loss.path) for loss in record.losses[:LIST_LIMIT]],
        "joined": record.joined,
        "passedOn": record.passed_on,
    }


def _response(redactor: RequestRedactor, record: "Record", answer: Answer) -> dict[str, Any]:
    return {
        "status": record.status,
        "error": None if record.error is None else str(record.error),
        "broken": None if record.broken is None else str(record.broken),
        "left": record.left,
        "bytes": answer.size,
        "firstEventMs": None if record.first_event is None else round(record.first_event * 1000, 1),
        "totalMs": round(record.total * 1000, 1),
        "tokens": _tokens(record.usage),
        "headers": [[name, value if value == record.id else redactor.words(value)] for name, value in record.told],
        "body": None if answer.data is None else redactor.answer(answer.data),
        "socket": None if record.talk is None else as_counts(record.talk),
    }


def _tokens(usage: Usage) -> dict[str, int | None]:
    return {
        "in": usage.input,
        "out": usage.output,
        "cached": usage.cache_read,
        "written": usage.cache_write,
        "reasoning": usage.reasoning,
    }


def _parted(request: dict[str, Any]) -> dict[str, bytes]:
    """Takes the parts out of `request`; gives them."""
    body = request["body"]
    parts: dict[str, bytes] = {}
    if isinstance(body, dict):
        for key in PARTED:
            if isinstance(body.get(key), list):
                texts = [jsonio.dumps(each) for each in body[key]]
                names = [hashlib.sha256(text).hexdigest()[:HASH_DIGITS] for text in texts]
                parts.update(zip(names, texts, strict=True))
                body[key] = {PARTS: names}
    return parts


def named_parts(value: Mapping[str, Any]) -> Iterator[str]:
    """The hashes of the parts that a line names."""
    for _, names in _holders(value):
        yield from names


def whole(value: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """The line with its parts back in their places; `parts` are values by their hash. A part that is lost is None."""
    for key, names in _holders(value):
        value["request"]["body"][key] = [parts.get(name) for name in names]
    return value


def _holders(value: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    request = value.get("request")
    body = request.get("body") if isinstance(request, dict) else None
    found: list[tuple[str, list[str]]] = []
    if not isinstance(body, dict):
        return found
    for key in PARTED:
        held = body.get(key)
        if isinstance(held, dict) and held.keys() == {PARTS} and isinstance(held[PARTS], list):
            found.append((key, [name for name in held[PARTS] if isinstance(name, str)]))
    return found


def from_line(line: bytes) -> dict[str, Any] | None:
    """The value of a line; None for what is none (a line that a full disk cut, a later schema)."""
    try:
        value = jsonio.loads(line)
    except ValueError:
        return None
    known = isinstance(value, dict) and value.get("v") == SCHEMA
    return value if known and all(isinstance(value.get(key), dict) for key in _OBJECTS) else None


_OBJECTS = ("request", "routed", "response", "context")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def at_of(value: Mapping[str, Any]) -> float:
    """When the request of a line came, in Unix seconds; 0 for a line that does not say."""
    try:
        return datetime.fromisoformat(str(value.get("time"))).timestamp()
    except ValueError:
        return 0.0
