"""Where a field stands in the document: under the spelling that its author chose, else under the documented one."""

from typing import Any

from pydantic import BaseModel

from addons.config.fields import spellings
from llr_cli.configure.text import MISSING, Config, Path


def place(config: Config, path: Path, node: type[BaseModel], field: str) -> Path:
    """The path of the field of the object at `path`, which need not be there."""
    found = config.get(path, {})
    known = spellings(node, field)
    if not isinstance(found, dict):
        return (*path, known[0])
    there = [name for name in known if name in found]
    # null under a spelling says as much as leaving it out
    named = next((name for name in there if found[name] is not None), there[0] if there else known[0])
    return (*path, named)


def read(config: Config, path: Path, node: type[BaseModel], field: str, default: Any = None) -> Any:
    found = config.get(place(config, path, node, field))
    return default if found is MISSING or found is None else found


def write(config: Config, path: Path, node: type[BaseModel], field: str, value: Any) -> Config:
    """With the field's `value`; MISSING takes it away under all of its spellings."""
    if value is MISSING:
        for name in spellings(node, field):
            config = config.without((*path, name))
        return config
    if isinstance(value, list):
        return config.listed(place(config, path, node, field), value)
    return config.set(place(config, path, node, field), value)
