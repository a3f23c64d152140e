"""The routes of the plan that is in force: the same few names are asked for again and again."""

from collections.abc import Callable
from functools import lru_cache, partial

from addons.core.model import DialectName
from addons.core.plan import Plan, Route
from addons.core.resolve import resolve

KEPT = 1024  # names; a client may ask for any, and a glob has a route for each


class Routes:
    """What `resolve` gives, kept as long as the plan stays the same."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._resolve = _kept(plan)

    def find(self, plan: Plan, model: str, dialect: DialectName) -> Route:
        """Raises UnknownModel or NoCandidate."""
        if plan is not self._plan:
            self._plan, self._resolve = plan, _kept(plan)
        return self._resolve(model, dialect)


def _kept(plan: Plan) -> Callable[[str, DialectName], Route]:
    return lru_cache(maxsize=KEPT)(partial(resolve, plan))
