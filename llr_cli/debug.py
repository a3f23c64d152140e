"""`llr debug`: what the router said and what it would do, in words."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from llr_cli import debug_shown, render
from llr_cli.config import AsJson, File
from llr_cli.exits import Exit

app = typer.Typer(help="Explain what the router said, and what it would do.", no_args_is_help=True)

STDIN = "-"


@app.command()
def headers(
    source: Annotated[
        str, typer.Argument(metavar="URL|FILE|-", help="An address to GET, a file with saved headers, or - for stdin.")
    ],
    as_json: AsJson = False,
) -> None:
    """Explain the x-llm-router-* headers of an answer.

    A file holds what `curl -i` or `curl -v` printed, a HAR, a capture, or any JSON with headers in it. But for the
    request's id, the router writes these headers when it runs with --debug.
    """
    from addons.core.debug_meanings import explained

    found = [explained(each) for each in _heads(source)]
    if as_json:
        render.json([[debug_shown.header(each) for each in answer] for answer in found])
    elif found:
        debug_shown.headers(found)
    if not found:
        render.error("there is no x-llm-router-* header: is it an answer of llr? Most come with `llr start --debug`")
        raise typer.Exit(Exit.FAILURE)


def _heads(source: str) -> list[dict[str, str]]:
    """The answers that have headers of ours."""
    from addons.core.debug_meanings import is_ours
    from addons.core.saved_headers import headers_in
    from addons.edge.answer_head import NoAnswer, answer_head

    if not source.startswith(("http://", "https://")):
        return headers_in(_saved(source), is_ours)
    try:
        _, found = answer_head(source)
    except NoAnswer as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    return [found] if any(map(is_ours, found)) else []


@app.command()
def request(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A saved body, HAR, capture, file of mitmproxy's, or - for stdin.")
    ],
    request_id: Annotated[
        str | None, typer.Option("--id", help="Of several requests the one whose id begins so; default: the last one.")
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            help="Where it is sent, as /v1/messages; default: where it was, else `/`, which tells by the body."
        ),
    ] = None,
    client_format: Annotated[
        str | None, typer.Option("--format", help="The client's format, in place of a path: claude, openai, gemini …")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Another model than the one that the body names.")] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="A header of the client's, as 'name: value'. Repeatable.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show bodies whole, not their beginnings.")] = False,
    config_file: File = None,
    as_json: AsJson = False,
) -> None:
    """Show what the router would do with a request: nothing is sent.

    It goes through the router's own detection, resolution and translation. For each candidate you see what would be
    sent: of a body that stays in its dialect the bytes that change, of a translated one the new body, the tools that
    get other names, and what is lost.
    """
    import asyncio

    from addons.config import ConfigProblem, load
    from addons.rehearsal import rehearse
    from llr_cli.debug_request import Unusable, ask_of, saved_in

    data = _read(file)
    try:
        plan = load(config_file, os.environ).plan
        ask = ask_of(saved_in(data, file, request_id, plan), path, client_format, model, header or [])
    except Unusable as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.USAGE) from None
    except ConfigProblem as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    found = asyncio.run(rehearse(plan, ask))
    if as_json:
        render.json(debug_shown.as_json(found))
    else:
        debug_shown.steps(found, full=full)
    if found.problem is not None:
        raise typer.Exit(Exit.FAILURE)


def _saved(source: str) -> str:
    """The text of a file; of a capture's folder its answers, one a line."""
    if source == STDIN or not Path(source).expanduser().is_dir():
        return _read(source).decode("utf-8", "replace")
    from llr_cli.capture_source import opened

    return "\n".join(json.dumps(line["response"]) for line in opened(Path(source).expanduser()).lines())


def _read(source: str) -> bytes:
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(source).expanduser().read_bytes()
    except OSError as error:
        render.error(f"{source} cannot be read: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None
