"""`llr config provider`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from llr_cli.configure.commands.options import AsJson, DryRun, File, ProviderId, Windows, do

app = typer.Typer(help="Providers: who answers, where, in which format, with which key.", no_args_is_help=True)

COMMON = frozenset({"config_file", "dry_run", "as_json"})
FLAGS = {"provider": "provider-id", "rpm": "probe-rpm"}

Name = Annotated[str | None, typer.Option(help="The provider's name for people.")]
Preset = Annotated[str | None, typer.Option(help="A provider that llr knows; `presets` lists them.")]
BaseUrl = Annotated[str | None, typer.Option(help="The base URL, with or without its version tail.")]
OpenAI = Annotated[str | None, typer.Option("--openai-base-url", help="The base URL of OpenAI's formats.")]
Claude = Annotated[str | None, typer.Option("--claude-base-url", help="The base URL of Anthropic's format.")]
Responses = Annotated[str | None, typer.Option("--responses-base-url", help="The base URL of OpenAI's Responses.")]
Gemini = Annotated[str | None, typer.Option("--gemini-base-url", help="The base URL of Google's format.")]
Key = Annotated[str | None, typer.Option("--api-key", help="The key itself; - reads it from standard input.")]
KeyEnv = Annotated[str | None, typer.Option("--api-key-env", help="The variable that holds the key.")]
Formats = Annotated[
    str | None,
    typer.Option("--format", "--formats", help="openai, openai-responses, claude, gemini; the preferred one first."),
]
Models = Annotated[str | None, typer.Option(help="Names of models, separated by commas.")]
Headers = Annotated[str | None, typer.Option(help="Headers of every request: JSON, or Name: value.")]
Concurrency = Annotated[int | None, typer.Option(min=1, help="Requests that each model takes at once.")]
Probe = Annotated[bool, typer.Option("--probe", help="Try the provider before it is saved, and keep what works.")]
Rpm = Annotated[int | None, typer.Option("--rpm", min=1, help="Calls a minute; 30.")]
Discover = Annotated[bool, typer.Option("--discover", help="Take the models that the provider lists.")]
Match = Annotated[str | None, typer.Option(help="Of the models that are listed, only those of this glob.")]
AuthType = Annotated[str | None, typer.Option(help="How the key travels: bearer, x-api-key, header or none.")]
AuthHeader = Annotated[str | None, typer.Option(help="The header that the key travels in.")]
AuthPrefix = Annotated[str | None, typer.Option(help="What stands before the key in its header.")]


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Options by the names of the flags; formats are one flag or the other."""
    found = {FLAGS.get(name, name.replace("_", "-")): value for name, value in said.items() if name not in COMMON}
    formats = found.pop("formats", None)
    if formats is not None:
        found["formats" if "," in formats else "format"] = formats
    return found


@app.command()
def add(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="An id, or the name of a preset.")],
    preset: Preset = None,
    name: Name = None,
    base_url: BaseUrl = None,
    openai_base_url: OpenAI = None,
    claude_base_url: Claude = None,
    responses_base_url: Responses = None,
    gemini_base_url: Gemini = None,
    api_key: Key = None,
    api_key_env: KeyEnv = None,
    formats: Formats = None,
    models: Models = None,
    model_context_windows: Windows = None,
    headers: Headers = None,
    max_concurrency: Concurrency = None,
    auth_type: AuthType = None,
    auth_header: AuthHeader = None,
    auth_prefix: AuthPrefix = None,
    probe: Probe = False,
    discover: Discover = False,
    match: Match = None,
    rpm: Rpm = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add a provider; one that llr knows needs no more than its name and models."""
    given = _given(context.params)
    given["preset"] = preset or _preset_named(provider, base_url, openai_base_url, claude_base_url, gemini_base_url)
    do("create-provider", given, config_file, dry_run, as_json)


def _preset_named(provider: str, *bases: str | None) -> str | None:
    """The id may be a preset's name, as long as no base URL is given."""
    from llr_cli.configure.presets import preset

    return provider if not any(bases) and preset(provider) is not None else None


@app.command()
def edit(
    context: typer.Context,
    provider: ProviderId,
    name: Name = None,
    base_url: BaseUrl = None,
    openai_base_url: OpenAI = None,
    claude_base_url: Claude = None,
    responses_base_url: Responses = None,
    gemini_base_url: Gemini = None,
    api_key: Key = None,
    api_key_env: KeyEnv = None,
    formats: Formats = None,
    models: Models = None,
    model_context_windows: Windows = None,
    headers: Headers = None,
    max_concurrency: Concurrency = None,
    auth_type: AuthType = None,
    auth_header: AuthHeader = None,
    auth_prefix: AuthPrefix = None,
    probe: Probe = False,
    discover: Discover = False,
    match: Match = None,
    rpm: Rpm = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a provider; everything else stays, and an empty value takes away what is there."""
    given = _given(context.params)
    do("change-provider", given, config_file, dry_run, as_json)


@app.command()
def remove(provider: ProviderId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove a provider that nothing refers to."""
    do("remove-provider", {"provider-id": provider}, config_file, dry_run, as_json)


@app.command()
def rename(
    provider: ProviderId,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The id that it gets.")],
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give a provider another id, and change whatever refers to it."""
    do("rename-provider", {"provider-id": provider, "new-name": new_name}, config_file, dry_run, as_json)


@app.command()
def enable(provider: ProviderId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Use a provider again."""
    do("enable-provider", {"provider-id": provider, "enabled": True}, config_file, dry_run, as_json)


@app.command()
def disable(provider: ProviderId, config_file: File = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Leave a provider out; everything that is said of it stays."""
    do("enable-provider", {"provider-id": provider, "enabled": False}, config_file, dry_run, as_json)


@app.command("list")
def listed(config_file: File = None, as_json: AsJson = False) -> None:
    """List providers."""
    do("list-providers", {}, config_file, False, as_json)


@app.command()
def presets(as_json: AsJson = False) -> None:
    """List the providers that llr knows."""
    from llr_cli.configure.presets_shown import show

    show(as_json=as_json)


@app.command()
def test(
    context: typer.Context,
    provider: Annotated[str | None, typer.Argument(metavar="PROVIDER", help="The id of a saved provider.")] = None,
    models: Annotated[str | None, typer.Option(help="Only these models.")] = None,
    formats: Formats = None,
    every_format: Annotated[bool, typer.Option("--every-format", help="Try every format.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Keep what was found.")] = False,
    preset: Preset = None,
    base_url: BaseUrl = None,
    api_key: Key = None,
    api_key_env: KeyEnv = None,
    rpm: Rpm = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Call every model in every format that it is said to speak (this costs a few tokens)."""
    given = _given(context.params)
    do("test-provider", given, config_file, dry_run, as_json)


@app.command()
def discover(
    context: typer.Context,
    provider: Annotated[str | None, typer.Argument(metavar="PROVIDER", help="The id of a saved provider.")] = None,
    match: Annotated[str | None, typer.Option(help="Only the models of this glob.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Add the models to the provider.")] = False,
    preset: Preset = None,
    base_url: BaseUrl = None,
    api_key: Key = None,
    api_key_env: KeyEnv = None,
    formats: Formats = None,
    config_file: File = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """List the models that a provider has."""
    given = _given(context.params)
    do("discover-provider-models", given, config_file, dry_run, as_json)
