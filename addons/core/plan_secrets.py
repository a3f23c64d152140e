"""The secrets of a plan: what must never be written anywhere, in whatever text it stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from addons.core.discriminators import keeps_header
from addons.core.plan import Plan
from addons.core.secret_shapes import names_secret

MINIMUM = 4
_SCHEME = re.compile(r"(?i)^(?:bearer|basic|token)\s+")


def secrets_of(plan: Plan) -> frozenset[str]:
    """Every key, the secret parts of URLs, and the values of configured headers that are not known to be harmless.

    The fields of a plan that hold secrets are those that `repr` leaves out: who adds one adds it here."""
    return frozenset(each for each in _found(plan, set()) if len(each) >= MINIMUM)


def _found(value: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(value, str):
        yield from _of_url(value)
        return
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, str) and isinstance(name, str) and _is_header(name):
                yield _SCHEME.sub("", each)
            yield from _found(each, seen)
    elif isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from _found(each, seen)
    elif is_dataclass(value):
        for member in fields(value):
            held = getattr(value, member.name)
            if not member.repr and isinstance(held, str):
                yield held
            yield from _found(held, seen)


def _is_header(name: str) -> bool:
    return names_secret(name) or (name.lower().startswith("x-") and not keeps_header(name.lower()))


def _of_url(text: str) -> Iterator[str]:
    if "://" not in text:
        return
    try:
        parts = urlsplit(text)
        held = (parts.username, parts.password)
    except ValueError:
        return
    yield from (unquote(each) for each in held if each)
    yield from (value for name, value in parse_qsl(parts.query) if names_secret(name))
