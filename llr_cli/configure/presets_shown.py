"""The table of presets, for a person or as JSON."""

import os
from typing import Any

from llr_cli import render
from llr_cli.configure.presets import PRESETS, Preset


def show(*, as_json: bool) -> None:
    if as_json:
        render.json({"ok": True, "presets": [_as_json(each) for each in PRESETS]})
        return
    render.table(
        ("preset", "name", "formats", "base URL", "key"),
        [
            (each.id, each.name, ", ".join(each.bases), ", ".join(dict.fromkeys(each.bases.values())), _key(each))
            for each in PRESETS
        ],
    )


def _key(each: Preset) -> str:
    if each.env is None:
        return "none"
    return f"${each.env}" + (" (set)" if os.environ.get(each.env) else "")


def _as_json(each: Preset) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "baseUrlByFormat": dict(each.bases),
        "apiKeyEnv": each.env,
        "keySet": each.env is not None and bool(os.environ.get(each.env)),
        "listing": each.listing,
        "local": each.local,
        "synonyms": list(each.synonyms),
    }
