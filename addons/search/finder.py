"""Asking the services: one after the other until somebody answers, within the quotas of the month."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType

from addons.core import jsonio
from addons.core.buckets import Claim, Shortage, Spent
from addons.core.errors import ErrorClass
from addons.core.http import Upstream, UpstreamFailure
from addons.core.web_search import SearchService, ServiceKind, WebSearch
from addons.core.windows import span
from addons.inline import Fetcher
from addons.ledger import State
from addons.search import brave, exa, hosted, searxng, tavily
from addons.search.balance import ordered
from addons.search.service import Query, Result, fits

log = logging.getLogger("llr")

ANSWER_LIMIT = 8 * 1024 * 1024
SERVICES: Mapping[ServiceKind, ModuleType] = {
    "brave": brave,
    "tavily": tavily,
    "exa": exa,
    "searxng": searxng,
    "hosted": hosted,
}


class SearchFailed(Exception):
    """No service has answered. `code` is Anthropic's word for it: `unavailable` or `too_many_requests`."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Found:
    """`service` is the id of who has answered."""

    service: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """One a router. `pages` reads what models name; `now` gives Unix seconds."""

    state: State
    upstream: Upstream
    pages: Fetcher | None
    now: Callable[[], float]

    async def search(
        self, web: WebSearch, query: Query, *, loaded_at: float = 0.0, first: SearchService | None = None
    ) -> Found:
        """The results of `query`, no more than `query.count` (0: as many as each service is set to) and of its domains.
        `first` is asked before all others. `loaded_at` is when the configuration was read, Unix seconds. Raises
        SearchFailed."""
        failures: list[SearchFailed] = []
        for service in await self._order(web, loaded_at, first):
            asked = replace(query, count=query.count or service.count)
            try:
                return Found(service.id, await self._ask(service, asked))
            except SearchFailed as failure:
                log.info("web search: %s", failure)
                failures.append(failure)
        limited = all(failure.code == "too_many_requests" for failure in failures)
        raise SearchFailed("too_many_requests" if limited else "unavailable", "; ".join(map(str, failures)) or _NOBODY)

    async def _order(self, web: WebSearch, loaded_at: float, first: SearchService | None) -> tuple[SearchService, ...]:
        now, counters = self.now(), self.state.ledger.counters
        others = [service for service in web.services if first is None or service.id != first.id]
        claims = {service.id: claim for service in web.services if (claim := _claim(service)) is not None}
        await self.state.refresh([], [], list(claims.values()))
        for service in web.services:
            self._learn(service, claims, loaded_at, now)
        left = {name: counters.remaining(claim.key, claim.bucket, now) for name, claim in claims.items()}
        return ((first,) if first is not None else ()) + ordered(others, web.strategy, left)

    def _learn(self, service: SearchService, claims: Mapping[str, Claim], loaded_at: float, now: float) -> None:
        """What the configuration says is left counts in the month that it was read in."""
        if service.quota is None or service.quota.window is None or service.remaining is None:
            return
        here, then = span(service.quota.window, now), span(service.quota.window, loaded_at)
        if here.label == then.label:
            limit = service.quota.caps["requests"]
            key = claims[service.id].key
            self.state.ledger.counters.teach(key, "requests", service.remaining, limit, here.end, now)

    async def _ask(self, service: SearchService, query: Query) -> tuple[Result, ...]:
        claim = _claim(service)
        lease = await self.state.reserve([claim], self.now()) if claim is not None else None
        if isinstance(lease, Shortage):
            raise SearchFailed("too_many_requests", f"{service.id}: its quota of the month is used up")
        taken = False
        try:
            if lease is not None:
                self.state.sent(lease)
            found = await self._exchange(service, query)
            taken = True
            return found
        finally:
            # a search that failed costs nothing with any of them
            if lease is not None:
                self.state.settle(lease, Spent() if taken else None, self.now())

    async def _exchange(self, service: SearchService, query: Query) -> tuple[Result, ...]:
        module = SERVICES[service.kind]
        try:
            reply = await self.upstream.open(module.request(service, query))
            try:
                data = await reply.read(ANSWER_LIMIT)
            finally:
                await reply.aclose()
        except UpstreamFailure as failure:
            why = "did not answer in time" if failure.cls is ErrorClass.TIMEOUT else "cannot be reached"
            raise SearchFailed("unavailable", f"{service.id} {why}") from failure
        if reply.status != 200:
            code = "too_many_requests" if reply.status == 429 else "unavailable"
            raise SearchFailed(code, f"{service.id} answered {reply.status}")
        try:
            found: tuple[Result, ...] = module.results(jsonio.loads(data))
        except jsonio.JsonError as error:
            raise SearchFailed("unavailable", f"{service.id} answered with what is no JSON") from error
        return tuple(each for each in found if fits(each.url, query))[: query.count]


_NOBODY = "no search provider has any of its quota left"


def _claim(service: SearchService) -> Claim | None:
    return None if service.quota is None else Claim(f"search:{service.id}:{service.quota.id}", service.quota)
