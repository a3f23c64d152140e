"""The configuration as text, and edits of it that leave every byte outside the edited values as it is."""

from dataclasses import dataclass
from typing import Any

from llr_cli.configure.refusal import Unreadable
from llr_cli.tools.spans import jsonc
from llr_cli.tools.spans.common import MISSING, Path, SpanProblem, same

__all__ = ["MISSING", "Config", "Path"]


@dataclass(frozen=True, slots=True)
class Config:
    """Immutable: every edit gives another one. Its methods raise Unreadable when the text is no JSON, or when something
    else stands where an object or a list is expected."""

    text: str

    @property
    def data(self) -> dict[str, Any]:
        """The whole document; an empty one of a file that is empty or not there."""
        found = self.get(())
        if found is MISSING:
            return {}
        if not isinstance(found, dict):
            raise Unreadable("the document: expected a JSON object; put it into { }")
        return found

    def get(self, path: Path, default: Any = MISSING) -> Any:
        try:
            found = jsonc.get(self.text, path)
        except SpanProblem as problem:
            raise Unreadable(str(problem)) from problem
        return default if found is MISSING else found

    def set(self, path: Path, value: Any) -> "Config":
        """With `value` at `path`; MISSING takes away what is there."""
        if value is MISSING:
            return self.without(path)
        try:
            return Config(jsonc.set(self.text, path, value))
        except SpanProblem as problem:
            raise Unreadable(str(problem)) from problem

    def without(self, path: Path) -> "Config":
        try:
            return Config(jsonc.delete(self.text, path))
        except SpanProblem as problem:
            raise Unreadable(str(problem)) from problem

    def renamed(self, path: Path, name: str) -> "Config":
        """With the member at `path` under another name, where it stands."""
        try:
            return Config(jsonc.rename(self.text, path, name))
        except SpanProblem as problem:
            raise Unreadable(str(problem)) from problem

    def listed(self, path: Path, wanted: list[Any]) -> "Config":
        """With the list `wanted` at `path`, where as many elements of the old list stay untouched as can."""
        now = self.get(path)
        if not isinstance(now, list) or not now or not wanted:
            return self.set(path, wanted)
        config, kept = self, list(now)
        if len(now) != len(wanted):
            for index in reversed(range(len(now))):
                if not any(same(now[index], each) for each in wanted):
                    config = config.without((*path, index))
                    del kept[index]
        if len(kept) > len(wanted) or not kept:
            return self.set(path, wanted)
        if len(kept) < len(wanted) and not same(kept, wanted[: len(kept)]):
            return self.set(path, wanted)
        for index, each in enumerate(wanted):
            config = config.set((*path, index), each)
        return config
