"""The one place where JSON is read and written.

The standard library keeps integers of any length and the lone surrogates that JavaScript clients emit; faster
parsers mangle or refuse them.
"""

import json
from typing import Any

type Json = Any


class JsonError(ValueError):
    """The bytes are not JSON; `str()` says where."""


def loads(data: bytes | str) -> Json:
    """Parses one JSON document. Raises `JsonError` (also for nesting deeper than the interpreter can follow)."""
    try:
        return json.loads(data)
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except ValueError as error:
        raise JsonError(str(error)) from error


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
