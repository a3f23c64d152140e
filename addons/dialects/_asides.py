"""Members of an answer that have no canonical home: what decoders say of them, so that they are not lost in silence."""

from collections.abc import Iterator, Mapping
from typing import Any

from addons.core.events import Aside
from addons.core.model import Citation
from addons.core.unshown import says


def asides(found: Mapping[str, Any], known: frozenset[str], place: str = "", content: bool = False) -> Iterator[Aside]:
    """One for each member of `found` that is not `known` and says something; `place` stands before its name."""
    if not known.issuperset(found):
        for name, value in found.items():
            if name not in known and says(value):
                yield Aside(f"{place}{name}", content)


def unknown_counts(raw: Mapping[str, Any], known: frozenset[str], *groups: str) -> dict[str, Any]:
    """The members of a usage that are not `known`, those of its `groups` under their own paths."""
    found = {name: value for name, value in raw.items() if name not in known}
    for group in groups:
        inner = raw.get(group)
        if isinstance(inner, Mapping):
            named = {f"{group}.{name}": value for name, value in inner.items()}
            found |= {path: value for path, value in named.items() if path not in known}
    return found


def citation(found: object) -> Citation | None:
    """Of a page: a mapping with its `url`; None for what names none."""
    if not isinstance(found, Mapping) or not isinstance(found.get("url"), str) or not found["url"]:
        return None
    start, end = _place(found.get("start_index")), _place(found.get("end_index"))
    if start is None or end is None or end < start:
        start = end = None
    return Citation(found["url"], _words(found.get("title")), _words(found.get("cited_text")), start, end)


def listed(value: object) -> list[Any]:
    """The items of a list; anything else has none."""
    return value if isinstance(value, list) else []


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _place(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
