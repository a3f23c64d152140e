"""`llr config key`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, do

app = typer.Typer(help="Keys: the masterKey that clients show, and the keys of providers.", no_args_is_help=True)

Provider = Annotated[str | None, typer.Option(help="The provider whose key it is; default: the masterKey.")]


@app.command("set")
def set_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key; - (default) reads it from standard input.")] = "-",
    provider: Provider = None,
    env: Annotated[str | None, typer.Option(help="The variable that holds the provider's key.")] = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set the masterKey, or the key of a provider."""
    key = _asked(key, env)
    if provider is None and env is None:
        do("set-master-key", {"master-key": key}, config_file, dry_run, as_json)
    given = {"provider-id": provider or "", "api-key-env": env, "api-key": None if env else key, "skip-probe": True}
    do("change-provider", given, config_file, dry_run, as_json)


@app.command()
def generate(
    length: Annotated[int | None, typer.Option(min=24, max=256, help="How many characters; 48.")] = None,
    prefix: Annotated[str | None, typer.Option(help="What it begins with; gw_.")] = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a masterKey; it is written into the file and shown nowhere else."""
    given = {"generate-master-key": True, "master-key-length": length, "master-key-prefix": prefix}
    do("set-master-key", given, config_file, dry_run, as_json)


@app.command()
def clear(
    provider: Provider = None, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Take away the masterKey, or the key of a provider."""
    if provider is None:
        do("set-master-key", {"clear": True}, config_file, dry_run, as_json)
    given = {"provider-id": provider, "api-key": "", "api-key-env": "", "skip-probe": True}
    do("change-provider", given, config_file, dry_run, as_json)


def _asked(key: str, env: str | None) -> str:
    """At a terminal the key is asked for without being shown."""
    import sys

    if key == "-" and env is None and sys.stdin.isatty():
        return str(typer.prompt("Key", hide_input=True))
    return key
