"""What `llr route explain --amp` says: what a request of AMP's is taken for, and whom it goes to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llr_cli import render

if TYPE_CHECKING:
    from addons.amp.resolve import AmpDecision
    from addons.core.model import DialectName
    from addons.core.plan import Plan


def decided(
    plan: "Plan", model: str, dialect: "DialectName", said: Mapping[str, str | None], helper: str | None
) -> "AmpDecision":
    """The decision for a request on AMP's paths with these headers (None: without it), of `helper` if one asks."""
    from dataclasses import replace

    from addons.amp.hints import entity_name, read_hints
    from addons.amp.resolve import resolve_amp

    headers = {name: value for name, value in said.items() if value is not None}
    hints = read_hints(headers, {}, model=model, native=True)
    if helper is not None:
        hints = replace(hints, agent=entity_name(helper), why="--helper says so")
    return resolve_amp(plan.amp, plan, hints, model, dialect)


def summary(found: "AmpDecision") -> dict[str, Any]:
    return {
        "entity": found.entity,
        "mode": found.mode,
        "helper": found.hints.agent,
        "matchedBy": found.matched_by,
        "matchedRef": found.matched_ref,
        "upstream": found.upstream,
        "steps": list(found.steps),
    }


def show(found: "AmpDecision") -> None:
    render.line(f"AMP asks for {found.requested!r}")
    for n, step in enumerate(found.steps, 1):
        render.line(f"  {n}. {step}")
