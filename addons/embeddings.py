"""Embeddings: passed on to providers of OpenAI's formats, never translated.

Source: OpenAI API reference, "Create embeddings".
"""

from dataclasses import replace

from addons.call import Edge, Outcome
from addons.config.urls import sibling
from addons.core.headers import upstream_headers
from addons.core.http import UpstreamFailure, UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Candidate, Route
from addons.job import Job
from addons.reading import AttemptFailed, failure_info, forward_whole, refusal

FORMATS = (DialectName.CHAT, DialectName.RESPONSES, DialectName.COMPLETIONS)


def embedding(route: Route) -> Route:
    """The route with the candidates that may have embeddings."""
    kept = [
        replace(candidate, dialect=dialect)
        for candidate in route.candidates
        for dialect in FORMATS
        if dialect in candidate.provider.endpoints
    ]
    once = {candidate.ref: candidate for candidate in reversed(kept)}
    return replace(route, candidates=tuple(reversed(once.values())))


async def embed(job: Job, candidate: Candidate, edge: Edge) -> Outcome:
    """Asks `candidate`. Raises AttemptFailed."""
    data = job.body.bytes_with({"model": candidate.model.id})
    headers = upstream_headers(candidate, job.ask.headers, job.dialect.name, stream=False)
    url = sibling(candidate.url(), "embeddings")
    try:
        reply = await edge.upstream.open(UpstreamRequest(url, headers, data, candidate.deadlines))
        try:
            if reply.status != 200:
                raise await refusal(reply, candidate, same=True)
            return Outcome(await forward_whole(reply, candidate))
        finally:
            await reply.aclose()
    except UpstreamFailure as failure:
        raise AttemptFailed(failure_info(failure)) from failure
