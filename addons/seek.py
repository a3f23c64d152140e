"""The search for an answer: candidates are tried until one commits or nothing is left. Any kind of request is."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from addons.call import AttemptFailed, Outcome
from addons.core.attempt import Attempts, GiveUp
from addons.core.errors import ErrorInfo
from addons.core.http import Reply
from addons.core.model import DialectName
from addons.core.plan import Candidate, Route

log = logging.getLogger("llr")


@dataclass(slots=True)
class Trace:
    """What one request went through, for its debug headers and its refusal."""

    request_id: str
    dialect: DialectName
    route: Route | None = None
    attempts: Attempts | None = None
    outcome: Outcome | None = None
    tried: tuple[str, ...] = ()


class Unanswered(Exception):
    """Every candidate failed. `info` is the most useful failure; `verbatim` the provider's own words for it, when the
    client can read them."""

    def __init__(self, info: ErrorInfo, verbatim: Reply | None) -> None:
        super().__init__(info.message)
        self.info = info
        self.verbatim = verbatim


async def seek(
    attempts: Attempts,
    attempt: Callable[[Candidate], Awaitable[Outcome]],
    trace: Trace,
    sleep: Callable[[float], Awaitable[None]],
) -> Outcome:
    """The first outcome. Raises Unanswered, and what `attempt` raises but AttemptFailed."""
    trace.attempts = attempts
    failures: list[AttemptFailed] = []
    step = attempts.first()
    while True:
        if step.delay:
            await sleep(step.delay)
        try:
            trace.outcome = await attempt(step.candidate)
        except AttemptFailed as failure:
            failures.append(failure)
            following = attempts.failed(failure.info)
            log.info("%s %s: %s", trace.request_id, attempts.log[-1], failure.info.message)
        else:
            _tell_losses(trace, step.candidate)
            return trace.outcome
        if isinstance(following, GiveUp):
            trace.tried = tuple(str(each) for each in attempts.log)
            raise Unanswered(following.error, failures[following.index].verbatim)
        step = following


def _tell_losses(trace: Trace, candidate: Candidate) -> None:
    if trace.outcome is not None and trace.outcome.losses:
        lost = "; ".join(f"{loss.path}: {loss.why}" for loss in trace.outcome.losses)
        log.info("%s lost on the way to %s: %s", trace.request_id, candidate.ref, lost)
