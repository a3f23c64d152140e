"""The debug headers: what the router decided, one header each.

Source: the predecessor's list; a value has at most 512 characters, a list at most 8 entries.
"""

from collections.abc import Iterable, Sequence

from addons.core.attempt import Attempt
from addons.core.http import Headers
from addons.core.model import Loss
from addons.core.plan import Candidate, Route

VALUE_LIMIT = 512
LIST_LIMIT = 8


def debug_headers(
    route: Route | None,
    failed: Sequence[Attempt],
    selected: Candidate | None,
    losses: Sequence[Loss],
    skipped: Sequence[str] = (),
) -> Headers:
    """`failed` are the attempts that did not commit, `selected` the candidate that did, `skipped` those that were not
    asked, with the reason."""
    if route is None:
        return ()
    values = {
        "requested-model": route.requested,
        "route-type": route.kind,
        "route-ref": route.ref,
        "route-strategy": route.strategy,
        "selected-candidate": f"{selected.ref} ({selected.dialect})" if selected else "",
        "skipped-candidates": _listed(dict.fromkeys((*route.skipped, *skipped))),
        "attempts": _listed(str(attempt) for attempt in failed),
        "losses": _listed(f"{loss.path}: {loss.why}" for loss in losses),
    }
    return tuple((f"x-llm-router-{name}", _printable(value)) for name, value in values.items() if value)


def _listed(items: Iterable[str]) -> str:
    return ", ".join(list(items)[:LIST_LIMIT])


def _printable(value: str) -> str:
    """Header values are visible ASCII (RFC 9110 §5.5); anything else becomes a question mark."""
    return "".join(char if " " <= char <= "~" else "?" for char in value[:VALUE_LIMIT])
