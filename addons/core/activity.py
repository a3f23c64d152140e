"""The activity log's line: one request as a JSON object, and back.

A line says who asked, what was decided and what became of it. It holds no content of a conversation, no key, no URL
and no text of an error (the class stands for it). Names that come from the client (the model, the fields that were
lost) are cut, and one that looks like a key is not written.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from addons.core.events import Usage
from addons.core.frames import Frames, Talk
from addons.core.secret_shapes import Secrets, is_label

if TYPE_CHECKING:
    from addons.observed import Record

SCHEMA = 1
NAME_LIMIT = 200
READ_LIMIT = 1000
LIST_LIMIT = 32
LINE_LIMIT = 64 * 1024
CANCELLED = 499  # the client left before there was an answer

# Every member of a line is always there. New ones may be added; one that changes its meaning raises SCHEMA.
FIELDS: Mapping[str, str] = {
    "v": "the version of this schema",
    "id": "the request's id, as in the header x-llm-router-request-id",
    "time": "when the request came in (RFC 3339, UTC, milliseconds)",
    "tool": "the coding tool that asked, by its own headers; `unknown` when nothing told",
    "client": "the dialect that the client speaks",
    "path": "the path that was asked for, without what looks random in it",
    "requested": "the model's name as the client gave it",
    "route": "the alias or model that the name was taken for; empty: for nothing",
    "served": "the provider/model that answered; empty: nobody did",
    "provider": "the dialect that the provider was spoken to in, or null",
    "credential": "the id of the key, when the provider has several",
    "stream": "whether the client wanted a stream",
    "status": "the status of the answer; 499: the client left before there was one; 0: not known, see passedOn",
    "error": "the class of the failure that the client was told, or null",
    "attempts": "the attempts that failed: provider/model:status/class#number of the try",
    "skipped": "who was not asked, and why: provider/model:reason",
    "losses": "the fields of the request that a translation could not carry, and of the answer (`answer.`…)",
    "broken": "the class of what cut a running answer short, or null",
    "left": "whether the client went away before the end",
    "joined": "whether the answer of an equal request was shared",
    "passedOn": "whether the tool's own server was given the request as it came",
    "firstEventMs": "milliseconds until the answer began, or null",
    "totalMs": "milliseconds until the end",
    "socket": "what went over a WebSocket that was passed on, or null: `frames`, whole `messages` and the `bytes` of "
    "their payloads, `sent` and `received` by the client",
    "tokens": "counts as the provider reported them, null where it did not: `in` counts everything that went in, "
    "`cached` and `written` are the shares that were read from and written to the prompt cache; `out` counts "
    "everything that came out, `reasoning` is a share of it",
}

_SHAPES = Secrets()
_ENCODE = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
HIDDEN = "[hidden]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, read. Names as in FIELDS; `at` is the time in Unix seconds, `first_event` and `total` are seconds."""

    id: str
    at: float
    tool: str = "unknown"
    client: str = ""
    requested: str = ""
    route: str = ""
    served: str = ""
    provider: str | None = None
    credential: str = ""
    stream: bool = False
    status: int = 200
    error: str | None = None
    attempts: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    broken: str | None = None
    left: bool = False
    joined: bool = False
    passed_on: bool = False
    first_event: float | None = None
    total: float = 0.0
    usage: Usage = Usage()
    path: str = ""
    talk: Talk | None = None

    @property
    def failed(self) -> bool:
        """Whether the client got no whole answer, and had not gone away."""
        if self.status == CANCELLED:
            return False
        return self.error is not None or self.broken is not None or self.status >= 400

    @property
    def fell_back(self) -> bool:
        """Whether somebody answered after somebody else had failed."""
        return bool(self.served) and any(target_of(attempt) != self.served for attempt in self.attempts)

    @property
    def model(self) -> str:
        """The provider's name of the model that answered."""
        return self.served.partition("/")[2]


def entry_of(record: "Record") -> Entry:
    """What the log keeps of `record`."""
    return Entry(
        id=record.id,
        at=record.at,
        tool=record.tool,
        client=str(record.client),
        path=_path(record.path),
        requested=_name(record.requested),
        route=_name(record.route),
        served=record.served,
        provider=None if record.provider is None else str(record.provider),
        credential=record.credential,
        stream=record.stream,
        status=record.status,
        error=None if record.error is None else str(record.error),
        attempts=record.attempts[:LIST_LIMIT],
        skipped=record.skipped[:LIST_LIMIT],
        losses=_names(loss.path for loss in record.losses),
        broken=None if record.broken is None else str(record.broken),
        left=record.left,
        joined=record.joined,
        passed_on=record.passed_on,
        first_event=record.first_event,
        total=record.total,
        talk=record.talk,
        usage=record.usage,
    )


