"""The rate limits of the document as buckets.

Source: the predecessor's `rateLimits` (requests in a fixed window). New here are tokens and concurrent requests.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, model_validator

from addons.config.fields import Node, Words, names
from addons.config.findings import Findings
from addons.core.buckets import Bucket
from addons.core.tally import Measure
from addons.core.windows import Window, parse, unit_of

ALL = "all"
MEASURES: Mapping[str, Measure] = {
    "requests": "requests",
    "tokens": "tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "concurrent": "concurrent",
}


class WindowNode(Node):
    """`month:1` stands for both."""

    unit: str = Field(validation_alias=names("unit"))
    size: int = Field(1, validation_alias=names("size", "value"), ge=1)

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        window = parse(value)
        return {"unit": window.unit, "size": window.size}


class RateLimitNode(Node):
    id: str = ""
    name: str | None = None
    models: Words = Field(default_factory=lambda: [ALL], validation_alias=names("models", "model"))
    requests: int | None = Field(None, validation_alias=names("requests", "limit", "requestsPerWindow"), ge=1)
    tokens: int | None = Field(None, ge=1)
    input_tokens: int | None = Field(None, validation_alias=names("inputTokens"), ge=1)
    output_tokens: int | None = Field(None, validation_alias=names("outputTokens"), ge=1)
    concurrent: int | None = Field(None, validation_alias=names("concurrent", "maxConcurrent"), ge=1)
    window: WindowNode | None = None
    per_key: bool = Field(False, validation_alias=names("perKey"))
    metadata: Any = None

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, value: object) -> object:
        """The predecessor's flat spellings of the window."""
        if not isinstance(value, dict) or "window" in value:
            return value
        flat = {
            part: value[key]
            for part, spellings in _FLAT.items()
            for key in reversed(spellings)
            if value.get(key) is not None
        }
        rest = {key: item for key, item in value.items() if key not in _FLAT_KEYS}
        return {**rest, "window": flat} if flat else value


_FLAT = {
    "unit": ("windowUnit", "window-unit", "window.unit"),
    "size": ("windowSize", "window-size", "window.size", "window.value"),
}
_FLAT_KEYS = frozenset(key for spellings in _FLAT.values() for key in spellings)


def buckets(
    nodes: Iterable[RateLimitNode], models: frozenset[str], path: str, findings: Findings
) -> tuple[Bucket, ...]:
    """The buckets of a provider whose models are called `models`; what is wrong goes to `findings`."""
    found: dict[str, Bucket] = {}
    for n, node in enumerate(nodes):
        bucket = _bucket(node, f"{path}[{n}]", models, findings)
        if bucket is None:
            continue
        if node.id and bucket.id in found:
            findings.problems.append(f"{path}[{n}].id: expected an id of its own, {bucket.id!r} is used twice")
        found[_free(bucket.id, found)] = bucket
    return tuple(_named(bucket, name) for name, bucket in found.items())


def _bucket(node: RateLimitNode, path: str, models: frozenset[str], findings: Findings) -> Bucket | None:
    caps = {measure: cap for field, measure in MEASURES.items() if (cap := getattr(node, field)) is not None}
    window = _window(node, f"{path}.window", findings)
    if not caps:
        findings.problems.append(f"{path}: expected a limit: requests, tokens, inputTokens, outputTokens or concurrent")
        return None
    if window is None and caps.keys() != {"concurrent"}:
        if node.window is None:
            findings.problems.append(f'{path}.window: expected one, as in {{"unit": "minute", "size": 1}}')
        return None
    return Bucket(
        node.id or _slug(node, caps),
        caps,
        window,
        _covered(node, path, models, findings),
        node.name or "",
        node.per_key,
    )


def _window(node: RateLimitNode, path: str, findings: Findings) -> Window | None:
    if node.window is None:
        return None
    try:
        return Window(unit_of(node.window.unit), node.window.size)
    except ValueError as error:
        findings.problems.append(f"{path}: {error}")
        return None


def _covered(node: RateLimitNode, path: str, models: frozenset[str], findings: Findings) -> frozenset[str] | None:
    """None for all models."""
    if not node.models:
        findings.problems.append(f"{path}.models: expected at least one model, or 'all'")
    if ALL in node.models:
        if len(node.models) > 1:
            findings.problems.append(f"{path}.models: expected 'all' or names of models, got both")
        return None
    findings.problems += [
        f"{path}.models: expected models of this provider or 'all', got {name!r}"
        for name in node.models
        if name not in models
    ]
    return frozenset(node.models)


def _slug(node: RateLimitNode, caps: Mapping[Measure, int]) -> str:
    """The id of a bucket without one: its name, else what it says. Source: the predecessor's ids."""
    slug = re.sub(r"[^a-z0-9]+", "-", (node.name or "").lower()).strip("-")
    if slug:
        return slug
    measure, cap = next(iter(caps.items()))
    short = "req" if measure == "requests" else measure.replace("_", "-")
    return f"{cap}-{short}" + (f"-per-{node.window.size}-{node.window.unit}" if node.window else "")


def _free(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name-2` and so on."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _named(bucket: Bucket, name: str) -> Bucket:
    return (
        bucket
        if bucket.id == name
        else Bucket(name, bucket.caps, bucket.window, bucket.models, bucket.name, bucket.per_key)
    )
