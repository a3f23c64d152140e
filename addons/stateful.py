"""Conversations for providers that keep none: `previous_response_id` and `item_reference` over HTTP.

What a Responses client is answered is remembered, by whichever provider, unless the client says `store: false`. A later
request that names it goes as it is to the provider that keeps the conversation itself; to every other one it goes with
the conversation in it (`continued`). Whoever knows an id may use it, as far as the router's own gate lets him in.
What it refuses to do: go on with a conversation that neither the router nor a provider of the same dialect knows.
Source: OpenAI API reference, "Conversation state".
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Self

from addons.call import Edge, Outcome, call
from addons.closing import close
from addons.continued import Continued
from addons.core import jsonio
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.core.http import Reply
from addons.core.model import DialectName
from addons.core.plan import Candidate, Plan, Route
from addons.core.response_ending import NOTED, Ending
from addons.core.response_store import Item, ResponseStore, completed_response, input_items, reference
from addons.core.sse import SseParser
from addons.job import Job

NOT_FOUND = "previous_response_not_found"
# conversations that begin with what only a provider knows
_ELSEWHERE = ("conversation", "prompt")

type Seen = Callable[[bytes], None]
type Remember = Callable[[str, list[Item]], None]
type Attempt = Callable[[Job, Candidate, Edge], Awaitable[Outcome]]


class NotStored(BadRequest):
    """The request goes on from something that nobody knows."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.param or "", info.message)
        self._info = info

    def info(self) -> ErrorInfo:
        return self._info


class Conversations:
    """What is known of them stands in `store`; `clock` tells the time of day."""

    def __init__(self, store: ResponseStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def continued(self, plan: Plan, job: Job, route: Route, name: str) -> tuple[Job, Route]:
        """The job with its conversation in it, and who can be asked: with an id that only its own provider may know,
        candidates of the same dialect alone. `name` is unique, and the answer's. Raises NotStored."""
        if job.dialect.name is not DialectName.RESPONSES:
            return job, route
        self._store.limit(plan.responses_age, plan.responses_bytes)
        body = job.body.value
        answer = {
            # providers give the same id again, or none
            "id": f"resp_{name}",
            "created_at": int(self._clock()),
            "previous_response_id": body.get("previous_response_id"),
        }
        job = replace(job, continued=Continued.of(body, self._store), answer=answer)
        problem = _unknown(job.value)
        if problem is None:
            return job, route
        return job, _among_their_own(job, route, problem)

    async def call(self, job: Job, candidate: Candidate, edge: Edge, attempt: Attempt = call) -> Outcome:
        """An attempt whose answer is remembered; raises what `attempt` raises."""
        outcome = await attempt(job, candidate, edge)
        if not _is_kept(job):
            return outcome
        own = candidate.provider.id if job.stays_in_dialect(candidate) else ""
        remember = partial(self._remember, job, input_items(job.value.get("input")), own)
        return replace(outcome, reply=_watched(outcome.reply, remember, job.stream))

    def _remember(self, job: Job, asked: list[Item], own: str, name: str, output: list[Item]) -> None:
        # under a name that the router has given, the provider does not know it
        keeper = "" if name == job.answer.get("id") else own
        self._store.remember(name, asked, output, maker=own, keeper=keeper)


def _unknown(body: Mapping[str, Any]) -> ErrorInfo | None:
    """What a body refers to after everything known has been put in place."""
    previous = body.get("previous_response_id")
    if isinstance(previous, str) and previous:
        message = f"Previous response with id '{previous}' not found."
        return ErrorInfo(
            ErrorClass.INVALID_REQUEST, message, 400, code=NOT_FOUND, param="previous_response_id", hint=_HINT
        )
    items = body.get("input")
    missing = [reference(item) for item in items] if isinstance(items, list) else []
    name = next((name for name in missing if name is not None), None)
    if name is None:
        return None
    # OpenAI says 404 here and 400 above
    return ErrorInfo(ErrorClass.INVALID_REQUEST, f"Item with id '{name}' not found.", 404, param="input", hint=_HINT)


_HINT = (
    "The router keeps answers of providers without a memory of their own for a while, in its own memory alone, and "
    "not those with `store: false`. Send the whole conversation as `input`."
)


def _among_their_own(job: Job, route: Route, problem: ErrorInfo) -> Route:
    own = tuple(each for each in route.candidates if job.stays_in_dialect(each) and each.memory != "none")
    if not own:
        raise NotStored(problem)
    others = (candidate for candidate in route.candidates if candidate not in own)
    skipped = tuple(f"{candidate.ref}: cannot know what the request goes on from" for candidate in others)
    return replace(route, candidates=own, skipped=route.skipped + skipped)


def _is_kept(job: Job) -> bool:
    """Only a conversation that is known from its beginning can be told to somebody else."""
    if job.dialect.name is not DialectName.RESPONSES or job.value.get("store") is False:
        return False
    return not any(job.value.get(name) for name in _ELSEWHERE) and _unknown(job.value) is None


def _watched(reply: Reply, remember: Remember, stream: bool) -> Reply:
    """`reply`, of whose end `remember` hears before the client does."""
    if not isinstance(reply.body, bytes):
        return replace(reply, body=Watched(reply.body, _Listening(remember)))
    if stream:
        _Listening(remember)(reply.body)
    else:
        _look(remember, reply.body)
    return reply


def _look(remember: Remember, data: bytes) -> None:
    """At an answer that is not streamed. Some servers leave its status out."""
    try:
        response = jsonio.loads(data)
    except jsonio.JsonError:
        return
    if isinstance(response, dict):
        kind = f"response.{response.get('status') or 'completed'}"
        completed = completed_response({"type": kind, "response": response})
        if completed is not None:
            remember(*completed)


class _Listening:
    """Hears the pieces of a stream, none of which cuts an event."""

    def __init__(self, remember: Remember) -> None:
        self._remember = remember
        self._ending = Ending()

    def __call__(self, data: bytes) -> None:
        if self._ending.ended or NOTED.search(data) is None:
            return
        parser = SseParser()
        for event in [*parser.feed(data), *parser.finish()]:
            self._ending.note(event)
        if self._ending.id is not None:
            self._remember(self._ending.id, self._ending.output)


class Watched:
    """An async iterator over a body that shows each piece to `seen` first. `aclose()` closes the body."""

    def __init__(self, body: AsyncIterator[bytes], seen: Seen) -> None:
        self._body = body
        self._seen = seen

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        data = await anext(self._body)
        self._seen(data)
        return data

    async def aclose(self) -> None:
        await close(self._body)
