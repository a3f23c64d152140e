"""Token counts: asked of the first candidate that counts, else estimated, and labelled as an estimate.

A count takes the place of one request, of no tokens, in its provider's limits; where there is no room it is estimated.
What becomes of it says nothing of the model's health, nor its headers of the model's limits: vendors count it apart.

Sources: Anthropic API reference, "Count Message tokens"; Gemini API reference, "countTokens"; OpenAI API reference,
"Get input token counts".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from addons.booking import BookedUpstream, NoRoom
from addons.call import Edge, with_query
from addons.config.urls import sibling
from addons.core import jsonio
from addons.core.errors import BadRequest, ErrorClass
from addons.core.estimate import estimate
from addons.core.events import Usage
from addons.core.headers import client_headers, upstream_headers
from addons.core.http import Reply, UpstreamFailure, UpstreamRequest
from addons.core.mends import Body
from addons.core.model import NO_EXTRAS, DialectName, Extras
from addons.core.plan import Candidate, Route, google_name
from addons.dispatch import Dispatcher, Lineup
from addons.job import Job, draft
from addons.refusal import json_reply

ANSWER_LIMIT = 1024 * 1024
# seconds; who asks for a count shows it to a person, and an estimate is there at once
PATIENCE = 20.0
LABEL = ("x-llm-router-estimate", "true")
CLAUDE, RESPONSES, GEMINI = DialectName.ANTHROPIC, DialectName.RESPONSES, DialectName.GEMINI

# the members of a request that are counted; others are refused
_OF_CLAUDE = frozenset({"model", "messages", "system", "tools", "tool_choice", "thinking"})
_OF_RESPONSES = frozenset(
    {
        "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text",
        "truncation", "previous_response_id", "conversation", "personality",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counter:
    """How a dialect counts: where, which bodies of its own clients go as they are, what is sent of all others (a
    request for an answer, in this dialect), the field of the answer, and what stands beside it."""

    url: Callable[[Candidate], str]
    plain: Callable[[Body], bool]
    wrapped: Callable[[Body, Candidate], Body]
    field: str
    beside: Extras = NO_EXTRAS

    def answer(self, tokens: int) -> Body:
        return {**self.beside, self.field: tokens}


COUNTERS: Mapping[DialectName, Counter] = {
    CLAUDE: Counter(
        lambda candidate: sibling(candidate.url(), "messages/count_tokens"),
        lambda body: True,
        lambda body, candidate: {key: value for key, value in body.items() if key in _OF_CLAUDE},
        "input_tokens",
    ),
    RESPONSES: Counter(
        lambda candidate: sibling(candidate.url(), "responses/input_tokens"),
        lambda body: True,
        lambda body, candidate: {key: value for key, value in body.items() if key in _OF_RESPONSES},
        "input_tokens",
        {"object": "response.input_tokens"},
    ),
    GEMINI: Counter(
        lambda candidate: candidate.url().replace(":generateContent", ":countTokens", 1),
        lambda body: body.keys() <= {"contents"},
        lambda body, candidate: {
            "generateContentRequest": {**body, "model": f"models/{google_name(candidate.model.id)}"}
        },
        "totalTokens",
    ),
}


async def count(job: Job, route: Route, edge: Edge, dispatcher: Dispatcher) -> Reply:
    """The answer to a request for a count. Raises BadRequest."""
    candidate = next((each for each in route.candidates if each.dialect in COUNTERS), None)
    counted = await _booked(job, candidate, edge, dispatcher) if candidate is not None else None
    return counted or estimated(job)


async def _booked(job: Job, candidate: Candidate, edge: Edge, dispatcher: Dispatcher) -> Reply | None:
    """None when there is no room for a count, or the provider gives none."""
    try:
        booking = dispatcher.book(Lineup((candidate,)), candidate)
    except NoRoom:
        return None
    used: Usage | None = Usage()
    try:
        return await _asked(job, booking.candidate, replace(edge, upstream=BookedUpstream(edge.upstream, booking)))
    except NoRoom:
        return None
    except UpstreamFailure as failure:
        used = Usage() if failure.cls is ErrorClass.TIMEOUT else None
        return None
    except BadRequest:
        used = None
        raise
    finally:
        booking.ended(used)


def estimated(job: Job) -> Reply:
    """Nobody counts: a guess, which the header says."""
    return json_reply(COUNTERS[job.dialect.name].answer(estimate(_whole(job).request())), headers=(LABEL,))


def _whole(job: Job) -> Job:
    """Gemini's clients may wrap the request that is to be counted."""
    inner = job.body.value.get("generateContentRequest")
    if not isinstance(inner, dict):
        return job
    return Job(job.ask, job.dialect, job.body.__class__(jsonio.dumps(inner)), job.model, job.stream)


async def _asked(job: Job, candidate: Candidate, edge: Edge) -> Reply | None:
    """None when the provider gives no count. Raises UpstreamFailure when it does not answer."""
    counter = COUNTERS[candidate.dialect]
    reply = await edge.upstream.open(_question(job, candidate, edge))
    try:
        found = await reply.read(ANSWER_LIMIT)
        tokens = _tokens(found, counter.field) if reply.status == 200 else None
        if tokens is None:
            return None
        if job.stays_in_dialect(candidate):
            return Reply(200, client_headers(reply.headers), found)
        return json_reply(COUNTERS[job.dialect.name].answer(tokens))
    except UpstreamFailure:
        return None
    finally:
        await reply.aclose()


def _question(job: Job, candidate: Candidate, edge: Edge) -> UpstreamRequest:
    counter = COUNTERS[candidate.dialect]
    same = job.stays_in_dialect(candidate)
    whole = _whole(job)
    prepared = draft(whole, candidate, None if same else whole.request(), edge.remembered)
    if same and counter.plain(job.body.value):
        data = prepared.data()
    else:
        data = jsonio.dumps(counter.wrapped(prepared.value, candidate))
    headers = upstream_headers(candidate, job.ask.headers, job.dialect.name, stream=False, needed=prepared.headers)
    url = with_query(counter.url(candidate), job, candidate)
    deadlines = candidate.deadlines
    hasty = replace(deadlines, first_event=min(deadlines.first_event, PATIENCE))
    return UpstreamRequest(url, headers, data, hasty)


def _tokens(data: bytes, field: str) -> int | None:
    try:
        body: Any = jsonio.loads(data)
    except jsonio.JsonError:
        return None
    tokens = body.get(field) if isinstance(body, dict) else None
    return tokens if type(tokens) is int else None
