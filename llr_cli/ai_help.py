"""`llr ai-help`: the brief for an agent that is to set up or use the router, from how things are now."""

from pathlib import Path
from typing import Annotated

import typer

from llr_cli import render


def ai_help(
    config_file: Annotated[
        Path | None, typer.Option("--config", help="The configuration file; default: the running router's.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port; default: the running router's, else 8376.", envvar="LLM_ROUTER_PORT", max=65535),
    ] = None,
    skip_live_test: Annotated[bool, typer.Option("--skip-live-test", help="Do not ask the router.")] = False,
    timeout: Annotated[
        int,
        typer.Option("--live-test-timeout-ms", help="What each question to the router may take.", min=500, max=60000),
    ] = 6000,
    token: Annotated[
        str | None, typer.Option("--gateway-auth-token", help="The key to show the router; default: its masterKey.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a guide for coding agents.

    It says what llr can do, how it is set up now, and which tools can be connected. The gates are really tried at
    the running router; no provider is asked and no key is shown.
    """
    from llr_cli.agent_brief import gates, guide, state
    from llr_cli.doctor.command import subject_of

    subject = subject_of(config_file, port, offline=True)
    facts = state.facts(subject)
    seen = gates.probed(subject, timeout / 1000, token, skip=skip_live_test)
    if as_json:
        render.json(guide.as_json(facts, seen))
    else:
        render.write(guide.text(facts, seen))
