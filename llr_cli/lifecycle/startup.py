"""`llr startup`: has the system start the router when its person logs in."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from llr_cli.lifecycle.services import Service, Step

app = typer.Typer(
    help="Start the router at login.\n\nBy a systemd user unit, or a launchd agent; what is written and run is shown.",
    no_args_is_help=True,
)

File = Annotated[Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written and run, and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PortOption = Annotated[
    int | None, typer.Option(help="The port to listen on; default 8376.", envvar="LLM_ROUTER_PORT", min=1, max=65535)
]


@app.command()
def install(
    config_file: File = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: PortOption = None,
    require_auth: Annotated[
        bool | None, typer.Option("--require-auth/--no-require-auth", help="Demand the masterKey from every client.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Write the service's file and start it; both are shown."""
    from llr_cli.lifecycle import services

    _check(config_file)
    service = _service()
    options = services.options(config_file, host, port, require_auth)
    text = service.text(services.command(options), services.variables(os.environ))
    render.line(f"# {service.file}\n{text}")
    _tell_of_keys(config_file, service)
    if not dry_run and not service.manager:
        render.error(
            f"{service.program} is not on this system: nothing was written; `llr start --detach` works anywhere"
        )
        raise typer.Exit(Exit.FAILURE)
    if not dry_run:
        _write(service.file, text)
    _carry_out(service.starting, dry_run)
    if not dry_run:
        render.line(f"The router starts at every login. Its output: {service.output}")


@app.command()
def uninstall(dry_run: DryRun = False) -> None:
    """Stop the service, and remove its file."""
    service = _service()
    if not service.file.exists():
        render.line(f"Nothing to remove: there is no {service.file}.")
        return
    if service.manager:
        _carry_out(service.stopping, dry_run, strict=False)
    render.line(f"rm {shlex.quote(str(service.file))}")
    if not dry_run:
        service.file.unlink(missing_ok=True)
    if service.manager:
        _carry_out(service.forgetting, dry_run, strict=False)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show whether the service is there, and whether it runs."""
    from llr_cli.lifecycle import services

    service = _service()
    found = services.state(service, services.first_line)
    if as_json:
        render.json(found)
        return
    render.table(("fact", "value"), [(name, _text(value)) for name, value in found.items()])


def restart_service(name: str) -> bool:
    """Has the system restart the service that started a router; gives whether it did."""
    service = _service()
    if not service.manager or name != service.name:
        render.error(f"the router was started by {name}: restart it there")
        return False
    return _run(service.restarting)


def _service() -> "Service":
    from llr_cli.lifecycle import services

    found = services.of(sys.platform, os.environ)
    if found is None:
        render.error(f"it is not known how {sys.platform} starts something at login; `llr start --detach` works")
        raise typer.Exit(Exit.FAILURE)
    return found


def _check(config_file: Path | None) -> None:
    """A service that cannot start would be started again and again."""
    from addons.config import ConfigProblem, load

    try:
        load(config_file, os.environ)
    except ConfigProblem as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None


def _tell_of_keys(config_file: Path | None, service: "Service") -> None:
    """A service does not have the variables of this shell, and keys do not belong into its file."""
    from llr_cli.lifecycle.services import wanted_variables

    names = wanted_variables(config_file, os.environ)
    if names:
        render.warning(
            f"the service does not know this shell's {', '.join(names)}: write NAME=value lines into "
            f"{service.variables_file} (chmod 600)"
        )


def _write(file: Path, text: str) -> None:
    from addons.edge.places import new_dir, private_file

    try:
        new_dir(file.parent)
        private_file(file, text.encode())
    except OSError as error:
        render.error(f"{file} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None


def _carry_out(steps: "tuple[Step, ...]", dry_run: bool, *, strict: bool = True) -> None:
    for step in steps:
        render.line(shlex.join(step))
        if not dry_run and not _run(step) and strict:
            render.note("What was written stays; `llr startup uninstall` removes it.")
            raise typer.Exit(Exit.FAILURE)


def _run(step: "Step") -> bool:
    import subprocess

    try:
        done = subprocess.run(list(step), stdin=subprocess.DEVNULL, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        render.error(f"{step[0]} cannot be run: {error}")
        return False
    if done.returncode:
        render.error(f"{shlex.join(step)} failed (exit code {done.returncode})")
    return done.returncode == 0


def _text(value: Any) -> str:
    return {True: "yes", False: "no", None: "-"}.get(value, str(value)) if not isinstance(value, str) else value
