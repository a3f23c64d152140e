"""One call of an operation, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llr_cli.configure.flags import Given
from llr_cli.configure.store import Outcome, Store
from llr_cli.exits import Exit


@dataclass(frozen=True, slots=True)
class Call:
    """`given` by the documented names; `dry`: nothing is to be changed; `quiet`: nothing but the result is shown."""

    given: Given
    store: Store
    env: Mapping[str, str]
    dry: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a person and a program are shown, without secrets. `facts` are the program's, `lines` and `tables` the
    person's; `problems` say what is wrong, `warnings` what a person should know."""

    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()
    tables: Sequence[Table] = ()
    outcome: Outcome | None = None
    warnings: Sequence[str] = ()
    problems: Sequence[str] = ()
    exit: Exit = Exit.OK
