"""Runs a router whose requests are captured, and a tool in front of it."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llr_cli import capture_show, render
from llr_cli.capture_tools import ANY_KEY, Tool, names_of, pointed
from llr_cli.exits import Exit
from llr_cli.front import ROUTER, Entrance, bundle_file, front, modes
from llr_cli.programs import Router, told

if TYPE_CHECKING:
    from addons.capture import Capture, CaptureWriter
    from addons.core.capture_line import Line, Verdict
    from addons.core.plan import Plan
    from addons.core.redact import Redacted
    from addons.edge.capture_store import CaptureStore
    from addons.edge.quiet_log import QuietFormatter
    from addons.observed import Record
    from addons.reload import Configuration

HOST = "127.0.0.1"
NOT_FOUND = 127
SIGNALLED = 128
# how long a command may take to end when it is told to
CHILD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    tool: Tool
    out: Path | None
    full: bool
    observe: bool
    upstream: str | None
    config: Path | None
    port: int
    grace: float
    age: float
    size: int
    debug: bool
    command: Sequence[str]
    entrance: Entrance = ROUTER


class Configured:
    """The plan as it is now; the router's own one while it runs, since a reload may swap it."""

    def __init__(self, plan: "Plan | None", *, observing: bool = False) -> None:
        self._plan = plan
        self._observing = observing
        self.current: Callable[[], Plan | None] = lambda: self._plan
        self._secrets: tuple[Plan | None, frozenset[str]] = (None, frozenset())

    def secrets(self) -> frozenset[str]:
        from addons.core.plan_secrets import secrets_of

        plan = self.current()
        if plan is not None and plan is not self._secrets[0]:
            self._secrets = plan, secrets_of(plan)
        return self._secrets[1]

    def verdict(self, record: "Record") -> "Verdict | None":
        """What became of the name; what was only observed is asked of the plan."""
        from addons.core.capture_line import Verdict
        from addons.core.errors import ErrorClass
        from addons.core.resolve import NoCandidate, UnknownModel, resolve

        plan = self.current()
        if plan is None or not record.requested:
            return None
        unmapped = record.passed_on and not self._observing
        if unmapped or (record.error is ErrorClass.MODEL_NOT_FOUND and not record.route):
            return Verdict(known=False)
        try:
            named = record.route or plan.amp.routes.get(record.entity) or record.requested
            route = resolve(plan, named, record.client)
        except (UnknownModel, NoCandidate) as problem:
            known = bool(record.route) or isinstance(problem, NoCandidate)
            return Verdict(known, ref=record.route, targets=(record.served,) if record.served else ())
        return Verdict(True, route.kind, route.ref, tuple(each.ref for each in route.candidates))


def run(options: Options) -> int:
    """Until it is stopped, or the command ends; gives the exit code, that of the command if there is one."""
    from addons.config import ConfigProblem
    from addons.edge.master import CannotListen
    from addons.edge.quiet_log import installed

    log = installed(logging.INFO if options.debug else logging.WARNING)
    try:
        plan = _plan(options)
        store = _store(options)
    except ConfigProblem as problem:
        render.error(str(problem))
        return Exit.FAILURE
    except OSError as error:
        render.error(f"the capture cannot be written: {error}")
        return Exit.FAILURE
    try:
        return asyncio.run(_Run(options, plan, store, log).serve())
    except (CannotListen, ConfigProblem) as problem:
        render.error(str(problem))
        return Exit.FAILURE


def _plan(options: Options) -> "Plan | None":
    """The configuration. What is only observed needs none: it would merely say what it makes of the names."""
    from addons.config import ConfigProblem, Overrides, load

    try:
        return load(options.config, os.environ, Overrides(debug=options.debug)).plan
    except ConfigProblem:
        if options.observe and options.config is None:
            return None
        raise


def _store(options: Options) -> "CaptureStore":
    from addons.edge.capture_store import CaptureStore, Limits
    from addons.edge.places import state_dir
    from llr_cli.capture_files import CAPTURES, expired

    state = state_dir(os.environ)
    expired(time.time())
    path = options.out or state / CAPTURES / time.strftime("%Y%m%d-%H%M%S")
    return CaptureStore(path, state, Limits(options.age, options.size), time.time)


