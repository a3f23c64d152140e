"""llr as a mitmproxy script: `mitmdump -s addons/llr.py [--set llr_config=PATH]`; also how `llr start` puts it together.

A script cannot rely on its folder being importable, so the parent folder is added to the path when it is missing.
"""

import logging
import os
import sys
from collections.abc import Sequence
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

log = logging.getLogger("llr")


class Egress:
    """Closes the connections to the providers at the end."""

    def __init__(self, upstream: HttpxUpstream) -> None:
        self._upstream = upstream

    async def done(self) -> None:
        """Hook: the proxy has ended."""
        await self._upstream.aclose()


def build(plan: Plan) -> list[object]:
    """The addons that route by `plan`."""
    upstream = HttpxUpstream()
    tasks = Tasks()
    streams = Streams(tasks)
    return [streams, Router(Exchange(plan, upstream), tasks, streams), Egress(upstream)]


class Script:
    """Turns any mitmproxy tool into the router: options first, the addons when all options are known."""

    def __init__(self) -> None:
        self._addons: Sequence[object] = ()

    def load(self, loader: Loader) -> None:
        """Hook: declares `llr_config` and, unless a mode was given, makes the tool a reverse proxy."""
        loader.add_option("llr_config", str, "", "Path of llr's configuration; empty: the usual places.")
        ctx.options.update_defer(**OPTIONS)
        if ctx.options.mode == ["regular"]:
            ctx.options.update(mode=[NOWHERE])

    def configure(self, updated: set[str]) -> None:
        """Hook: options have changed. Raises OptionsError for modes that the router cannot serve, or a bad plan."""
        if "mode" in updated and not all(mode.startswith("reverse:") for mode in ctx.options.mode):
            raise exceptions.OptionsError(f"llr answers in reverse mode only; leave --mode out, or use {NOWHERE}")

    def running(self) -> None:
        """Hook: every option is known."""


addons = [Script()]
