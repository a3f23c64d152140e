"""Writes the shape of each large request down, for people who wonder what makes them so large. Off unless it is asked
for: a large body is parsed once more for it.

The shape holds no content. It is made before anything is queued (promise 45).
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from addons.core import jsonio
from addons.core.activity import as_json, entry_of
from addons.core.body_shape import Shape, shape_of
from addons.core.http import Ask
from addons.edge.appended import Appended, Rotation
from addons.edge.line_writer import LineWriter
from addons.encodings import TooLarge, Undecodable, decoded
from addons.observed import Listener, Record

PATH = "LLM_ROUTER_LARGE_REQUEST_LOG_PATH"
FILE = "large-requests.jsonl"
# a compressed body is decoded when it could be large
RATIO = 50
# of a line of the activity log, what tells which request it was
KEPT = ("v", "id", "time", "tool", "client", "requested", "served", "status", "error")


class LargeRequests:
    """An observer of requests whose bodies have `threshold` bytes or more (None: of none), which may change. `limit`
    is what a body may expand to."""

    def __init__(
        self,
        place: Path,
        rotation: Rotation,
        threshold: Callable[[], int | None],
        limit: Callable[[], int],
        complain: Callable[[str], None],
        *,
        ours: bool = True,
    ) -> None:
        """`ours`: the folder of `place` is the router's own, and is closed to others."""
        self._writer = LineWriter(Appended(place, rotation, ours=ours), complain, "the log of large requests")
        self._threshold = threshold
        self._limit = limit

    def opened(self, ask: Ask, request_id: str) -> Listener | None:
        threshold = self._threshold()
        if threshold is None or len(ask.body) * RATIO < threshold:
            return None
        coding = ask.headers.get("content-encoding", "")
        if not coding and len(ask.body) < threshold:
            return None
        try:
            body = decoded(ask.body, coding, self._limit())
        except (Undecodable, TooLarge):
            body = ask.body
        return None if len(body) < threshold else _Large(self._writer, len(ask.body), len(body), _shape(body))

    def close(self) -> None:
        """Writes what is waiting. Blocks for a short time."""
        self._writer.close()


def place_of(env: Mapping[str, str], folder: Path) -> tuple[Path, bool]:
    """The file, and whether its folder is the router's own."""
    named = env.get(PATH)
    return (Path(named).expanduser(), False) if named else (folder / FILE, True)


def _shape(body: bytes) -> Shape | None:
    """None of what is no JSON object."""
    try:
        value = jsonio.loads(body)
    except ValueError:
        return None
    return shape_of(value) if isinstance(value, dict) else None


class _Large:
    """One large request, until its end is known."""

    def __init__(self, writer: LineWriter, sent: int, size: int, shape: Shape | None) -> None:
        self._writer = writer
        self._sent = sent
        self._size = size
        self._shape = shape

    def sent(self, data: bytes) -> None:
        """Of no interest: what is not here when the request is opened is passed on as it comes."""

    def said(self, data: bytes) -> None:
        """Of no interest."""

    def done(self, record: Record) -> None:
        known = as_json(entry_of(record))
        value = {name: known[name] for name in KEPT} | {"sentBytes": self._sent, "bytes": self._size}
        value["shape"] = None if self._shape is None else _as_json(self._shape)
        self._writer.put(json.dumps(value, separators=(",", ":")).encode() + b"\n")


def _as_json(shape: Shape) -> dict[str, Any]:
    return {
        "nodes": shape.nodes,
        "complete": shape.complete,
        "depth": shape.depth,
        "messages": shape.messages,
        "tools": shape.tools,
        "toolTypes": list(shape.tool_types),
        "kinds": shape.kinds,
        "textBytes": shape.members,
        "largestTexts": [{"path": text.path, "bytes": text.size} for text in shape.texts],
    }
