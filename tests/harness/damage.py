"""Bodies that are almost right: one value somewhere in a good one is replaced, doubled or taken away."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

# what clients and providers of the wild have been seen to put where something else was expected
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e400, 10**30, "", "x", "\ud83d", [], [None], ["x"], [[]], [7], {}, {"type": None},
    {"type": 7}, {"type": "unheard-of"}, {"text": None}, {"": {}}, {"type": "text"}, {"role": "user"},
)  # fmt: skip

type Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where every value stands."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def replaced(value: Any, path: Path, new: Any) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return copy


def without(value: Any, path: Path) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return copy


@st.composite
def damaged(draw: st.DrawFn, good: Any) -> Any:
    """`good` with one or two values damaged."""
    value = good
    for _ in range(draw(st.integers(1, 2))):
        found = list(places(value))
        if not found:
            return value
        path = draw(st.sampled_from(found))
        odd = draw(st.sampled_from((*ODD, "take away")))
        value = without(value, path) if odd == "take away" else replaced(value, path, odd)
    return value


def every_damage(good: Any) -> Iterator[tuple[str, Any]]:
    """Each single damage, named."""
    for path in places(good):
        name = ".".join(map(str, path))
        yield f"{name} away", without(good, path)
        for odd in ODD:
            yield f"{name}={odd!r}", replaced(good, path, odd)
