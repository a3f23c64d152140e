"""What mitmproxy has written (`mitmdump -w`) as requests of a capture, by the way that every request goes into one.

A dump holds everything, keys included; what comes out of here went through a `Redactor` first.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from mitmproxy import http
from mitmproxy.exceptions import FlowReadException
from mitmproxy.io import FlowReader

from addons.capture import ANSWER_LIMIT, Judge, wire_of, without_coding
from addons.core import endpoints, jsonio
from addons.core.capture_line import Answer, line_of, whole
from addons.core.errors import BadRequest, ErrorClass, RemoteDataError
from addons.core.events import Usage
from addons.core.frames import Frames, Talk
from addons.core.http import Ask
from addons.core.redact import Mode, Redactor
from addons.core.sites import engine_path
from addons.observed import Record
from addons.passing import begun
from addons.records import CANCELLED
from addons.replaying import answer_in
from addons.router import ask

# mitmproxy's files are netstrings: how many bytes follow, and a colon
_BEGIN = re.compile(rb"\d{1,12}:")
LOOK = 13
BODY_LIMIT = 64 * 1024 * 1024


class NoDump(Exception):
    """There is nothing of mitmproxy's in it; the text says why."""


def is_dump(begin: bytes) -> bool:
    """Whether a file that begins so (LOOK bytes are enough) is one of mitmproxy's. No JSON begins with a number and a
    colon."""
    return bool(_BEGIN.match(begin))


class Dump:
    """The requests of a dump, as those of a capture's folder. `open_file` gives it anew, as often as it is read;
    `known` are secrets of the configuration."""

    def __init__(
        self,
        open_file: Callable[[], BinaryIO],
        mode: Mode,
        known: Iterable[str] = (),
        judge: Judge = lambda record: None,
        key: bytes | None = None,
    ) -> None:
        self._open = open_file
        self._redactor = Redactor(mode, key or secrets.token_bytes(32), known)
        self._judge = judge

    def requests(self) -> Iterator[dict[str, Any]]:
        """Every HTTP request, in the order of their ends. What a program that was killed left half written at the end
        is passed over. Raises NoDump and OSError."""
        count = 0
        with closing(self._open()) as file:
            try:
                for flow in FlowReader(file).stream():
                    count += 1
                    if isinstance(flow, http.HTTPFlow):
                        yield self._request(flow)
            except FlowReadException as problem:
                if not count:
                    raise NoDump(f"mitmproxy cannot read it: {problem}") from None

    lines = requests

    def _request(self, flow: http.HTTPFlow) -> dict[str, Any]:
        asked, answer = _asked(flow), _answer(flow)
        record = _record(flow, asked, answer)
        wire = wire_of(asked, BODY_LIMIT)
        line = line_of(self._redactor.for_request(wire), wire, record, answer, self._judge(record)).value
        parts = {name: jsonio.loads(text) for name, text in line.parts.items()}
        return whole(jsonio.loads(jsonio.dumps(line.value)), parts)


def dump_file(path: Path) -> Callable[[], BinaryIO] | None:
    """How the dump at `path` is opened; None when the file is none. Raises OSError."""
    if path.is_dir():
        return None
    with path.open("rb") as file:
        if not is_dump(file.read(LOOK)):
            return None
    return lambda: path.open("rb")


def dump_bytes(data: bytes) -> Callable[[], BinaryIO] | None:
    """As `dump_file`, of bytes."""
    return (lambda: BytesIO(data)) if is_dump(data[:LOOK]) else None


def _asked(flow: http.HTTPFlow) -> Ask:
    """The request; where the engine does not know its path, under that which it has for what is asked of the host."""
    asked = ask(flow.request)
    if endpoints.find(asked.method, asked.path) is not None:
        return asked
    return replace(asked, path=engine_path(flow.request.host, asked.method, asked.path) or asked.path)


def _answer(flow: http.HTTPFlow) -> Answer:
    """Without a body where mitmproxy kept none: it streamed the answer."""
    data = None if flow.response is None else flow.response.raw_content
    if flow.response is None or data is None:
        return Answer(None, 0)
    kept = without_coding(data, flow.response.headers.get("content-encoding", ""), ANSWER_LIMIT)
    return Answer(kept, len(data))


def _record(flow: http.HTTPFlow, asked: Ask, answer: Answer) -> Record:
    at, response = flow.request.timestamp_start, flow.response
    record = replace(begun(asked, at), id=f"req_{flow.id.replace('-', '')}", passed_on=False, talk=_talk(flow))
    left = flow.error is not None and "disconnect" in flow.error.msg.lower()
    if response is None:
        return replace(record, status=CANCELLED if left else 502, left=left, error=None if left else ErrorClass.NETWORK)
    broken = None if flow.error is None or left else ErrorClass.TRUNCATED
    end = response.timestamp_end or response.timestamp_start
    return replace(
        record,
        status=response.status_code,
        first_event=max(response.timestamp_start - at, 0.0),
        total=max(end - at, 0.0),
        usage=_usage(record, answer),
        left=left,
        broken=broken,
    )


def _usage(record: Record, answer: Answer) -> Usage:
    if not answer.data or not record.requested:
        return Usage()
    try:
        found = answer_in(record.client, answer.data)
    except (RemoteDataError, BadRequest):
        return Usage()
    return Usage() if found is None else found.usage


def _talk(flow: http.HTTPFlow) -> Talk | None:
    """mitmproxy keeps messages, and not in how many frames they came."""
    if flow.websocket is None:
        return None
    sizes = [[len(each.content) for each in flow.websocket.messages if each.from_client is up] for up in (True, False)]
    sent, received = (Frames(len(each), len(each), sum(each)) for each in sizes)
    return Talk(sent, received)
