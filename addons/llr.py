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

from mitmproxy import ctx, exceptions  # noqa: E402
from mitmproxy.addonmanager import Loader  # noqa: E402

from addons import config  # noqa: E402
from addons.core.plan import Plan  # noqa: E402
from addons.edge.master import NOWHERE, OPTIONS  # noqa: E402
from addons.edge.tasks import Tasks  # noqa: E402
from addons.edge.upstream import HttpxUpstream  # noqa: E402
from addons.exchange import Exchange  # noqa: E402
from addons.router import Router  # noqa: E402
from addons.streamed_response import Streams  # noqa: E402


class Egress:
    """Closes the connections to the providers at the end."""

    def __init__(self, upstream: HttpxUpstream) -> None:
        self._upstream = upstream

    async def done(self) -> None:
        """Hook: the proxy has ended."""
        await self._upstream.aclose()


def build(plan: Plan) -> list[object]:
    """The addons that route by `plan`. Needs a running event loop's thread, and is for one process."""
    upstream = HttpxUpstream()
    tasks = Tasks()
    streams = Streams(tasks)
    return [streams, Router(Exchange(plan, upstream), tasks, streams), Egress(upstream)]


class Script:
    """Turns any mitmproxy tool into the router: sets the options, then adds the addons once all options are known."""

    def load(self, loader: Loader) -> None:
        """Hook: declares our options and, unless a mode was given, makes the tool a reverse proxy to nowhere."""
        loader.add_option("llr_config", str, "", "Path of llr's configuration; empty: the usual places.")
        loader.add_option("llr_require_auth", bool, False, "Demand the masterKey, whatever the configuration says.")
        loader.add_option("llr_debug", bool, False, "Show decisions in x-llm-router-* headers.")
        ctx.options.update_defer(**OPTIONS)  # type: ignore[no-untyped-call]
        if ctx.options.mode == ["regular"]:
            ctx.options.update(mode=[NOWHERE])  # type: ignore[no-untyped-call]

    def configure(self, updated: set[str]) -> None:
        """Hook: options have changed. Raises OptionsError for modes that the router cannot serve."""
        if "mode" in updated and not all(mode.startswith("reverse:") for mode in ctx.options.mode):
            message = f"llr answers in reverse mode only: leave --mode out, or use {NOWHERE}"
            raise exceptions.OptionsError(message)  # type: ignore[no-untyped-call]

    def running(self) -> None:
        """Hook: every option is known. A configuration that cannot be used ends the tool with its problems."""
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
        ctx.master.addons.add(*build(plan))  # type: ignore[no-untyped-call]


addons = [Script()]
