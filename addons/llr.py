"""llr as a mitmproxy script, `mitmdump -s addons/llr.py [--set llr_config=PATH]`; and how `llr start` is put together.

A script cannot rely on its folder being importable, so the parent folder is added to the path when it is missing.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from mitmproxy import ctx  # noqa: E402
from mitmproxy.addonmanager import Loader  # noqa: E402

from addons import config  # noqa: E402
from addons.core.plan import Plan  # noqa: E402
from addons.edge.fetch import GuardedFetcher  # noqa: E402
from addons.edge.master import NOWHERE, OPTIONS  # noqa: E402
from addons.edge.tasks import Tasks  # noqa: E402
from addons.edge.upstream import HttpxUpstream  # noqa: E402
from addons.exchange import Exchange  # noqa: E402
from addons.router import Router  # noqa: E402
from addons.streamed_response import Streams  # noqa: E402


class Egress:
    """Closes the connections to the world outside at the end."""

    def __init__(self, upstream: HttpxUpstream, fetcher: GuardedFetcher) -> None:
        self._upstream = upstream
        self._fetcher = fetcher

    async def done(self) -> None:
        """Hook: the proxy has ended."""
        await self._upstream.aclose()
        await self._fetcher.aclose()


def build(plan: Plan) -> list[object]:
    """The addons that route by `plan`. Needs a running event loop's thread, and is for one process."""
    upstream, fetcher = HttpxUpstream(), GuardedFetcher()
    tasks = Tasks()
    streams = Streams(tasks)
    exchange = Exchange(plan, upstream, fetcher=fetcher, spawn=tasks.spawn)
    return [streams, Router(exchange, tasks, streams), Egress(upstream, fetcher)]


class Script:
    """Turns any mitmproxy tool into the router. A tool loads its scripts beside starting its servers, so the mode is
    set once it runs: mitmproxy then replaces the servers."""

    def load(self, loader: Loader) -> None:
        """Hook: declares our options."""
        loader.add_option("llr_config", str, "", "Path of llr's configuration; empty: the usual places.")
        loader.add_option("llr_require_auth", bool, False, "Demand the masterKey, whatever the configuration says.")
        loader.add_option("llr_debug", bool, False, "Show decisions in x-llm-router-* headers.")

    def running(self) -> None:
        """Hook: every option is known. What cannot be served ends the tool, with the reason."""
        plan = _plan()
        ctx.master.addons.add(*build(plan))  # type: ignore[no-untyped-call]
        ctx.options.update(**OPTIONS)  # type: ignore[no-untyped-call]
        modes = list(ctx.options.mode)
        if modes == ["regular"]:
            # an open proxy for everybody would be the tool's default
            host = ctx.options.listen_host or "127.0.0.1"
            ctx.options.update(mode=[NOWHERE], listen_host=host)  # type: ignore[no-untyped-call]
        elif not all(mode.startswith("reverse:") for mode in modes):
            sys.exit(f"llr answers in reverse mode only: leave --mode out, or use {NOWHERE}")


def _plan() -> Plan:
    options = ctx.options
    try:
        plan = config.load(Path(options.llr_config) if options.llr_config else None, os.environ).plan
    except config.ConfigProblem as problem:
        sys.exit(f"llr: {problem}")
    plan = replace(
        plan, require_auth=plan.require_auth or options.llr_require_auth, debug=plan.debug or options.llr_debug
    )
    if plan.require_auth and plan.master_key is None:
        sys.exit("llr: a masterKey is demanded, and the configuration has none")
    return plan


addons = [Script()]
