"""Sets and deletes single values in JSON with comments and trailing commas; every other byte stays as it is.

A new member goes behind the last one, in the style of its neighbours; a new array element (an index of the array's
length, or an `Item` that is not there) too. Deleting what `set` added gives the old text again. Comments are never
removed.
"""

import json
from typing import Any

from llr_cli.tools.spans.common import (
    BOM,
    MISSING,
    Item,
    Path,
    SpanProblem,
    Step,
    Verbatim,
    line_end,
    same,
    spelled,
    splice,
)
from llr_cli.tools.spans.jsonc_places import Style, added, indent, removed
from llr_cli.tools.spans.jsonc_tree import STRING, Entry, Node, parse

EMPTY = "{}"


def get(text: str, path: Path) -> Any:
    """The value at `path`, or MISSING. Raises SpanProblem when `text` is no JSON."""
    found = _find(parse(text), path)
    return MISSING if found is None else found.data


def verbatim(text: str, path: Path) -> Verbatim | None:
    """The text of the value at `path`; None when there is none. Raises SpanProblem."""
    found = _find(parse(text), path)
    return None if found is None else Verbatim(text[found.start : found.end])


def set(text: str, path: Path, value: Any) -> str:
    """`text` with `value` at `path`, parents included. Raises SpanProblem where a parent is no object or array."""
    root = parse(text)
    if root is None:
        text = _begun(text)
        root = parse(text)
    assert root is not None
    found = _find(root, path)
    wanted = _data(value)
    if found is not None:
        if same(found.data, wanted):
            return text
        new = Style.of(text, root).dumped(value, indent(text, found.start))
        return text[: found.start] + new + text[found.end :]
    parent, depth = _deepest(text, root, path)
    for step in reversed(path[depth + 1 :]):
        value = _wrapped(step, value)
    style = Style.of(text, root)
    return splice(text, added(text, style, parent, path[depth], _element(path[depth], value)))


def delete(text: str, path: Path) -> str:
    """`text` without what is at `path`; as it is when nothing is there. Raises SpanProblem."""
    while True:
        root = parse(text)
        parent = _find(root, path[:-1]) if path else None
        entry = _entry(parent, path[-1]) if parent is not None else None
        if parent is None or entry is None:
            return text
        # a key that stands there twice goes twice, or the first one would count again
        text = splice(text, removed(text, parent, entry))
        if isinstance(path[-1], int):
            # another element stands at the same place now
            return text


def rename(text: str, path: Path, name: str) -> str:
    """`text` with the member at `path` called `name`, where it stands; as it is when nothing is there. Raises
    SpanProblem."""
    root = parse(text)
    parent = _find(root, path[:-1]) if path else None
    entry = _entry(parent, path[-1]) if parent is not None else None
    if entry is None or entry.key is None:
        return text
    end = entry.start + len(_key_text(text, entry))
    return text[: entry.start] + json.dumps(name, ensure_ascii=False) + text[end:]


def _key_text(text: str, entry: Entry) -> str:
    found = STRING.match(text, entry.start)
    assert found is not None, "a member begins with its key"
    return found[0]


def _begun(text: str) -> str:
    """`text`, which holds no value, with an empty object behind its comments."""
    separator = "" if not text.strip(BOM) or text.endswith("\n") else line_end(text)
    return text + separator + EMPTY + line_end(text)


def _data(value: Any) -> Any:
    if isinstance(value, Verbatim):
        return get(value.text, ())
    return value


def _entry(node: Node, step: Step) -> Entry | None:
    if isinstance(step, str):
        found = [entry for entry in node.entries if entry.key == step] if node.kind == "object" else []
        return found[-1] if found else None
    if node.kind != "array":
        return None
    if isinstance(step, int):
        return node.entries[step] if 0 <= step < len(node.entries) else None
    for entry in node.entries:
        named = _entry(entry.value, step.key)
        if named is not None and named.value.data == step.value:
            return entry
    return None


def _find(root: Node | None, path: Path) -> Node | None:
    node = root
    for step in path:
        entry = _entry(node, step) if node is not None else None
        node = entry.value if entry is not None else None
    return node


def _deepest(text: str, root: Node, path: Path) -> tuple[Node, int]:
    """The last node of `path` that is there, and how many steps lead to it; it can hold the next step."""
    node, depth = root, 0
    while (entry := _entry(node, path[depth])) is not None:
        node, depth = entry.value, depth + 1
    step = path[depth]
    expected = "object" if isinstance(step, str) else "array"
    if node.kind != expected:
        mend = "give it one, or remove the value"
        raise SpanProblem(text, node.start, f"expected an {expected} at {spelled(path[:depth])}: {mend}")
    if isinstance(step, int) and step != len(node.entries):
        raise SpanProblem(text, node.start, f"{spelled(path[:depth])} holds {len(node.entries)}: no place for {step}")
    return node, depth


def _wrapped(step: Step, value: Any) -> Any:
    value = value if not isinstance(value, Verbatim) else _data(value)
    return {step: value} if isinstance(step, str) else [_element(step, value)]


def _element(step: Step, value: Any) -> Any:
    """An element that is found by one of its keys has that key."""
    if isinstance(step, Item) and isinstance(value, dict):
        return value if step.key in value else {step.key: step.value, **value}
    return value
