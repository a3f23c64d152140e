"""What changed on the wire between two captures: what a tool's new version sends, and what it sends no more."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from addons.core.discriminators import FREE, KEPT, SCHEMAS

# headers that are different in every request, or that the connection makes
_PASSING = frozenset({"content-length", "host", "connection", "date"})
DEPTH = 12
# of what stands for a text the hash is another in each capture
_HIDDEN = re.compile(r"\[REDACTED [^\]]*\]")
KINDS = ("models", "paths", "query", "headers", "betas", "fields", "values", "tools", "schemas")


@dataclass(frozen=True, slots=True)
class Change:
    """Something of `kind` that only the `later` capture has (`added`), or only the earlier one."""

    kind: str
    what: str
    added: bool


def changes(earlier: Iterable[Mapping[str, Any]], later: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The differences, by kind and name."""
    before, after = _traits(earlier), _traits(later)
    found = [Change(kind, what, False) for kind, what in before - after]
    found += [Change(kind, what, True) for kind, what in after - before]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.what, each.added))


def _traits(requests: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(kind, _HIDDEN.sub("…", what)) for value in requests for kind, what in _of_request(value)}


def _of_request(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    request = value["request"]
    path = str(request.get("path"))
    yield "paths", f"{request.get('method')} {path}"
    if value.get("requested"):
        yield "models", f"{value['requested']} at {path}"
    for name, text in request.get("query") or ():
        yield "query", f"{name}={_shown(text)} at {path}"
    for name, text in request.get("headers") or ():
        if name == "anthropic-beta":
            yield from (("betas", each.strip()) for each in text.split(","))
        elif name not in _PASSING:
            yield "headers", f"{name}: {_shown(text)}"
    body = request.get("body")
    if isinstance(body, dict):
        yield from _of_tools(body.get("tools"))
        yield from _fields(body, "", path, DEPTH)


def _of_tools(tools: Any) -> Iterator[tuple[str, str]]:
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, dict):
            continue
        inner = tool.get("function") if isinstance(tool.get("function"), dict) else tool
        assert isinstance(inner, dict)
        name = str(inner.get("name") or tool.get("type") or "?")
        yield "tools", f"{name} ({tool.get('type', 'function')})"
        schema: dict[str, Any] = next((inner[key] for key in SCHEMAS if isinstance(inner.get(key), dict)), {})
        members = schema.get("properties")
        for member in members if isinstance(members, dict) else ():
            yield "schemas", f"{name}.{member}"
        for key in ("tools", "functionDeclarations", "function_declarations"):
            yield from _of_tools(tool.get(key))


def _fields(value: Any, path: str, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """The paths of members, lists as `[]`, and the discriminators in them; nothing of what a tool is called with."""
    if depth == 0:
        return
    if isinstance(value, list):
        for each in value:
            yield from _fields(each, f"{path}[]", where, depth - 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            inner = f"{path}.{name}" if path else name
            if not name.startswith("[REDACTED"):
                yield "fields", f"{inner} at {where}"
            if name not in FREE and name not in SCHEMAS and not (path and name == "input"):
                yield from _fields(each, inner, where, depth - 1)
    elif _is_discriminator(path, value):
        yield "values", f"{path} = {value} at {where}"


def _is_discriminator(path: str, value: Any) -> bool:
    if isinstance(value, bool):
        return True
    key = path.rpartition(".")[2].removesuffix("[]")
    pattern = KEPT.get(key) if key != "model" else None
    return isinstance(value, str) and pattern is not None and bool(pattern.fullmatch(value))


def _shown(text: str) -> str:
    """Hidden values differ from request to request: that there is one is all that counts."""
    return "…" if "[REDACTED" in text else text
