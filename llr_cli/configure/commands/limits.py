"""`llr config limits`."""

from typing import Annotated

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, ProviderId, do

app = typer.Typer(help="Rate limits: what a provider allows in each window of time.", no_args_is_help=True)


FLAGS = {
    "provider": "provider-id",
    "bucket": "bucket-id",
    **{name: name for name in ("config_file", "dry_run", "as_json")},
}
COMMON = frozenset({"config_file", "dry_run", "as_json"})


@app.command("set")
def set_limit(
    context: typer.Context,
    provider: ProviderId,
    bucket: Annotated[
        str | None, typer.Argument(metavar="BUCKET", help="The bucket's id; made up for a new one.")
    ] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Requests in each window.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Tokens in each window.")] = None,
    input_tokens: Annotated[int | None, typer.Option(min=1, help="Input tokens in each window.")] = None,
    output_tokens: Annotated[int | None, typer.Option(min=1, help="Output tokens in each window.")] = None,
    concurrent: Annotated[int | None, typer.Option(min=1, help="Requests at once.")] = None,
    window: Annotated[str | None, typer.Option(help="minute, day:1, hour/6, 7day, 1w, month and so on.")] = None,
    models: Annotated[str | None, typer.Option(help="The models that it counts; all by default.")] = None,
    name: Annotated[str | None, typer.Option(help="The bucket's name for people.")] = None,
    per_key: Annotated[bool | None, typer.Option("--per-key/--all-keys", help="Count each key for itself.")] = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a bucket, or change one; what is not said stays."""
    given = {FLAGS.get(name, f"bucket-{name.replace('_', '-')}"): value for name, value in context.params.items()}
    given = {name: value for name, value in given.items() if name not in COMMON}
    do("set-provider-rate-limits", given, config_file, dry_run, as_json)


@app.command()
def remove(
    provider: ProviderId,
    bucket: Annotated[str, typer.Argument(metavar="BUCKET", help="The bucket's id.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Remove a bucket."""
    given = {"provider-id": provider, "bucket-id": bucket, "remove-bucket": "true"}
    do("set-provider-rate-limits", given, config_file, dry_run, as_json)


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """List buckets."""
    do("list-rate-limits", {}, config_file, False, as_json)
