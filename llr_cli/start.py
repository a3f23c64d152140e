"""`llr start`: the router in the foreground."""

import os
from dataclasses import replace
from pathlib import Path

from llr_cli import render
from llr_cli.exits import Exit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def start(
    *,
    config: Path | None,
    host: str,
    port: int,
    require_auth: bool | None,
    debug: bool,
    grace: float,
    mitmdump_args: list[str],
) -> int:
    """Runs until it is stopped; gives the exit code."""
    from addons.config import ConfigProblem, load

    try:
        loaded = load(config, os.environ)
    except ConfigProblem as problem:
        render.error(str(problem))
        return Exit.FAILURE
    plan = replace(
        loaded.plan,
        require_auth=loaded.plan.require_auth if require_auth is None else require_auth,
        debug=loaded.plan.debug or debug,
    )
    if plan.require_auth and plan.master_key is None:
        render.error("--require-auth needs a masterKey in the configuration (or LLM_ROUTER_MASTER_KEY)")
        return Exit.FAILURE
    if host not in LOOPBACK and not plan.require_auth:
        render.error(f"listening on {host} would open your keys to the network: set a masterKey and --require-auth")
        return Exit.FAILURE
    for warning in loaded.warnings:
        render.warning(warning)
    if mitmdump_args:
        return _mitmdump(config, host, port, plan.require_auth, plan.debug, mitmdump_args)

    import asyncio

    from addons.edge.master import PortTaken, serve
    from addons.llr import build

    def ready(bound: int) -> None:
        counts = f"{len(plan.providers)} providers, {len(plan.aliases)} aliases"
        render.line(f"llr listens on http://{host}:{bound} ({counts}; configuration: {loaded.source})")

    async def run() -> None:
        router, addons = build(plan)
        await serve(addons, router.tasks, host, port, ready, grace)

    try:
        asyncio.run(run())
    except PortTaken as taken:
        render.error(f"{taken}; stop what listens there, or choose another with --port")
        return Exit.FAILURE
    return Exit.OK


def _mitmdump(config: Path | None, host: str, port: int, require_auth: bool, debug: bool, more: list[str]) -> int:
    """mitmdump's own master, with our addons and the caller's options."""
    from mitmproxy.tools.main import mitmdump

    import addons.llr
    from addons.edge.master import NOWHERE

    options = ["-s", str(Path(addons.llr.__file__)), "--mode", NOWHERE, "--listen-host", host, "-p", str(port)]
    options += ["--set", f"llr_require_auth={str(require_auth).lower()}", "--set", f"llr_debug={str(debug).lower()}"]
    if config is not None:
        options += ["--set", f"llr_config={config}"]
    mitmdump([*options, *more])
    return Exit.OK
