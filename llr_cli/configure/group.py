"""The group `llr config`: it loads its subcommands when they are asked for, and takes the predecessor's
`--operation=NAME --flags` in their place."""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

GROUPS: Mapping[str, str] = {
    name: f"llr_cli.configure.commands.{name}"
    for name in ("provider", "model", "alias", "fallbacks", "limits", "key", "amp", "default")
}
OPERATION = "operation"
# what the group itself is asked
OWN = frozenset({"--help"})


class ConfigGroup(TyperGroup):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0].startswith("--") and args[0] not in OWN:
            args = [OPERATION, *args]
        return list(super().parse_args(ctx, args))

    def list_commands(self, ctx: Any) -> list[str]:
        return [*GROUPS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in GROUPS:
            app = importlib.import_module(GROUPS[cmd_name]).app
            # as all the other commands: help is plain text, and completion is the whole program's
            app.rich_markup_mode = None
            command = typer.main.get_group(app)
            command.name = cmd_name
            return command
        return super().get_command(ctx, cmd_name)
