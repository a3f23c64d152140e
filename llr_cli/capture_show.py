"""How captures are shown."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llr_cli import render, units

if TYPE_CHECKING:
    from addons.core.capture_diff import Change
    from addons.core.capture_suggest import Suggestion

MODELS = ("tool", "mode", "feature", "forced tool", "taken for", "model", "requests", "failed", "verdict")
COUNTED = ("tools", "statuses", "served", "errors", "losses")


def report(summary: Mapping[str, Any], models: Sequence[Mapping[str, Any]]) -> None:
    if not summary["requests"]:
        render.line("Nothing was captured.")
        return
    render.line(f"{summary['requests']} requests, {summary['failed']} failed, {summary['first']} to {summary['last']}")
    for name in COUNTED:
        if summary[name]:
            render.line(f"{name}: {', '.join(f'{each} ({number})' for each, number in summary[name].items())}")
    tokens = summary["tokens"]
    if tokens:
        render.line(f"tokens: {', '.join(f'{units.count(number)} {name}' for name, number in tokens.items())}")
    render.table(MODELS, [_model(each) for each in models])


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
