"""Values and keys as TOML text."""

import json
import re
from datetime import date, datetime, time
from typing import Any

from llr_cli.tools.spans.common import Verbatim

BARE = re.compile(r"[A-Za-z0-9_-]+")
# JSON lets these stand as they are, TOML does not
CONTROL = re.compile("[\x7f]")


def key(name: str) -> str:
    return name if BARE.fullmatch(name) else string(name)


def dotted(names: tuple[Any, ...]) -> str:
    return ".".join(key(str(name)) for name in names)


def string(text: str) -> str:
    """A basic string. Source: TOML 1.0, whose escapes are JSON's and more."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def dumped(value: Any) -> str:
    """`value` as TOML on one line. Raises TypeError for what TOML has no word for, null above all."""
    match value:
        case Verbatim():
            return value.text
        case bool():
            return "true" if value else "false"
        case str():
            return string(value)
        case int():
            return str(value)
        case float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return "[" + ", ".join(map(dumped, value)) + "]"
        case dict():
            inner = ", ".join(f"{key(name)} = {dumped(each)}" for name, each in value.items())
            return f"{{ {inner} }}" if inner else "{}"
    raise TypeError(f"TOML has no word for {type(value).__name__}")
