"""The search for an answer: candidates are tried until one commits or nothing is left. Any kind of request is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from addons.amp.resolve import AmpDecision
from addons.booking import Booking, NoRoom
from addons.call import Outcome
from addons.closing import close
from addons.core.attempt import Attempts, GiveUp, Try
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.core.events import Usage
from addons.core.http import Reply
from addons.core.model import DialectName
from addons.core.plan import Candidate, Route
from addons.dispatch import Dispatcher, Lineup
from addons.patience import Spawn
from addons.reading import AttemptFailed

log = logging.getLogger("llr")


@dataclass(slots=True)
class Trace:
    """What one request went through, for its debug headers and its refusal. `selected` is who answers."""

    request_id: str
    dialect: DialectName
    route: Route | None = None
    attempts: Attempts | None = None
    outcome: Outcome | None = None
    selected: Candidate | None = None
    tried: tuple[str, ...] = ()
    skipped: list[str] = field(default_factory=list)
    tools: tuple[str, ...] = ()
    context: int = 0
    overridden: bool = False
    joined: bool = False
    # Unix seconds: when the request came in, and when its answer began
    begun: float = 0.0
    answered: float | None = None
    requested: str = ""
    stream: bool = False
    error: ErrorClass | None = None
    # what was decided of a request of AMP's
    amp: AmpDecision | None = None
    # the window that the client is known to expect, in tokens
    demanded: int = 0


class Unanswered(Exception):
    """Every candidate failed. `info` is the most useful failure; `verbatim` the provider's own words for it, when the
    client can read them."""

    def __init__(self, info: ErrorInfo, verbatim: Reply | None = None) -> None:
        super().__init__(info.message)
        self.info = info
        self.verbatim = verbatim


@dataclass(frozen=True, slots=True)
class Search:
    """Asks the candidates of `lineup`, in the order of `attempts`. `hedge` is after how many seconds of silence the
    second one is asked beside the first (None: never)."""

    dispatcher: Dispatcher
    lineup: Lineup
    attempts: Attempts
    attempt: Callable[[Booking], Awaitable[Outcome]]
    trace: Trace
    sleep: Callable[[float], Awaitable[None]]
    spawn: Spawn
    asked: Callable[[Candidate], None]
    hedge: float | None = None


type Failure = AttemptFailed | NoRoom


async def seek(search: Search) -> Outcome:
    """The first outcome. Raises Unanswered, and what `attempt` raises but AttemptFailed."""
    attempts, trace = search.attempts, search.trace
    trace.attempts = attempts
    failures: list[Failure] = []
    step: Try | GiveUp = attempts.first()
    while isinstance(step, Try):
        if step.delay:
            await search.sleep(step.delay)
        found = await _tried(search, step)
        if isinstance(found, Outcome):
            return found
        for failure in found:
            failures.append(failure)
            step = _after(failure, attempts, trace)
            if isinstance(step, GiveUp):
                break
    trace.tried = tuple(str(each) for each in attempts.log)
    chosen = failures[step.index]
    raise Unanswered(step.error, chosen.verbatim if isinstance(chosen, AttemptFailed) else None)


def _after(failure: Failure, attempts: Attempts, trace: Trace) -> Try | GiveUp:
    if isinstance(failure, NoRoom):
        trace.skipped.append(failure.why)
        log.info("%s %s", trace.request_id, failure.why)
        return attempts.passed_over(failure.info, rests=failure.rests)
    following = attempts.failed(failure.info)
    log.info("%s %s: %s", trace.request_id, attempts.log[-1], failure.info.message)
    return following


async def _tried(search: Search, step: Try) -> Outcome | list[Failure]:
    """The outcome of a step, or what failed in it."""
    following = search.attempts.following
    if step.number == 1:
        search.asked(step.candidate)
    if search.hedge is not None and following is not None and step.number == 1 and not search.attempts.log:
        return await _hedged(search, search.hedge, step.candidate, following)
    try:
        return await one(search, step.candidate, revived=step.revived)
    except (AttemptFailed, NoRoom) as failure:
        return [failure]


async def one(search: Search, candidate: Candidate, *, revived: bool = False) -> Outcome:
    """One attempt, with everything that it takes and leaves behind. Raises NoRoom, and what `attempt` raises."""
    booking = search.dispatcher.book(search.lineup, candidate, revived=revived)
    try:
        outcome = await search.attempt(booking)
    except AttemptFailed as failure:
        if failure.headers is not None:
            booking.answered(failure.headers)
        booking.failed(failure.info, taken=_was_taken(failure))
        raise
    except BadRequest:
        booking.ended(None)
        raise
    except BaseException:  # the client has left, or somebody else was quicker, or there is no room for another call
        booking.ended(Usage())
        raise
    return _kept(search.trace, booking, outcome)


def _was_taken(failure: AttemptFailed) -> bool:
    return failure.headers is not None or failure.info.cls is ErrorClass.TIMEOUT


def _kept(trace: Trace, booking: Booking, outcome: Outcome) -> Outcome:
    booking.answered(outcome.headers)
    booking.committed()
    if outcome.stream is None:
        booking.ended(outcome.usage)
    else:
        outcome.stream.ended = booking.ended
    trace.outcome, trace.selected = outcome, booking.candidate
    if outcome.losses:
        lost = "; ".join(f"{loss.path}: {loss.why}" for loss in outcome.losses)
        log.info("%s lost on the way to %s: %s", trace.request_id, booking.candidate.ref, lost)
    return outcome


async def _hedged(search: Search, delay: float, first: Candidate, second: Candidate) -> Outcome | list[Failure]:
    """Asks `first`, and `second` too when `first` is silent for `delay` seconds. Whoever begins first answers."""
    one_task = search.spawn(_result(search, first), "ask")
    tasks = [one_task]
    try:
        await asyncio.wait(tasks, timeout=delay)
        if not one_task.done():
            search.attempts.accompanied()
            search.asked(second)
            tasks.append(search.spawn(_result(search, second), "ask beside"))
        return await _first_of(tasks)
    finally:
        await _dismiss(tasks)


async def _first_of(tasks: "list[asyncio.Task[Outcome | Exception]]") -> Outcome | list[Failure]:
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        winner = next((task for task in tasks if task in done and isinstance(task.result(), Outcome)), None)
        if winner is not None:
            tasks.remove(winner)
            outcome = winner.result()
            assert isinstance(outcome, Outcome)
            return outcome
    failures: list[Failure] = []
    for task in tasks:
        error = task.result()
        if not isinstance(error, (AttemptFailed, NoRoom)):
            assert isinstance(error, Exception)
            raise error
        failures.append(error)
    return failures


async def _result(search: Search, candidate: Candidate) -> Outcome | Exception:
    """The outcome, or the failure as a value: a task whose failure nobody asks for would be taken for a fault."""
    try:
        return await one(search, candidate)
    except (AttemptFailed, NoRoom, BadRequest) as error:
        return error


async def _dismiss(tasks: "list[asyncio.Task[Outcome | Exception]]") -> None:
    """Ends those that were too slow, and gives back what they found in the last moment."""
    for task in tasks:
        task.cancel()
    for found in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(found, Outcome) and not isinstance(found.reply.body, bytes):
            await close(found.reply.body)
