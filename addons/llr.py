"""llr as a mitmproxy script, `mitmdump -s addons/llr.py [--set llr_config=PATH]`; and how `llr start` is put together.

A script cannot rely on its folder being importable, so the parent folder is added to the path when it is missing.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from mitmproxy import ctx  # noqa: E402
from mitmproxy.addonmanager import Loader  # noqa: E402

from addons import config  # noqa: E402
from addons.activity_log import ActivityLog  # noqa: E402
from addons.amp_upstream import AmpUpstreamDoor  # noqa: E402
from addons.core.health import Health  # noqa: E402
from addons.core.plan import Plan  # noqa: E402
from addons.core.plan_secrets import secrets_of  # noqa: E402
from addons.edge.appended import Rotation  # noqa: E402
from addons.edge.clock import Clock  # noqa: E402
from addons.edge.connect_deadline import ConnectDeadline  # noqa: E402
from addons.edge.fetch import GuardedFetcher  # noqa: E402
from addons.edge.master import NOWHERE, OPTIONS  # noqa: E402
from addons.edge.places import state_dir  # noqa: E402
from addons.edge.quiet_log import QuietRecords, quieted  # noqa: E402
from addons.edge.states import state_of  # noqa: E402
from addons.edge.tasks import Tasks  # noqa: E402
from addons.edge.upstream import HttpxUpstream  # noqa: E402
from addons.edge.upstream_tls import UpstreamTls  # noqa: E402
from addons.edge.web import GuardedPages  # noqa: E402
from addons.exchange import Exchange  # noqa: E402
from addons.forward.door import ForwardDoor  # noqa: E402
from addons.forward.front import REVERSE, Front  # noqa: E402
from addons.forward.gate import Gate  # noqa: E402
from addons.forward.reach import Reach  # noqa: E402
from addons.guard import guarded  # noqa: E402
from addons.large_requests import LargeRequests, place_of  # noqa: E402
from addons.ledger import Ledger, State  # noqa: E402
from addons.observed import Observer  # noqa: E402
from addons.reload import Configuration, Reload, watched  # noqa: E402
from addons.router import Router  # noqa: E402
from addons.status_page import StatusPage  # noqa: E402
from addons.streamed_response import Streams  # noqa: E402

_log = logging.getLogger("llr")


class Edges:
    """Opens what the router needs of the world outside, and closes it at the end."""

    def __init__(
        self,
        upstream: HttpxUpstream,
        fetchers: tuple[GuardedFetcher, ...],
        state: State,
        logs: tuple[ActivityLog, LargeRequests],
    ) -> None:
        self._upstream = upstream
        self._fetchers = fetchers
        self._state = state
        self._logs = logs

    async def open(self) -> None:
        """To be awaited before the first request: whoever rests, and what has been used, is known from then on."""
        await self._state.open()

    async def done(self) -> None:
        """Hook: the proxy has ended."""
        await self._upstream.aclose()
        for fetcher in self._fetchers:
            await fetcher.aclose()
        await self._state.aclose()
        for log in self._logs:
            await asyncio.to_thread(log.close)


def build(
    plan: Plan,
    configuration: Configuration | None = None,
    observers: Sequence[Observer] = (),
    front: Front = REVERSE,
) -> list[object]:
    """The addons that route by `plan`, and let `observers` hear of it; `front` is what clients are let in by. Needs a
    running event loop's thread, and is for one process. Raises ConfigProblem when the environment asks for a state that
    cannot be had."""
    upstream, fetcher, pages, clock = HttpxUpstream(), GuardedFetcher(), GuardedPages(), Clock()
    # those of the state outlast the requests: what is settled at the end is still written
    tasks, kept = Tasks(), Tasks()
    streams = Streams(tasks)
    complain = _log.warning if configuration is None else configuration.complain
    state = state_of(os.environ, Ledger(Health(plan.cooldowns)), clock, kept.spawn, complain)
    activity = ActivityLog(
        state_dir(os.environ),
        Rotation(plan.activity_bytes, plan.activity_keep),
        lambda: exchange.plan.activity,
        complain,
    )
    place, ours = place_of(os.environ, state_dir(os.environ))
    large = LargeRequests(
        place,
        Rotation(plan.activity_bytes, plan.activity_keep),
        lambda: exchange.plan.large_requests,
        lambda: exchange.plan.max_body,
        complain,
        ours=ours,
    )
    exchange = Exchange(
        plan,
        upstream,
        fetcher=fetcher,
        pages=pages,
        spawn=tasks.spawn,
        state=state,
        clock=clock,
        observers=(activity, large, *observers),
    )

    def current() -> Plan:
        return exchange.plan

    amp = AmpUpstreamDoor(current, observers=(activity, *observers), clock=clock)
    streams.door = guarded(amp, os.environ, complain, tls_only=front.tls_only)
    fronting: list[object] = [] if front.tls is None else [front.tls]
    if front.proxy and front.tls is not None:
        streams.door = ForwardDoor(streams.door, amp, current, (activity, *observers), clock)
        fronting.append(Gate(current, Reach(current), front.tls.covers))
    addons = [
        *fronting,
        streams,
        StatusPage(current, state, clock),
        Router(exchange, tasks, streams),
        UpstreamTls(),
        ConnectDeadline(),
        Edges(upstream, (fetcher, pages), state, (activity, large)),
    ]
    return addons if configuration is None else [*addons, _reload(configuration, exchange, tasks)]


def _reload(configuration: Configuration, exchange: Exchange, tasks: Tasks) -> Reload:
    def swap(plan: Plan) -> None:
        exchange.plan = plan
        configuration.tell(f"the configuration was reloaded ({plan.source})")
        for warning in plan.warnings:
            configuration.complain(warning)

    def refuse(problem: str) -> None:
        exchange.plan = replace(exchange.plan, problem=problem)
        configuration.complain(f"the configuration was not reloaded, the old one stays: {problem}")

    return Reload(configuration.file, configuration.read, swap, refuse, tasks.spawn)


class Script:
    """Turns any mitmproxy tool into the router. A tool loads its scripts beside starting its servers, so the mode is
    set once it runs: mitmproxy then replaces the servers."""

    def __init__(self) -> None:
        self._log: QuietRecords | None = None

    def load(self, loader: Loader) -> None:
        """Hook: declares our options. What the tool and its libraries log has no secrets from now on."""
        self._log = quieted()
        loader.add_option("llr_config", str, "", "Path of llr's configuration; empty: the usual places.")
        loader.add_option("llr_require_auth", bool, False, "Demand the masterKey, whatever the configuration says.")
        loader.add_option("llr_debug", bool, False, "Show decisions in x-llm-router-* headers.")

    async def running(self) -> None:
        """Hook: every option is known. What cannot be served ends the tool, with the reason."""
        file = watched(_named())
        plan = self._plan()
        try:
            added = build(plan, Configuration(file, self._read, _log.warning, _log.error))
        except config.ConfigProblem as problem:
            sys.exit(f"llr: {problem}")
        ctx.master.addons.add(*added)  # type: ignore[no-untyped-call]
        for addon in added:
            if isinstance(addon, Edges):
                await addon.open()
            elif isinstance(addon, Reload):
                addon.running()  # mitmproxy says it to addons that were there from the start
        ctx.options.update(**OPTIONS)  # type: ignore[no-untyped-call]
        modes = list(ctx.options.mode)
        if modes == ["regular"]:
            # an open proxy for everybody would be the tool's default
            host = ctx.options.listen_host or "127.0.0.1"
            ctx.options.update(mode=[NOWHERE], listen_host=host)  # type: ignore[no-untyped-call]
        elif not all(mode.startswith("reverse:") for mode in modes):
            sys.exit(f"llr answers in reverse mode only: leave --mode out, or use {NOWHERE}")

    def _read(self) -> Plan:
        options = ctx.options
        overrides = config.Overrides(options.llr_require_auth or None, options.llr_debug)
        plan = config.load(_named(), os.environ, overrides).plan
        if self._log is not None:
            self._log.know(secrets_of(plan))
        return plan

    def _plan(self) -> Plan:
        try:
            return self._read()
        except config.ConfigProblem as problem:
            sys.exit(f"llr: {problem}")


def _named() -> Path | None:
    return Path(ctx.options.llr_config) if ctx.options.llr_config else None


addons = [Script()]
