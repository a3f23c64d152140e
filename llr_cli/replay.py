"""`llr replay` and `llr mock`: what was captured with its texts, asked again or answered again."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llr_cli import render
from llr_cli.capture import AsJson, ConfigFile
from llr_cli.capture_source import source
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from addons.core.http import Ask
    from addons.core.model import DialectName
    from addons.core.plan import Plan
    from addons.replaying import Said

Capture = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A capture (made with --full), or a file of mitmproxy's."),
]


def replay(
    file: Capture,
    request_id: Annotated[
        str | None, typer.Option("--id", help="The request, by the beginning of its id; default: the last one.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="REF", help="Whom to ask: provider/model or an alias; default: as then.")
    ] = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask a captured request again.

    Of the same model or of another; both answers are shown side by side.
    """
    import asyncio

    from addons.config import ConfigProblem, load
    from addons.core.model import DialectName
    from addons.replaying import NotReplayable, captured_answer, chosen, saved, side_by_side
    from llr_cli.debug_request import Unusable, ask_of

    try:
        value = chosen(source(file, full=True).requests(), request_id)
        ask = ask_of(saved(value), None, None, model, ())
        plan = load(config_file, os.environ).plan
    except (NotReplayable, Unusable, ConfigProblem) as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    then, now = captured_answer(value), asyncio.run(_asked(plan, ask, DialectName(value["client"])))
    if as_json:
        render.json({"id": value["id"], "captured": asdict(then), "replayed": asdict(now)})
    else:
        render.table(("", "captured", "replayed"), side_by_side(then, now))
    if now.status >= 400:
        raise typer.Exit(Exit.FAILURE)


async def _asked(plan: "Plan", ask: "Ask", dialect: "DialectName") -> "Said":
    from addons.edge.upstream import HttpxUpstream
    from addons.replaying import replayed

    upstream = HttpxUpstream()
    try:
        return await replayed(plan, ask, upstream, dialect)
    finally:
        await upstream.aclose()


def mock(
    file: Capture,
    port: Annotated[int, typer.Option(help="The port to listen on; 0: any.", min=0, max=65535)] = 0,
) -> None:
    """Serve a capture as a fake provider.

    Each request gets the answer that the one most like it got.
    """
    import asyncio

    from addons.edge.master import CannotListen, run
    from addons.edge.tasks import Tasks
    from addons.mocked import Mocked
    from addons.router import Router
    from addons.streamed_response import Streams

    answers = Mocked(source(file, full=True).requests())
    if not len(answers):
        render.error("it has no answers: only what was captured with --full, or saved by mitmproxy, can be served")
        raise typer.Exit(Exit.FAILURE)

    async def serve() -> None:
        tasks = Tasks()
        streams = Streams(tasks)

        def ready(bound: int) -> None:
            render.line(f"llr answers on http://127.0.0.1:{bound} with {len(answers)} captured answers")

        await run([streams, Router(answers, tasks, streams)], host="127.0.0.1", port=port, grace=1.0, ready=ready)

    try:
        asyncio.run(serve())
    except CannotListen as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