def as_line(entry: Entry) -> bytes:
    """The line, with its end."""
    return _ENCODE(as_json(entry)).encode() + b"\n"


def as_json(entry: Entry) -> dict[str, Any]:
    """The line's members, in the order of FIELDS."""
    usage = entry.usage
    return {
        "v": SCHEMA,
        "id": entry.id,
        "time": _moment(entry.at),
        "tool": entry.tool,
        "client": entry.client,
        "path": entry.path,
        "requested": entry.requested,
        "route": entry.route,
        "served": entry.served,
        "provider": entry.provider,
        "credential": entry.credential,
        "stream": entry.stream,
        "status": entry.status,
        "error": entry.error,
        "attempts": list(entry.attempts),
        "skipped": list(entry.skipped),
        "losses": list(entry.losses),
        "broken": entry.broken,
        "left": entry.left,
        "joined": entry.joined,
        "passedOn": entry.passed_on,
        "firstEventMs": None if entry.first_event is None else _milliseconds(entry.first_event),
        "totalMs": _milliseconds(entry.total),
        "socket": None if entry.talk is None else as_counts(entry.talk),
        "tokens": {
            "in": usage.input,
            "out": usage.output,
            "cached": usage.cache_read,
            "written": usage.cache_write,
            "reasoning": usage.reasoning,
        },
    }


def from_line(line: bytes) -> Entry | None:
    """The entry of a line; None for what is none (a line that a full disk cut, a later schema)."""
    if len(line) > LINE_LIMIT:
        return None
    try:
        value = json.loads(line)
        return _entry(value) if isinstance(value, dict) and value.get("v") == SCHEMA else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _entry(value: Mapping[str, Any]) -> Entry:
    tokens = value.get("tokens") or {}
    first = value.get("firstEventMs")
    return Entry(
        id=str(value["id"]),
        at=datetime.fromisoformat(value["time"]).timestamp(),
        tool=str(value["tool"]),
        client=str(value["client"]),
        path=str(value.get("path", "")),
        requested=str(value["requested"]),
        route=str(value["route"]),
        served=str(value["served"]),
        provider=_word(value["provider"]),
        credential=str(value["credential"]),
        stream=bool(value["stream"]),
        status=int(value["status"]),
        error=_word(value["error"]),
        attempts=tuple(map(str, value["attempts"])),
        skipped=tuple(map(str, value["skipped"])),
        losses=tuple(map(str, value["losses"])),
        broken=_word(value["broken"]),
        left=bool(value["left"]),
        joined=bool(value["joined"]),
        passed_on=bool(value["passedOn"]),
        first_event=None if first is None else float(first) / 1000,
        total=float(value["totalMs"]) / 1000,
        talk=_talk(value.get("socket")),
        usage=Usage(
            input=_count(tokens.get("in")),
            output=_count(tokens.get("out")),
            cache_read=_count(tokens.get("cached")),
            cache_write=_count(tokens.get("written")),
            reasoning=_count(tokens.get("reasoning")),
        ),
    )


def as_counts(talk: Talk) -> dict[str, dict[str, int]]:
    """A talk as JSON."""
    return {"sent": asdict(talk.sent), "received": asdict(talk.received)}


def _talk(value: Any) -> Talk | None:
    return None if value is None else Talk(_frames(value["sent"]), _frames(value["received"]))


def _frames(value: Mapping[str, Any]) -> Frames:
    return Frames(int(value["frames"]), int(value["messages"]), int(value["bytes"]))


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def target_of(attempt: str) -> str:
    """`provider/model` of an attempt; a model's own name may hold colons."""
    return attempt.rpartition(":")[0]


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_name, texts)))[:LIST_LIMIT]


def _path(path: str) -> str:
    return _segments(path[:READ_LIMIT])


@lru_cache(maxsize=1024)
def _segments(path: str) -> str:
    """Names stay, identifiers and keys do not: `/api/threads/[hidden]`."""
    segments = path.split("/")
    return "/".join(each if not each or is_label(unquote(each)) else HIDDEN for each in segments)[:NAME_LIMIT]


def _name(text: str) -> str:
    """What can be shown in any terminal. Names come again and again, and looking for keys in them takes time."""
    return _shown(text[:READ_LIMIT])


@lru_cache(maxsize=1024)
def _shown(text: str) -> str:
    if _SHAPES.holds(text):
        return HIDDEN
    return "".join(char if char.isprintable() else "?" for char in text[:NAME_LIMIT])


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
