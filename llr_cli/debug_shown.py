"""How `llr debug` shows things: in lines for people, and as JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from llr_cli import render

if TYPE_CHECKING:
    from addons.amp.resolve import AmpDecision
    from addons.core.debug_meanings import Explained
    from addons.core.plan import Route
    from addons.rehearsal import Change, Rehearsal, Sent

SHOWN = 160  # characters of a text in a body that is not shown whole
INDENT = 13
LISTED = 12  # entries of a list


def headers(answers: Sequence[Sequence["Explained"]]) -> None:
    for number, answer in enumerate(answers, 1):
        if len(answers) > 1:
            render.heading(f"answer {number} of {len(answers)}")
        for each in answer:
            render.line(f"{each.name}: {each.value}")
            render.line(f"    {each.meaning}")
            for part in each.parts:
                render.line(f"    - {part}")


def header(each: "Explained") -> dict[str, Any]:
    return {"name": each.name, "value": each.value, "meaning": each.meaning, "parts": list(each.parts)}


def steps(found: "Rehearsal", *, full: bool) -> None:
    for number, (name, text) in enumerate(_steps(found), 1):
        render.line(f"{number}. {name:<10}{text}")
    for note in found.notes:
        render.line(f"   note: {note}")
    if found.route is not None and len(found.route.candidates) > 1:
        render.line("   They are shown as configured; who is asked first also depends on strategy, limits and rests.")
    for number, sent in enumerate(found.sent, 1):
        _candidate(number, sent, found.sent[: number - 1], full=full)
    if found.problem is not None:
        render.error(f"{found.problem.status} {found.problem.cls}: {found.problem.message}")
        if found.problem.hint:
            render.line(found.problem.hint)


def _steps(found: "Rehearsal") -> Iterable[tuple[str, str]]:
    ask, endpoint = found.ask, found.endpoint
    yield "request", f"{ask.method} {ask.path}, {len(ask.body):,} bytes"
    yield "tool", f"{found.tool} (by path and headers)"
    if endpoint is None:
        return
    yield "endpoint", str(endpoint.kind)
    if found.dialect is None:
        return
    yield "dialect", f"{found.dialect} ({'detected from the body' if found.detected else 'by the path'})"
    yield "model", f"{json.dumps(found.model) if found.model else 'none: the default'}, {_way(found.stream)}"
    if found.amp is not None:
        yield "amp", _amp(found.amp)
    if found.route is not None:
        yield "route", _route(found.route)


def _amp(amp: "AmpDecision") -> str:
    """What a request of AMP's was taken for, and how it came to that."""
    taken = f"{amp.entity or 'nothing known'}{f', mode {amp.mode}' if amp.mode else ''}"
    matched = f"; by {amp.matched_by}: {amp.matched_ref or '-'}" if amp.matched_by else ""
    steps = "".join(f"\n{' ' * INDENT}- {step}" for step in amp.steps)
    return f"{json.dumps(amp.requested)} is taken for {taken}{matched}{steps}"


def _way(stream: bool) -> str:
    return "streamed" if stream else "as a whole"


def _route(route: "Route") -> str:
    text = f"{route.kind} {route.ref} (strategy: {route.strategy})"
    names = ", ".join(candidate.ref for candidate in route.candidates)
    skipped = "".join(f"; skipped {each}" for each in route.skipped)
    return f"{text} → {names or 'nobody'}{skipped}"


def _candidate(number: int, sent: "Sent", before: Sequence["Sent"], *, full: bool) -> None:
    from addons.core.shown_url import shown_url

    candidate = sent.candidate
    render.heading(f"candidate {number}: {candidate.ref} ({candidate.dialect}, {candidate.tier})")
    render.line(f"  POST {shown_url(sent.url)}")
    if sent.headers:
        render.line(f"  headers: {', '.join(sent.headers)}")
    if sent.refusal:
        render.failure(f"  refused before it is asked: {sent.refusal}")
    for url in sent.fetched:
        render.line(f"  fetched before: {url}")
    if sent.as_it_came:
        _unchanged(sent)
    elif sent.value is not None:
        _translated(sent, before, full=full)
    if sent.losses:
        rows = [(loss.path, loss.why, "content" if loss.content else "setting") for loss in sent.losses]
        render.table(("lost", "why", "what it is"), rows)


