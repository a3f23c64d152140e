"""Captured requests, asked again: of another target, by the router's own engine; and what two answers say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from addons.closing import close
from addons.core import endpoints, jsonio
from addons.core.accumulate import Answer, fold
from addons.core.errors import ErrorInfo
from addons.core.events import Cause
from addons.core.http import Ask, Reply, Upstream
from addons.core.model import DialectName, Text, Thinking, ToolCall
from addons.core.plan import Plan
from addons.dialects import DIALECTS
from addons.exchange import Exchange

SSE = ("event:", "data:", ":")
HIDDEN = "[REDACTED"
# they speak of the bytes and the connection of then
_OF_THEN = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection", "host", "upgrade"})


class NotReplayable(Exception):
    """The request cannot be asked again; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says. `seconds` is how long it took; `problem` the words of a failure."""

    status: int
    model: str = ""
    text: str = ""
    thought: str = ""
    tools: tuple[str, ...] = ()
    finish: str = ""
    tokens: str = ""
    problem: str = ""
    seconds: float = 0.0


def chosen(requests: Iterator[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    """The request whose id begins with `wanted`, else the last one that can be asked again. Raises NotReplayable."""
    found: dict[str, Any] | None = None
    for value in requests:
        fits = str(value.get("id", "")).removeprefix("req_").startswith((wanted or "").removeprefix("req_"))
        if fits and (wanted is not None or _full(value)):
            found = value
    if found is None:
        raise NotReplayable(f"no request has the id {wanted}" if wanted else "there is no request with its texts")
    if not _full(found):
        raise NotReplayable("its texts are hidden: only what was captured with --full can be asked again")
    return found


def _full(value: Mapping[str, Any]) -> bool:
    return value.get("mode") == "full" and value["request"].get("body") is not None


def saved(value: Mapping[str, Any]) -> bytes:
    """A captured request as `addons.core.saved_request` reads it; without what was hidden of it."""
    request = value["request"]
    known = endpoints.find(str(request["method"]), str(request["path"])) is not None
    headers = {name: text for name, text in request["headers"] if name not in _OF_THEN and HIDDEN not in text}
    query = [(name, text) for name, text in request["query"] if HIDDEN not in name and HIDDEN not in text]
    found = {"query": urlencode(query), "headers": headers, "body": request["body"]}
    # a path that this router does not know would be refused, but the body tells what it is
    return jsonio.dumps({**found, "path": request["path"] if known else "/"})


async def replayed(plan: Plan, ask: Ask, upstream: Upstream, dialect: DialectName) -> Said:
    """Asks, and gives what the answer says in `dialect`, the client's."""
    begun = monotonic()
    reply = await Exchange(replace(plan, require_auth=False, debug=True), upstream).answer(ask)
    data = await _whole(reply)
    said = said_in(dialect, reply.status, data)
    served = dict(reply.headers).get("x-llm-router-selected-candidate", "").partition(" ")[0]
    return replace(said, model=served or said.model, seconds=monotonic() - begun)


async def _whole(reply: Reply) -> bytes:
    if isinstance(reply.body, bytes):
        return reply.body
    try:
        return b"".join([data async for data in reply.body])
    finally:
        await close(reply.body)


def captured_answer(value: Mapping[str, Any]) -> Said:
    """What the captured answer says."""
    response = value["response"]
    data = (response.get("body") or "").encode("utf-8", "surrogatepass")
    said = said_in(DialectName(value["client"]), response["status"], data)
    seconds = (response.get("totalMs") or 0.0) / 1000
    return replace(said, model=value["routed"].get("served") or value.get("requested") or said.model, seconds=seconds)


def said_in(dialect: DialectName, status: int, data: bytes) -> Said:
    """What the bytes of an answer say, a stream or not."""
    if status >= 400 or not data:
        return Said(status, problem=DIALECTS[dialect].parse_error(status, {}, data).message if data else "no answer")
    answer = answer_in(dialect, data)
    if answer is None:
        return Said(status, problem="the answer is not what this dialect says")
    return Said(
        status,
        model=answer.model or "",
        text="".join(part.text for part in answer.parts if isinstance(part, Text)),
        thought="".join(part.text for part in answer.parts if isinstance(part, Thinking)),
        tools=tuple(f"{part.name}({part.arguments})" for part in answer.parts if isinstance(part, ToolCall)),
        finish="" if answer.finish is None else str(answer.finish),
        tokens=f"{answer.usage.input or 0} in, {answer.usage.output or 0} out",
        problem=_words(answer.error),
    )


def _words(error: ErrorInfo | None) -> str:
    return "" if error is None else error.message


def answer_in(dialect: DialectName, data: bytes) -> Answer | None:
    """What the bytes of an answer are in `dialect`; None when they are neither a stream nor JSON. Raises
    RemoteDataError."""
    if data.lstrip().startswith(tuple(each.encode() for each in SSE)):
        decoder = DIALECTS[dialect].decoder()
        return fold([*decoder.feed(data), *decoder.finish(Cause.COMPLETE)])
    try:
        body = jsonio.loads(data)
    except ValueError:
        return None
    return fold(DIALECTS[dialect].parse_response(body)) if isinstance(body, dict) else None


def side_by_side(captured: Said, now: Said) -> Sequence[tuple[str, str, str]]:
    """Rows: what, then, now. What neither says has none."""
    rows = [
        ("status", str(captured.status), str(now.status)),
        ("model", captured.model, now.model),
        ("thought", captured.thought, now.thought),
        ("text", captured.text, now.text),
        ("tools", "\n".join(captured.tools), "\n".join(now.tools)),
        ("finish", captured.finish, now.finish),
        ("tokens", captured.tokens, now.tokens),
        ("problem", captured.problem, now.problem),
        ("seconds", f"{captured.seconds:.2f}", f"{now.seconds:.2f}"),
    ]
    return [row for row in rows if row[1] or row[2]]
