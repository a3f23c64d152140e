"""Whether the router would take the configuration, and what it says."""

import os
from pathlib import Path
from typing import Any

from addons.config import ConfigProblem, Loaded, load
from addons.core.plan import Provider
from addons.core.shown_url import shown_url
from llr_cli import render
from llr_cli.exits import Exit


def validate(config_file: Path | None, *, as_json: bool) -> Exit:
    """Gives the exit code."""
    try:
        loaded = load(config_file, os.environ)
    except ConfigProblem as problem:
        if as_json:
            render.json({"ok": False, "source": problem.source, "problems": problem.problems})
        else:
            render.error(str(problem))
        return Exit.FAILURE
    if as_json:
        render.json(_summary(loaded))
    else:
        _show(loaded)
    return Exit.OK


def _summary(loaded: Loaded) -> dict[str, Any]:
    plan = loaded.plan
    return {
        "ok": True,
        "source": loaded.source,
        "providers": [
            {
                "id": provider.id,
                "endpoints": {str(dialect): shown_url(url) for dialect, url in provider.endpoints.items()},
                "key": _key(provider),
                "models": [model.id for model in provider.models],
            }
            for provider in plan.providers
        ],
        "aliases": {
            name: {
                "targets": [target.ref for target in alias.targets],
                "fallbackTargets": [target.ref for target in alias.fallbacks],
            }
            for name, alias in plan.aliases.items()
        },
        "defaultModel": plan.default_model,
        "masterKey": plan.master_key is not None,
        "warnings": list(loaded.warnings),
    }


def _show(loaded: Loaded) -> None:
    summary = _summary(loaded)
    render.line(f"{loaded.source} is valid.")
    render.table(
        ("provider", "format", "endpoint", "key", "models"),
        [
            (each["id"], dialect, url, each["key"], ", ".join(each["models"]))
            for each in summary["providers"]
            for dialect, url in each["endpoints"].items()
        ],
    )
    if summary["aliases"]:
        render.table(
            ("alias", "targets", "fallback targets"),
            [
                (name, ", ".join(alias["targets"]), ", ".join(alias["fallbackTargets"]))
                for name, alias in summary["aliases"].items()
            ],
        )
    render.line(f"default model: {summary['defaultModel'] or 'none'}")
    render.line(f"master key: {'set' if summary['masterKey'] else 'none'}")
    for warning in loaded.warnings:
        render.warning(warning)


def _key(provider: Provider) -> str:
    """Whether there is a key; at most its last four characters are shown."""
    if provider.key_problem:
        return f"missing: {provider.key_problem}"
    if provider.key is None:
        return "none"
    return f"…{provider.key[-4:]}" if len(provider.key) >= 16 else "set"
