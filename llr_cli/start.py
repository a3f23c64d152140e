"""`llr start`: the router in the foreground."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.config import Loaded

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
    wanted = loaded.plan.require_auth if require_auth is None else require_auth
    plan = replace(loaded.plan, require_auth=wanted, debug=loaded.plan.debug or debug)
    loaded = replace(loaded, plan=plan)
    refusal = _refusal(loaded, host)
    if refusal is not None:
        render.error(refusal)
        return Exit.FAILURE
    for warning in loaded.warnings:
        render.warning(warning)
    if debug:
        _log_decisions()
    if mitmdump_args:
        return _mitmdump(config, host, port, loaded, mitmdump_args)
    return _serve(loaded, host, port, grace)


def _refusal(loaded: "Loaded", host: str) -> str | None:
    """Why this must not be served to `host`, if so."""
    if loaded.plan.require_auth and loaded.plan.master_key is None:
        return "--require-auth needs a masterKey in the configuration (or LLM_ROUTER_MASTER_KEY)"
    if host not in LOOPBACK and not loaded.plan.require_auth:
        return f"listening on {host} would open your keys to the network: set a masterKey and --require-auth"
    return None


def _log_decisions() -> None:
    """Every failed attempt as a line on stderr."""
    import logging

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("llr").setLevel(logging.INFO)


def _serve(loaded: "Loaded", host: str, port: int, grace: float) -> int:
    import asyncio

    from addons.edge.master import CannotListen, PortTaken, run
    from addons.llr import build

    def ready(bound: int) -> None:
        counts = f"{_count(len(loaded.plan.providers), 'provider')}, {_count(len(loaded.plan.aliases), 'alias')}"
        render.line(f"llr listens on http://{_authority(host, bound)} ({counts}; config: {loaded.source})")

    async def serve() -> None:
        await run(build(loaded.plan), host=host, port=port, grace=grace, ready=ready)

    try:
        asyncio.run(serve())
    except PortTaken as taken:
        render.error(f"{taken}; stop what listens there, or choose another with --port")
        return Exit.FAILURE
    except CannotListen as problem:
        render.error(str(problem))
        return Exit.FAILURE
    return Exit.OK


def _mitmdump(config: Path | None, host: str, port: int, loaded: "Loaded", more: list[str]) -> int:
    """mitmdump's own master, with our addons and the caller's options."""
    from mitmproxy.tools.main import mitmdump

    import addons.llr
    from addons.edge.master import NOWHERE

    plan = loaded.plan
    options = ["-s", str(Path(addons.llr.__file__)), "--mode", NOWHERE, "--listen-host", host, "-p", str(port)]
    options += ["--set", f"llr_require_auth={str(plan.require_auth).lower()}"]
    options += ["--set", f"llr_debug={str(plan.debug).lower()}"]
    if config is not None:
        options += ["--set", f"llr_config={config}"]
    mitmdump([*options, *more])
    return Exit.OK


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