def _unchanged(sent: "Sent") -> None:
    render.line("  same dialect: the client's own bytes, but for")
    for change in sent.changes:
        render.line(f"    {change.member}: {_change(change)}")
    if not sent.changes:
        render.line("    nothing")
        return
    middle = len(sent.body) - sent.head - sent.tail
    render.line(f"    ({sent.head:,} bytes before and {sent.tail:,} after are the client's own; new: {middle:,})")


def _change(change: "Change") -> str:
    before, after = (_cut(json.dumps(value, ensure_ascii=False)) for value in (change.before, change.after))
    return f"{before} → {after}"


def _translated(sent: "Sent", before: Sequence["Sent"], *, full: bool) -> None:
    assert sent.value is not None
    render.line(f"  translated to {sent.candidate.dialect}: {len(sent.body):,} bytes")
    for name, wire in (sent.tools or {}).items():
        render.line(f"  tool {name} is called {wire} there")
    for name in sent.searches:
        render.line(f"  calls of {name} are answered by the router, which searches the web itself")
    if not sent.losses:
        render.line("  nothing is lost")
    twin = next((each for each in before if _alike(each, sent)), None)
    if twin is not None:
        render.line(f"  the body is that of {twin.candidate.ref}, with its own model")
        return
    shown = sent.value if full else _abridged(sent.value)
    render.line(_indented(json.dumps(shown, indent=2, ensure_ascii=False)))


def _alike(one: "Sent", other: "Sent") -> bool:
    if one.as_it_came or one.value is None or other.value is None:
        return False
    return {**one.value, "model": None} == {**other.value, "model": None}


def _abridged(value: Any) -> Any:
    """The same with long texts and lists cut."""
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, dict):
        return {key: _abridged(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        shown = [_abridged(item) for item in value[:LISTED]]
        return shown if len(value) <= LISTED else [*shown, f"… {len(value) - LISTED} more (--full shows them)"]
    return value


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def as_json(found: "Rehearsal") -> dict[str, Any]:
    """Everything, whole."""
    problem, route, ask = found.problem, found.route, found.ask
    return {
        "ok": problem is None,
        "request": {"method": ask.method, "path": ask.path, "bytes": len(ask.body)},
        "tool": found.tool,
        "endpoint": None if found.endpoint is None else str(found.endpoint.kind),
        "dialect": None if found.dialect is None else str(found.dialect),
        "detected": found.detected,
        "model": found.model,
        "stream": found.stream,
        "amp": None if found.amp is None else _amp_json(found.amp),
        "route": None
        if route is None
        else {"type": route.kind, "ref": route.ref, "strategy": route.strategy, "skipped": list(route.skipped)},
        "candidates": [_sent_json(sent) for sent in found.sent],
        "notes": list(found.notes),
        "problem": None
        if problem is None
        else {"status": problem.status, "class": str(problem.cls), "message": problem.message, "hint": problem.hint},
    }


def _amp_json(amp: "AmpDecision") -> dict[str, Any]:
    return {
        "requested": amp.requested,
        "entity": amp.entity,
        "mode": amp.mode,
        "matchedBy": amp.matched_by,
        "matchedRef": amp.matched_ref,
        "upstream": amp.upstream,
        "steps": list(amp.steps),
    }


def _sent_json(sent: "Sent") -> dict[str, Any]:
    from addons.core.shown_url import shown_url

    candidate = sent.candidate
    return {
        "ref": candidate.ref,
        "dialect": str(candidate.dialect),
        "tier": candidate.tier,
        "url": shown_url(sent.url),
        "headers": list(sent.headers),
        "asItCame": sent.as_it_came,
        "changes": [{"member": each.member, "before": each.before, "after": each.after} for each in sent.changes],
        "kept": {"head": sent.head, "tail": sent.tail} if sent.as_it_came else None,
        "bytes": len(sent.body),
        "body": None if sent.as_it_came else sent.value,
        "tools": dict(sent.tools or {}),
        "searches": list(sent.searches),
        "losses": [{"path": loss.path, "why": loss.why, "content": loss.content} for loss in sent.losses],
        "fetched": list(sent.fetched),
        "refusal": sent.refusal or None,
    }
