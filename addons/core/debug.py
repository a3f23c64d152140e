"""The debug headers: what the router decided, one header each.

Source: the predecessor's list; a value has at most 512 characters, a list at most 8 entries. New here are losses,
timings, and whether an answer was joined or everybody had to be asked in spite of a rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from addons.amp.resolve import AmpDecision
from addons.core.attempt import Attempt
from addons.core.http import Headers
from addons.core.model import DialectName, Loss
from addons.core.plan import Candidate, Route

PREFIX = "x-llm-router-"
REQUEST_ID = "x-llm-router-request-id"
VALUE_LIMIT = 512
LIST_LIMIT = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """`failed` are the attempts that did not commit, `selected` the candidate that did, `skipped` those that were not
    asked, with the reason. `context` is the window that the request needs (tokens; 0: not estimated), `tools` the
    types of its tools. `overridden`: everybody rested, and one was asked all the same. `joined`: the answer of an equal
    request is shared. `seconds` is the time to the first event, or to the refusal. `amp` is what was decided of a
    request of AMP's, `demanded` the window that AMP expects without saying so."""

    route: Route | None = None
    client: DialectName | None = None
    failed: Sequence[Attempt] = ()
    selected: Candidate | None = None
    losses: Sequence[Loss] = ()
    skipped: Sequence[str] = ()
    context: int = 0
    tools: Sequence[str] = ()
    overridden: bool = False
    joined: bool = False
    seconds: float | None = None
    amp: AmpDecision | None = None
    demanded: int = 0


def debug_headers(decision: Decision) -> Headers:
    """Nothing of a route where there is none; what did not happen has no header."""
    values = told_of_amp(decision.amp) if decision.amp is not None else {}
    if decision.route is not None:
        values |= told(decision, decision.route)
    return tuple((f"{PREFIX}{name}", _printable(value)) for name, value in values.items() if value)


def told(decision: Decision, route: Route) -> dict[str, str]:
    """Every header, by its name without the beginning; "" for what did not happen. What each means is in
    addons/core/debug_meanings.py."""
    selected = decision.selected
    return {
        "requested-model": route.requested,
        "route-type": route.kind,
        "route-ref": route.ref,
        "route-strategy": f"{route.strategy} (overridden)" if decision.overridden else route.strategy,
        "selected-candidate": f"{selected.ref} ({selected.dialect})" if selected else "",
        "credential": selected.credential.id if selected and selected.credential else "",
        "skipped-candidates": _listed(dict.fromkeys((*route.skipped, *decision.skipped))),
        "attempts": _listed(str(attempt) for attempt in decision.failed),
        "losses": _listed(f"{loss.path}: {loss.why}" for loss in sorted(decision.losses, key=_is_setting)),
        "context-required": str(decision.context or ""),
        "context-hint-source": _context_source(decision),
        "context-risk": _risk(decision.context, selected),
        "tool-types": _listed(dict.fromkeys(decision.tools)),
        "tool-routing": _tool_routing(decision),
        "joined": "yes" if decision.joined else "",
        "timing": "" if decision.seconds is None else f"first-event={decision.seconds * 1000:.1f}ms",
    }


def told_of_amp(amp: AmpDecision) -> dict[str, str]:
    """The headers of a request of AMP's, in the same way; they are those of the predecessor's 1.x."""
    return {
        "amp-detected": "yes",
        "amp-mode": amp.mode or "",
        "amp-agent": amp.hints.agent or ("" if amp.is_mode else amp.entity or ""),
        "amp-application": amp.hints.application or "",
        "amp-requested-model": amp.requested,
        "amp-matched-by": amp.matched_by,
        "amp-matched-ref": amp.matched_ref,
    }


def tool_types(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of the tools in a client's body; those without a type are functions. Gemini has one member a type."""
    tools = body.get("tools")
    found: list[str] = []
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict):
            kind = tool.get("type")
            declared = [name for name in tool if name not in _MEMBERS] if kind is None and "name" not in tool else []
            found += [kind] if isinstance(kind, str) else declared or ["function"]
    return tuple(found)


_MEMBERS = frozenset({"description", "input_schema", "parameters", "cache_control", "defer_loading"})


def _is_setting(loss: Loss) -> bool:
    """There may be more than fit: what somebody should have read comes first."""
    return not loss.content


def _context_source(decision: Decision) -> str:
    if not decision.context:
        return ""
    return "amp" if decision.demanded >= decision.context else "estimate"


def _risk(context: int, selected: Candidate | None) -> str:
    if not context or selected is None:
        return ""
    window = selected.model.context_window
    if window is None:
        return "unknown"
    return "none" if context <= window else "too-large"


def _tool_routing(decision: Decision) -> str:
    if not decision.tools or decision.selected is None:
        return ""
    return "unchanged" if decision.selected.dialect is decision.client else "translated"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(list(items)[:LIST_LIMIT])


def _printable(value: str) -> str:
    """Header values are visible ASCII (RFC 9110 §5.5); anything else becomes a question mark."""
    return "".join(char if " " <= char <= "~" else "?" for char in value[:VALUE_LIMIT])
