"""The one place where JSON is read and written.

The standard library keeps integers of any length and the lone surrogates that JavaScript clients emit; faster
parsers mangle or refuse them. What it is too generous with is refused here: NaN, infinities and numbers that turn
into one (RFC 8259 §6 has none, and no client could read them back), and nesting that code which walks the value
could not follow.
"""

import json
from math import isfinite
from typing import Any, Never

type Json = Any

# far beyond any real body, and three frames a level stay well inside the interpreter's limit of 1000
DEPTH_LIMIT = 200


class JsonError(ValueError):
    """The bytes are not JSON; `str()` says where."""


def loads(data: bytes | str) -> Json:
    """Parses one JSON document. Raises `JsonError` (also for nesting deeper than `DEPTH_LIMIT`)."""
    try:
        value = _DECODE(_text_of(data) if isinstance(data, bytes) else data)
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except ValueError as error:
        raise JsonError(str(error)) from error
    if _openings(data) > DEPTH_LIMIT and is_deep(value):
        raise JsonError("nested too deeply")
    return value


def is_deep(value: Json) -> bool:
    """Whether `value` is nested deeper than code that walks it can follow."""
    return _deeper_than(value, DEPTH_LIMIT)


def _text_of(data: bytes) -> str:
    """UTF-8, a byte-order mark and encoded lone surrogates forgiven (RFC 8259 §8.1 lets a parser ignore the mark)."""
    return data.decode("utf-8", "surrogatepass").removeprefix("\ufeff")


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _finite(literal: str) -> float:
    number = float(literal)
    if not isfinite(number):
        raise ValueError(f"the number {literal[:40]} is out of range")
    return number


# reads what RFC 8259 calls JSON; what it does not is a ValueError
DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_DECODE = DECODER.decode


def _openings(data: bytes | str) -> int:
    """No value is nested deeper than its text has brackets: counting them is cheap and spares the walk."""
    if isinstance(data, bytes):
        return data.count(b"[") + data.count(b"{")
    return data.count("[") + data.count("{")


def _deeper_than(value: Json, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Json) -> bytes:
    """Compact UTF-8. A lone surrogate, which UTF-8 cannot carry, sends the whole value out as ASCII escapes."""
    try:
        return _ENCODE(value).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def text(value: Json) -> str:
    """The same as `dumps`, as a `str` (for JSON that travels inside a JSON string, such as tool arguments)."""
    return _ENCODE(value)
