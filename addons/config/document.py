"""Where the configuration comes from: never from the working directory, and never written on load.

It is JSON; comments and trailing commas are let pass.

Precedence: `--config`, inline JSON (`LLM_ROUTER_CONFIG_JSON`, `ROUTE_CONFIG_JSON`, `LLM_ROUTER_JSON`), the file that
`LLM_ROUTER_CONFIG` names, `~/.llm-router.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addons.config.comments import without_comments

INLINE = ("LLM_ROUTER_CONFIG_JSON", "ROUTE_CONFIG_JSON", "LLM_ROUTER_JSON")
PATH_VARIABLE = "LLM_ROUTER_CONFIG"
DEFAULT_NAME = ".llm-router.json"


class ConfigProblem(Exception):
    """The configuration cannot be used; the text says where and what was expected, a line each."""

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join([f"{source}:", *(f"  {problem}" for problem in problems)]))
        self.source = source
        self.problems = problems


class ConfigMissing(ConfigProblem):
    """There is no configuration file yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), ["there is no configuration here yet; `llr config init` makes one"])
        self.path = path


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is what people see: the file's path, or the variable's name."""

    name: str
    value: dict[str, Any]


def config_path(explicit: Path | None, env: Mapping[str, str]) -> Path:
    """The file that would be read (also when inline JSON takes its place)."""
    if explicit is not None:
        return explicit.expanduser()
    if env.get(PATH_VARIABLE):
        return Path(env[PATH_VARIABLE]).expanduser()
    return Path(env.get("HOME") or Path.home()) / DEFAULT_NAME


def is_inline(explicit: Path | None, env: Mapping[str, str]) -> bool:
    """Whether the configuration stands in a variable instead of a file."""
    return explicit is None and any(env.get(name) for name in INLINE)


def read(explicit: Path | None, env: Mapping[str, str]) -> Source:
    """Raises ConfigMissing, or ConfigProblem for what is not a JSON object."""
    inline = next((name for name in INLINE if env.get(name)), None)
    if explicit is None and inline is not None:
        return Source(inline, _parse(env[inline], inline))
    path = config_path(explicit, env)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigMissing(path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigProblem(str(path), [f"the file cannot be read: {error}"]) from error
    return Source(str(path), _parse(text, str(path)))


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        value = json.loads(without_comments(text))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigProblem(source, [f"{place}: invalid JSON: {error.msg}"]) from error
    except (RecursionError, ValueError) as error:
        # too deep, or a number of too many digits
        raise ConfigProblem(source, ["expected JSON of a reasonable size, which this is not"]) from error
    if not isinstance(value, dict):
        raise ConfigProblem(source, ["the document: expected a JSON object"])
    return value
