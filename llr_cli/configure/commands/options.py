"""Options that several commands have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

File = Annotated[Path | None, typer.Option("--config", help="The configuration file; default ~/.llm-router.json.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the difference, change nothing.")]
ProviderId = Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's id.")]
ModelId = Annotated[str, typer.Argument(metavar="MODEL", help="The model's name.")]
Windows = Annotated[
    str | None, typer.Option("--context-windows", help="Context windows: JSON, or model=200000,other=1m.")
]


def do(operation: str, given: Mapping[str, Any], config_file: Path | None, dry: bool, as_json: bool) -> None:
    """Ends the command with the operation's exit code."""
    from llr_cli.configure.perform import perform

    raise typer.Exit(perform(operation, given, config_file, dry=dry, as_json=as_json))
