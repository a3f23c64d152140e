"""`llr start`: the router in the foreground."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llr_cli import render
from llr_cli.exits import Exit
from llr_cli.front import ROUTER, Entrance, front, modes
from llr_cli.lifecycle.output_log import bound, stamped

if TYPE_CHECKING:
    from addons.core.plan import Plan
    from addons.reload import Configuration

# which unit started this process, said by the unit itself
SERVICE = "LLM_ROUTER_SERVICE"
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
    words: Sequence[str] = (),
    log_file: Path | None = None,
    watch_config: bool = True,
    entrance: Entrance = ROUTER,
) -> int:
    """Runs until it is stopped; gives the exit code. `words` are what it was started with, for a restart; `log_file` is
    what its output leads to already, when that is not a terminal."""
    from addons.config import ConfigProblem
    from addons.core.plan_secrets import secrets_of
    from addons.edge.quiet_log import installed
    from addons.reload import Configuration, watched

    log = installed(logging.INFO if debug else logging.WARNING)

    def read() -> "Plan":
        plan = _plan(config, host, require_auth, debug)
        log.know(secrets_of(plan))
        return plan

    file = watched(config) if watch_config else None
    try:
        plan = read()
    except ConfigProblem as problem:
        render.error(str(problem))
        return Exit.FAILURE
    for warning in plan.warnings:
        render.warning(warning)
    if mitmdump_args:
        return _mitmdump(config, host, port, plan, mitmdump_args)
    if log_file is not None:
        bound(log_file)
    say, complain = (render.line, render.warning) if log_file is None else map(stamped, (render.line, render.warning))
    started = _Started(tuple(words), "" if log_file is None else str(log_file), grace, entrance)
    return _serve(plan, Configuration(file, read, say, complain), host, port, started)


def _plan(config: Path | None, host: str, require_auth: bool | None, debug: bool) -> "Plan":
    """What is to be served to `host`. Raises ConfigProblem."""
    from addons.config import ConfigProblem, Overrides, load

    plan = load(config, os.environ, Overrides(require_auth, debug)).plan
    if host not in LOOPBACK and not plan.require_auth:
        refusal = f"listening on {host} would open your keys to the network: set a masterKey and --require-auth"
        raise ConfigProblem(plan.source, [refusal])
    return plan


@dataclass(frozen=True, slots=True)
class _Started:
    """How it was started, as far as other commands want to know it."""

    words: tuple[str, ...]
    log: str
    grace: float
    entrance: Entrance


def _serve(plan: "Plan", configuration: "Configuration", host: str, port: int, how: _Started) -> int:
    import asyncio

    from addons.config import ConfigProblem
    from addons.edge.instance import withdraw
    from addons.edge.master import CannotListen, PortTaken, run
    from addons.llr import build

    announced: list[Path] = []

    def ready(at: int) -> None:
        counts = f"{_count(len(plan.providers), 'provider')}, {_count(len(plan.aliases), 'alias')}"
        at_port = f"{how.entrance.scheme}://{_authority(host, at)}"
        configuration.tell(f"llr listens on {at_port} ({counts}; config: {plan.source})")
        if how.entrance.is_proxy:
            proxy = _authority(host, how.entrance.proxy_port or at)
            configuration.tell(f"llr is a forward proxy at http://{proxy} (HTTPS_PROXY)")
        announced.extend(_announced(host, at, plan.source, how))

    async def serve() -> None:
        addons = build(plan, configuration, front=front(how.entrance, host))
        served = modes(how.entrance, host)
        await run(addons, host=host, port=port, grace=how.grace, ready=ready, modes=served)

    try:
        asyncio.run(serve())
    except PortTaken as taken:
        render.error(f"{taken}{_by_whom(port)}; stop what listens there, or choose another with --port")
        return Exit.FAILURE
    except (CannotListen, ConfigProblem) as problem:  # the latter of the state that the environment asks for
        render.error(str(problem))
        return Exit.FAILURE
    finally:
        for path in announced:
            withdraw(path, os.getpid())
    return Exit.OK


def _by_whom(port: int) -> str:
    """Which router of this person listens at `port` already, if one does."""
    from datetime import datetime

    from addons.edge.instance import instances

    found = next((each for each in instances(os.environ) if each.port == port), None)
    if found is None:
        return ""
    since = datetime.fromtimestamp(found.since).strftime("%Y-%m-%d %H:%M")
    return f" by another llr (pid {found.pid}, since {since}, config: {found.config})"


def _announced(host: str, port: int, source: str, how: _Started) -> list[Path]:
    """Where other commands find this process; nothing when the folder of state cannot be written."""
    import time
    from importlib.metadata import version

    from addons.edge.instance import Instance, announce, start_of

    pid = os.getpid()
    named = Path(source).absolute()
    instance = Instance(
        pid,
        host,
        port,
        str(named) if named.exists() else source,
        time.time(),
        start_of(pid),
        words=how.words,
        folder=os.getcwd(),
        log=how.log,
        service=os.environ.get(SERVICE, ""),
        grace=how.grace,
        version=version("llr"),
        scheme=how.entrance.scheme,
    )
    try:
        return [announce(instance, os.environ)]
    except OSError as error:
        render.warning(f"other commands will not find this router: {error}")
        return []


def _mitmdump(config: Path | None, host: str, port: int, plan: "Plan", more: list[str]) -> int:
    """mitmdump's own master, with our addons and the caller's options."""
    from mitmproxy.tools.main import mitmdump

    import addons.llr
    from addons.edge.master import NOWHERE

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
