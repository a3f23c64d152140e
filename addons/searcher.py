"""From a route to an answer: the order of asking, the search itself, and waiting for a limit to reset where the alias
allows it."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from addons.booking import Booking
from addons.call import Outcome
from addons.core.attempt import Attempts
from addons.core.budget import RetryBudget
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.plan import Candidate, Plan, Route
from addons.dispatch import Dispatcher, Lineup
from addons.job import Job
from addons.patience import Spawn
from addons.seek import Search, Trace, Unanswered, seek

# a reset is announced in whole seconds, and clocks differ
SLACK = 0.25
WAITS_FOR = frozenset({ErrorClass.RATE_LIMITED, ErrorClass.BILLING, ErrorClass.OVERLOADED})


@dataclass(frozen=True, slots=True)
class Searcher:
    """One a router. `now` gives Unix seconds, `chance` numbers from 0 up to 1."""

    dispatcher: Dispatcher
    budget: RetryBudget
    now: Callable[[], float]
    chance: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    spawn: Spawn

    async def find(
        self, plan: Plan, job: Job, route: Route, attempt: Callable[[Booking], Awaitable[Outcome]], trace: Trace
    ) -> Outcome:
        """The answer to `job`. Raises Unanswered, and what `attempt` raises but AttemptFailed."""
        self.budget.request(self.now())
        alias = route.alias
        end = self.now() + (alias.hold if alias is not None else 0.0)
        while True:
            lineup = await self.dispatcher.line_up(job, route)
            trace.skipped = list(lineup.skipped)
            trace.context, trace.overridden = lineup.needs.context, lineup.overridden
            nobody = not lineup.candidates or lineup.overridden
            if nobody and lineup.returns is not None and self._worth_it(lineup.returns, end):
                await self.sleep(lineup.returns + SLACK)
                continue
            if not lineup.candidates:
                raise Unanswered(_nobody(route, lineup))
            attempts = Attempts(lineup.candidates, plan.retry, self.chance, self._may_retry, lineup.last_resort)
            hedge = alias.hedge if alias is not None else None
            search = Search(
                self.dispatcher, lineup, attempts, attempt, trace, self.sleep, self.spawn, self._asked, hedge
            )
            try:
                found = await seek(search)
                trace.answered = self.now()
                return found
            except Unanswered as failure:
                wait = failure.info.retry_after
                if wait is None or failure.info.cls not in WAITS_FOR or not self._worth_it(wait, end):
                    raise _with_return(failure, lineup) from None
                await self.sleep(wait + SLACK)

    def _worth_it(self, wait: float, end: float) -> bool:
        return self.now() + wait <= end

    def _may_retry(self, candidate: Candidate) -> bool:
        return self.budget.retry(candidate.ref, self.now())

    def _asked(self, candidate: Candidate) -> None:
        self.budget.asked(candidate.ref, self.now())


def _with_return(failure: Unanswered, lineup: Lineup) -> Unanswered:
    """Everybody rested, and the one that was asked all the same failed: the answer says when to come back."""
    if not lineup.overridden or failure.info.retry_after is not None or lineup.returns is None:
        return failure
    verbatim = failure.verbatim
    if verbatim is not None:
        verbatim = replace(verbatim, headers=(*verbatim.headers, ("retry-after", str(math.ceil(lineup.returns)))))
    return Unanswered(replace(failure.info, retry_after=lineup.returns), verbatim)


def _nobody(route: Route, lineup: Lineup) -> ErrorInfo:
    why = "; ".join(lineup.skipped) or "nobody is left"
    message = f"nothing behind {route.requested or route.ref!r} can be asked now: {why}"
    return ErrorInfo(ErrorClass.RATE_LIMITED, message, status=429, retry_after=lineup.returns, hint=_HINT)


_HINT = "Wait until the limit resets, raise it in the configuration, or add a target to the alias."
