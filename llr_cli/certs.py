"""`llr certs`: the local certificate authority, and who believes it."""

import datetime as dt
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render
from llr_cli.exits import Exit

if TYPE_CHECKING:
    from certs.ca import Authority
    from certs.trust import Machine, Step

app = typer.Typer(help="The local certificate authority for interception.", no_args_is_help=True)

Hosts = Annotated[
    list[str] | None, typer.Option("--host", help="A host that it may vouch for (may be repeated); default: the usual.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def create(
    host: Hosts = None,
    renew: Annotated[bool, typer.Option("--renew", help="Replace the authority that is there.")] = False,
) -> None:
    """Make the authority: its key stays in a private file, and it can vouch for the routed hosts only."""
    from certs import ca

    with _told():
        made = ca.create(os.environ, host or ca.HOSTS, _now(), renew=renew)
    render.line(f"{ca.certificate_file(os.environ)} is made, for {', '.join(made.hosts)}.")
    render.line("Nobody believes it yet: `llr certs trust` tells the system, `llr certs bundle` single tools.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the authority (never its key)."""
    facts = _facts(_loaded())
    if as_json:
        render.json(facts)
        return
    render.table(("fact", "value"), [(name, _text(value)) for name, value in facts.items()])


@app.command()
def leaf(host: Annotated[str, typer.Argument(help="The host that the certificate is for.")]) -> None:
    """Make a certificate for a host, and print the file that holds it and its key."""
    from certs.leaf import leaf_file

    authority = _loaded()
    with _told():
        render.line(str(leaf_file(os.environ, authority, host, _now())))


@app.command()
def bundle(as_json: AsJson = False) -> None:
    """Write the system's authorities and ours into one file, and print how tools are told of it."""
    from certs.bundle import VARIABLES, write_bundle

    authority = _loaded()
    with _told():
        path, count = write_bundle(os.environ, authority)
    if as_json:
        render.json({"file": str(path), "authorities": count, "env": dict.fromkeys(VARIABLES, str(path))})
        return
    for name in VARIABLES:
        render.line(f"export {name}={shlex.quote(str(path))}")


@app.command()
def trust(yes: Yes = False, dry_run: DryRun = False) -> None:
    """Have the system and its browsers believe the authority; every command is shown before it is run."""
    from certs.trust import trusting

    authority = _loaded()
    _carry_out(trusting(_machine(), _subject(authority)), yes=yes, dry_run=dry_run, done="The authority is trusted.")


@app.command()
def untrust(yes: Yes = False, dry_run: DryRun = False) -> None:
    """Undo `llr certs trust`."""
    from certs.trust import distrusting

    authority = _loaded()
    steps = distrusting(_machine(), _subject(authority))
    _carry_out(steps, yes=yes, dry_run=dry_run, done="The authority is trusted no more.")


@app.command()
def remove(yes: Yes = False) -> None:
    """Delete the authority and all that it has signed (`llr certs untrust` first)."""
    from certs import ca

    if not yes and not typer.confirm(f"Delete everything in {ca.folder(os.environ)}?"):
        raise typer.Exit(Exit.FAILURE)
    with _told():
        gone = ca.remove(os.environ)
    render.line(f"{len(gone)} files are deleted." if gone else "There was nothing to delete.")


def _carry_out(steps: "Sequence[Step]", *, yes: bool, dry_run: bool, done: str) -> None:
    from certs.trust import carry_out

    if not steps:
        render.error("it is not known how this system is told; `llr certs bundle` helps single tools")
        raise typer.Exit(Exit.FAILURE)
    if dry_run or not yes:
        for step in steps:
            _show_step(step)
    if dry_run:
        return
    if not yes and not typer.confirm("Run these commands?"):
        raise typer.Exit(Exit.FAILURE)
    failed = carry_out(steps, _run, _show_step if yes else lambda _: None)
    if failed is not None:
        render.error(f"{shlex.join(failed.command)} failed; what came before it is done, what follows is not")
        raise typer.Exit(Exit.FAILURE)
    render.line(done)


def _show_step(step: "Step") -> None:
    render.line(f"# {step.purpose}\n{shlex.join(step.command)}")


def _run(command: Sequence[str]) -> int:
    import subprocess

    try:
        return subprocess.run(list(command), check=False).returncode
    except OSError as error:
        render.warning(f"{command[0]} cannot be run: {error.strerror}")
        return 127


def _machine() -> "Machine":
    import shutil

    from certs.trust import find_machine

    return find_machine(sys.platform, os.environ, shutil.which, root=hasattr(os, "geteuid") and os.geteuid() == 0)


def _subject(authority: "Authority") -> Any:
    from certs.ca import certificate_file
    from certs.trust import Subject

    return Subject(certificate_file(os.environ), authority.sha1)


def _facts(authority: "Authority") -> dict[str, Any]:
    from certs.ca import certificate_file

    certificate = authority.certificate
    return {
        "file": str(certificate_file(os.environ)),
        "hosts": authority.hosts,
        "sha256": authority.fingerprint,
        "validFrom": certificate.not_valid_before_utc.isoformat(),
        "validUntil": certificate.not_valid_after_utc.isoformat(),
        "expired": certificate.not_valid_after_utc <= _now(),
    }


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _loaded() -> "Authority":
    from certs import ca

    with _told():
        return ca.load(os.environ)
    raise AssertionError  # _told ends the command


@contextmanager
def _told() -> Iterator[None]:
    """A problem with the certificates ends the command with its reason."""
    from certs.ca import CertificateProblem

    try:
        yield
    except CertificateProblem as problem:
        render.error(str(problem))
        raise typer.Exit(Exit.FAILURE) from None
    except OSError as error:
        render.error(f"{error.filename or 'a file'} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
