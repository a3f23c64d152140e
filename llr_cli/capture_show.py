"""How captures are shown."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from llr_cli import render, units

if TYPE_CHECKING:
    from addons.core.capture_diff import Change
    from addons.core.capture_suggest import Suggestion

MODELS = ("tool", "mode", "feature", "forced tool", "taken for", "model", "requests", "failed", "verdict")
COLUMNS = ("time", "tool", "mode", "asked for", "answered by", "status", "total")
_HIDDEN = re.compile(r"\[REDACTED [^\]]*\]")
COUNTED = ("tools", "statuses", "served", "errors", "losses")


def report(summary: Mapping[str, Any], models: Sequence[Mapping[str, Any]]) -> None:
    if not summary["requests"]:
        render.line("Nothing was captured.")
        return
    render.line(
        f"{summary['requests']} requests, {summary['failed']} failed, {_span(summary['first'], summary['last'])}"
    )
    for name in COUNTED:
        if summary[name]:
            render.line(f"{name}: {', '.join(f'{each} ({number})' for each, number in summary[name].items())}")
    tokens = summary["tokens"]
    if tokens:
        render.line(f"tokens: {', '.join(f'{units.count(number)} {name}' for name, number in tokens.items())}")
    render.table(MODELS, [_model(each) for each in models])


def _span(first: str, last: str) -> str:
    begin, end = _clock(first, "%Y-%m-%d %H:%M:%S"), _clock(last, "%Y-%m-%d %H:%M:%S")
    # the day is said once
    return f"{begin} to {end[11:] if begin[:11] == end[:11] else end}"


def _clock(moment: str, form: str) -> str:
    """A moment of a capture, by the clock of whoever reads it."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime(form)
    except ValueError:
        return moment


def row(value: Mapping[str, Any]) -> tuple[str, ...]:
    """A line of a capture as a row of the live table."""
    response, context, routed = value["response"], value["context"], value["routed"]
    asked = str(value.get("requested") or value["request"].get("path"))
    return (
        _clock(str(value.get("time", "")), "%H:%M:%S"),
        str(value.get("tool")),
        context.get("entity") or context.get("mode") or context.get("forced") or "",
        _HIDDEN.sub("…", asked),
        "its own server" if routed.get("passedOn") else routed.get("served") or "-",
        f"{response.get('status') or '-'} {_outcome(response)}".strip(),
        units.duration((response.get("totalMs") or 0.0) / 1000),
    )


def _outcome(response: Mapping[str, Any]) -> str:
    socket = response.get("socket")
    if socket:
        return f"{socket['sent']['messages']} messages sent, {socket['received']['messages']} received"
    return response.get("error") or response.get("broken") or ("the client left" if response.get("left") else "")


def _model(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("tool", "mode", "feature", "forced", "entity", "model", "requests", "failed")
    words = (str(entry.get(name, "")) for name in names)
    return (*words, verdict(entry.get("verdict")))


def verdict(found: Mapping[str, Any] | None) -> str:
    """What the configuration made of a name, in words."""
    if found is None:
        return "not asked"
    if not found.get("known"):
        return "nothing has this name"
    targets = ", ".join(found.get("targets") or ())
    return f"{found.get('kind')} {found.get('ref')}: {targets}" if targets else "known, but nothing behind it answers"


def suggestion(found: "Suggestion") -> None:
    """The document on stdout, so that it can go into a file; what to look at on stderr."""
    render.json(dict(found.document))
    for name, target in found.guessed.items():
        render.warning(f"{name}: {target} is a guess by the name")
    for name in found.open_names:
        render.warning(f"{name}: nothing configured is called alike; put a target in the place of PROVIDER/MODEL")


def changes(found: Sequence["Change"]) -> None:
    if not found:
        render.line("Nothing changed on the wire.")
    kind = ""
    for each in found:
        if each.kind != kind:
            kind = each.kind
            render.heading(kind)
        (render.success if each.added else render.failure)(f"  {'+' if each.added else '-'} {each.what}")
