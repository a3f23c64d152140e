"""What a coding tool's own file says about it to the rest: what to write where, and where else a base URL hides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from llr_cli.tools.edits import FileEdits, Kind
from llr_cli.tools.spans.common import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Whose files: the home folder, the environment, and the folder that a workspace is."""

    home: FilePath
    env: Mapping[str, str]
    work: FilePath

    def named(self, variable: str, default: str | FilePath) -> FilePath:
        """The path in an environment variable, else `default`, which is below the home folder."""
        value = self.env.get(variable, "").strip()
        return FilePath(value).expanduser() if value else self.home / default

    def config(self, name: str) -> FilePath:
        """Below the configuration folder. Source: XDG Base Directory Specification 0.8."""
        return self._xdg("XDG_CONFIG_HOME", ".config") / name

    def data(self, name: str) -> FilePath:
        return self._xdg("XDG_DATA_HOME", ".local/share") / name

    def _xdg(self, variable: str, default: str) -> FilePath:
        value = self.env.get(variable, "")
        # a relative path is to be ignored, says the specification
        return FilePath(value) if value.startswith("/") else self.home / default


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that the router answers for. `window` is its true context window in tokens, where it is known."""

    id: str
    window: int | None = None
    output: int | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the tools are connected to: the router, the key they show it, and what they ask for (`model` None: what
    they would ask for anyway). `roles` are models for single purposes, by the tool's own words."""

    origin: str
    key: str
    model: str | None = None
    models: tuple[Offer, ...] = ()
    effort: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    workspace: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """A value in a file: where a tool looks for its base URL."""

    file: FilePath
    kind: Kind
    path: Path


@dataclass(frozen=True, slots=True)
class Project:
    """A file of a project that a tool reads after its user's, and the values in it that lead elsewhere."""

    file: str
    kind: Kind
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """`change` is what connects the tool, `base_url` where that stands; `variables` of the environment and `projects`
    win over both."""

    name: str
    title: str
    change: Callable[[Wiring, Places], tuple[FileEdits, ...]]
    base_url: Callable[[Places], tuple[Where, ...]]
    program: str
    synonyms: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    projects: tuple[Project, ...] = ()
    workspaces: bool = False
