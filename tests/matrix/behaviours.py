"""Every behaviour of the matrix by its key: the functions of the families."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import getmembers, iscoroutinefunction

from matrix import (
    family_beside,
    family_errors,
    family_limits,
    family_media,
    family_structured,
    family_text,
    family_thinking,
    family_tools,
    family_usage,
)
from matrix.cell import Cell
from matrix.outcomes import Outcome

type Behaviour = Callable[[Cell], Awaitable[Outcome]]

FAMILIES = (
    family_text,
    family_limits,
    family_media,
    family_tools,
    family_structured,
    family_thinking,
    family_usage,
    family_beside,
    family_errors,
)
BEHAVIOURS: Mapping[str, Behaviour] = {
    name: function
    for family in FAMILIES
    for name, function in getmembers(family, iscoroutinefunction)
    if function.__module__ == family.__name__ and not name.startswith("_")
}
