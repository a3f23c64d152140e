"""Every behaviour of the matrix by its key: the functions of the families."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import getmembers, iscoroutinefunction

from matrix import family_text, family_tools
from matrix.cell import Cell
from matrix.table import Outcome

type Behaviour = Callable[[Cell], Awaitable[Outcome]]

FAMILIES = (family_text, family_tools)
BEHAVIOURS: Mapping[str, Behaviour] = {
    name: function
    for family in FAMILIES
    for name, function in getmembers(family, iscoroutinefunction)
    if function.__module__ == family.__name__ and not name.startswith("_")
}
