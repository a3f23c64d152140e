"""`llr run -- COMMAND`: a tool against the router, without touching a file.

A router that runs already is used. Otherwise one of the command's own serves on a free port for as long as the tool
runs, in this process, which says nothing while the tool has the terminal.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from llr_cli import render
from llr_cli.exits import Exit
from llr_cli.programs import Router, program, told

if TYPE_CHECKING:
    from addons.core.plan import Plan
    from addons.edge.instance import Instance
    from addons.reload import Configuration

HOST = "127.0.0.1"
NOT_FOUND, SIGNALLED = 127, 128
# how long the tool may take to end when it is told to
CHILD_SECONDS = 5.0
# what went wrong meanwhile is told at the end, and no more of it
TOLD_AT_THE_END = 20


@dataclass(frozen=True, slots=True)
class Run:
    """What the command line asks for. `intercept` None: only for tools of which nothing is known."""

    command: Sequence[str]
    model: str | None = None
    config: Path | None = None
    intercept: bool | None = None
    debug: bool = False

    @property
    def intercepts(self) -> bool:
        return program(self.command).intercepted if self.intercept is None else self.intercept


def run(asked: Run) -> int:
    """Gives the tool's exit code, or that of a failure before it began."""
    from addons.config import ConfigProblem
    from addons.edge.master import CannotListen
    from addons.edge.probe import authority

    try:
        at = None if _needs_its_own(asked) else _running()
        plan = _plan(asked) if at is None else _plan(replace(asked, config=Path(at.config)))
        if asked.model is not None:
            _check_model(plan, asked.model)
        if at is not None:
            return _in_front(asked, _router(asked, plan, f"http://{authority(at.host, at.port)}"))
        return asyncio.run(_Own(asked, plan).serve())
    except (ConfigProblem, CannotListen) as problem:
        render.error(str(problem))
        return Exit.FAILURE


def _plan(asked: Run) -> "Plan":
    """The configuration; with a model for AMP, which names none, every request of its own is that model's. Raises
    ConfigProblem."""
    from addons.config import Overrides, load

    plan = load(asked.config, os.environ, Overrides(debug=asked.debug)).plan
    if asked.model is None or not _is_amp(asked):
        return plan
    return replace(plan, amp=replace(plan.amp, schema="routes", routes={}, raw_routes=(), default_route=asked.model))


def _is_amp(asked: Run) -> bool:
    return Path(asked.command[0]).name == "amp"


def _needs_its_own(asked: Run) -> bool:
    """A router that runs is as it was started: it may be no proxy, and has its own configuration."""
    return asked.intercepts or asked.config is not None or asked.debug or (asked.model is not None and _is_amp(asked))


def _check_model(plan: "Plan", model: str) -> None:
    """Raises ConfigProblem when nothing answers to `model`."""
    from addons.config import ConfigProblem
    from addons.core.model import DialectName
    from addons.core.resolve import NoCandidate, UnknownModel, resolve

    try:
        resolve(plan, model, DialectName.CHAT)
    except (UnknownModel, NoCandidate) as problem:
        raise ConfigProblem("--model", [str(problem)]) from None


def _running() -> "Instance | None":
    """A router of this person's that answers, with a configuration that can be read from here. What speaks HTTPS would
    have to be believed first."""
    from addons.edge.instance import instances
    from addons.edge.probe import health

    found = (each for each in instances(os.environ) if each.scheme == "http" and Path(each.config).is_file())
    return next((each for each in found if health(each.host, each.port) is not None), None)


def _router(asked: Run, plan: "Plan", url: str) -> Router:
    from llr_cli.tools.offers import offers, shown_key

    models = tuple(offer.id for offer in offers(plan))
    model = None if _is_amp(asked) else asked.model
    return Router(url, shown_key(plan), model, models, demands=plan.require_auth)


def _in_front(asked: Run, router: Router) -> int:
    """The tool takes this process's place: its terminal, its signals and its exit code are its own."""
    words, env = told(asked.command, os.environ, router)
    try:
        os.execvpe(words[0], words, env)
    except OSError as error:
        render.error(f"{words[0]} cannot be run: {error.strerror}")
        return NOT_FOUND


class _Own:
    """A router for one run."""

    def __init__(self, asked: Run, plan: "Plan") -> None:
        from addons.edge.tasks import Tasks

        self._asked = asked
        self._plan = plan
        self._tasks = Tasks()
        self._child: asyncio.subprocess.Process | None = None
        self._code: int = Exit.FAILURE
        self._complaints: dict[str, None] = {}

    async def serve(self) -> int:
        from addons.edge.master import run
        from addons.llr import build
        from llr_cli.front import ROUTER, Entrance, Mode, bundle_file, front, modes

        entrance = Entrance(Mode.PROXY) if self._asked.intercepts else ROUTER
        bundle = await asyncio.to_thread(bundle_file) if self._asked.intercepts else None
        addons = build(self._plan, self._configuration(), front=front(entrance, HOST))
        self._router = replace(_router(self._asked, self._plan, ""), bundle=bundle)
        try:
            await run(
                addons,
                host=HOST,
                port=0,
                grace=0,
                ready=self._ready,
                modes=modes(entrance, HOST),
                ending=(signal.SIGTERM,),
            )
        finally:
            await self._end()
        for text in list(self._complaints)[-TOLD_AT_THE_END:]:
            render.warning(text)
        return self._code

    def _configuration(self) -> "Configuration":
        from addons.core.plan_secrets import secrets_of
        from addons.edge.quiet_log import installed
        from addons.reload import Configuration, watched

        log = installed(_NOTHING)
        log.know(secrets_of(self._plan))

        def read() -> "Plan":
            plan = _plan(self._asked)
            log.know(secrets_of(plan))
            return plan

        def complain(text: str) -> None:
            self._complaints[text] = None

        return Configuration(watched(self._asked.config), read, lambda text: None, complain)

    def _ready(self, port: int) -> None:
        url = f"http://{HOST}:{port}"
        proxy = None
        if self._asked.intercepts:
            plan = self._plan
            key = f"llr:{plan.master_key}@" if plan.require_auth and plan.master_key else ""
            proxy = f"http://{key}{HOST}:{port}"
        self._tasks.spawn(self._run(replace(self._router, url=url, proxy=proxy)), "the tool")

    async def _run(self, router: Router) -> None:
        words, env = told(self._asked.command, os.environ, router)
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):  # the terminal's interrupt is for the tool
            loop.add_signal_handler(signal.SIGINT, lambda: None)
        try:
            self._child = await asyncio.create_subprocess_exec(*words, env=env)
            self._code = _code(await self._child.wait())
        except OSError as error:
            render.error(f"{words[0]} cannot be run: {error.strerror}")
            self._code = NOT_FOUND
        os.kill(os.getpid(), signal.SIGTERM)  # the router ends as if it was told to

    async def _end(self) -> None:
        """Of a tool that still runs nothing is left behind."""
        child = self._child
        if child is not None and child.returncode is None:
            child.terminate()
        await self._tasks.cancel_all()
        if child is None:
            return
        try:
            self._code = _code(await asyncio.wait_for(child.wait(), CHILD_SECONDS))
        except TimeoutError:
            child.kill()
            self._code = _code(await child.wait())


_NOTHING = 100  # above every level: the terminal is the tool's


def _code(returned: int) -> int:
    """As a shell says it."""
    return returned if returned >= 0 else SIGNALLED - returned
