"""Reading Gemini's JSON as Google's own parser does: every field under its camel-case and its snake-case name, a
single object where a list is meant, whole numbers written as `40.0` or `"40"`. Source: the JSON mapping of protocol
buffers ("ProtoJSON Format"), and what the vendor's SDKs and its curl examples send.
"""

import re
from collections.abc import Mapping
from typing import Any

from addons.core.errors import BadRequest
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict

_UNDERSCORE = re.compile(r"_([a-z0-9])")


def camel(name: str) -> str:
    return _UNDERSCORE.sub(lambda found: found[1].upper(), name)


def members(value: object, path: str) -> Body:
    """The members of a known object under their camel-case names, nulls left out (there null is the same as absent).
    What the members hold is untouched: it may be the user's data. Raises BadRequest."""
    raw = as_dict(value, path)
    out = {camel(key): each for key, each in raw.items() if each is not None}
    return out | {key: each for key, each in raw.items() if each is not None and key in out}


def listed(value: object, path: str) -> list[Any]:
    """A repeated field; absent is empty, and one object is a list of one. Raises BadRequest."""
    match value:
        case None:
            return []
        case list():
            return value
        case dict():
            return [value]
        case _:
            raise BadRequest(path, "a list is expected")


def whole(body: Mapping[str, Any], key: str, path: str) -> int | None:
    """A whole number. Raises BadRequest."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(f"{path}.{key}", "a whole number is expected")
    return value


def dotted(prefix: str, body: Mapping[str, Any]) -> Body:
    """Members without a canonical home, under the names that the extras (and losses) give them."""
    return {f"{prefix}.{key}": value for key, value in body.items()}