class _Run:
    """One run from its beginning to its end."""

    def __init__(self, options: Options, plan: "Plan | None", store: "CaptureStore", log: "QuietFormatter") -> None:
        from addons.edge.tasks import Tasks

        self._options = options
        self._plan = plan
        self._store = store
        self._configured = Configured(plan, observing=options.observe)
        self._log = log
        log.know(self._configured.secrets())
        self._tasks = Tasks()
        self._child: asyncio.subprocess.Process | None = None
        self._code: int = Exit.OK
        self._bundle: Path | None = None
        # a tool in front needs the terminal for itself
        self._shown = None if options.command else render.Growing(capture_show.COLUMNS)

    async def serve(self) -> int:
        from addons.capture import CaptureWriter
        from addons.edge.master import run

        writer = CaptureWriter(self._store, render.warning)
        options = self._options
        try:
            with self._shown or contextlib.nullcontext():
                addons, end = self._addons(self._capture(writer))
                try:
                    await run(
                        addons,
                        host=HOST,
                        port=options.port,
                        grace=options.grace,
                        ready=self._ready,
                        modes=modes(options.entrance, HOST),
                    )
                finally:
                    await self._end_child()
                    await end()
        finally:
            await asyncio.to_thread(writer.close)
        self._tell(writer)
        return self._code

    def _capture(self, writer: "CaptureWriter") -> "Capture":
        from addons.capture import Capture
        from addons.core.redact import Mode, Redactor

        mode = Mode.FULL if self._options.full else Mode.SIGNATURE
        return Capture(
            Redactor(mode, self._store.key, self._configured.secrets()),
            writer,
            self._configured.verdict,
            self._told,
            self._configured.secrets,
            wanted=names_of(self._options.tool),
        )

    def _addons(self, capture: "Capture") -> tuple[list[object], Callable[[], Any]]:
        """What serves, and what is to be closed when it has ended."""
        from addons.llr import build
        from addons.router import Router

        entrance = self._options.entrance
        if entrance.is_proxy and self._options.command:
            self._bundle = bundle_file()
        opened = front(entrance, HOST)
        if self._options.observe:
            from addons.core.plan import Plan
            from addons.observing import observing

            return observing(self._plan or Plan(), self._options.upstream, (capture,), render.warning, opened)

        assert self._plan is not None
        addons = build(self._plan, self._configuration(), (capture,), opened)
        (router,) = (each for each in addons if isinstance(each, Router))
        exchange: Any = router.answerer
        self._configured.current = lambda: exchange.plan
        return addons, _nothing

    def _configuration(self) -> "Configuration":
        from addons.config import Overrides, load
        from addons.core.plan_secrets import secrets_of
        from addons.reload import Configuration, watched

        def read() -> "Plan":
            plan = load(self._options.config, os.environ, Overrides(debug=self._options.debug)).plan
            self._log.know(secrets_of(plan))
            return plan

        return Configuration(watched(self._options.config), read, render.note, render.warning)

    def _ready(self, port: int) -> None:
        url = f"http://{HOST}:{port}"
        what = "passes everything through" if self._options.observe else "routes"
        if self._options.entrance.is_proxy:
            what = f"is a forward proxy (HTTPS_PROXY), {what}"
        render.note(f"llr listens on {url}, {what}, and captures into {render.tilde(self._store.folder.path)}")
        if self._options.command:
            self._tasks.spawn(self._run_command(url), "the captured command")

    async def _run_command(self, url: str) -> None:
        options = self._options
        key = self._plan.master_key if self._plan is not None and self._plan.require_auth else None
        if options.entrance.is_proxy:
            proxy = url if key is None else url.replace("http://", f"http://llr:{key}@")
            router = Router(url, key or ANY_KEY, proxy=proxy, bundle=self._bundle)
            words, env = told(options.command, os.environ, router)
        else:
            words, env = pointed(options.command, os.environ, options.tool, url, key, observed=options.observe)
        try:
            self._child = await asyncio.create_subprocess_exec(*words, env=env)
            code = await self._child.wait()
            self._code = code if code >= 0 else SIGNALLED - code
        except OSError as error:
            render.error(f"{words[0]} cannot be run: {error.strerror}")
            self._code = NOT_FOUND
        os.kill(os.getpid(), signal.SIGTERM)  # the router ends as if it was told to

    async def _end_child(self) -> None:
        """Of a command that still runs nothing is left behind."""
        if self._child is not None and self._child.returncode is None:
            self._child.terminate()
        await self._tasks.cancel_all()
        if self._child is not None:
            try:
                code = await asyncio.wait_for(self._child.wait(), CHILD_SECONDS)
            except TimeoutError:
                self._child.kill()
                code = await self._child.wait()
            self._code = code if code >= 0 else SIGNALLED - code

    def _told(self, line: "Redacted[Line]") -> None:
        if self._shown is not None:
            self._shown.add(capture_show.row(line.value.value))

    def _tell(self, writer: "CaptureWriter") -> None:
        summary = self._store.summary.as_json()
        path = self._store.folder.path
        render.note(f"{summary['requests']} requests, {summary['models']} models; see `llr capture report {path}`")
        if writer.lost:
            render.warning(f"{writer.lost} requests could not be written")


async def _nothing() -> None:
    """There is nothing more to close."""
