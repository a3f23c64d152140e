"""The free text of a custom tool, out of the JSON object that stands in for it, as it comes.

Theory of operation. The object is `{"input": "…"}`. What came is held back while it may still begin so; from the
opening quote on the string is decoded and passed on, up to an escape that is not complete yet. Arguments of any other
shape are the text themselves, and are given at the end.

Models write line breaks and backslashes into the string that JSON does not allow there: they stand for themselves.
"""

import re

from addons.core import jsonio

_HEAD = re.compile(r'\s*\{\s*"input"\s*:\s*"')
# a head is never longer, however it is spaced
_HEAD_LIMIT = 64
# the characters that are complete: the first half of a surrogate pair waits for what follows it
_COMPLETE = re.compile(
    r"""(?: [^"\\]++
        | \\[^u]
        | \\u(?=[0-9a-f]{0,3}[^0-9a-f])
        | \\u(?!d[89ab])[0-9a-f]{4}
        | \\ud[89ab][0-9a-f]{2}
          (?: \\ud[c-f][0-9a-f]{2}
            | (?= [^\\] | \\[^u] | \\u[0-9a-f]{0,3}[^0-9a-f] | \\u(?!d[c-f])[0-9a-f]{4} ) )
        )*+""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[^u]", re.DOTALL)
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class FreeText:
    """Takes the arguments of one call in pieces; `feed` and `finish` give what can be passed on."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._length = 0
        self._inside = self._over = False

    def feed(self, piece: str) -> str:
        """More of the text; empty while nothing can be said of it."""
        if self._over:
            return ""
        self._held.append(piece)
        if self._inside:
            return self._more("".join(self._held))
        return self._begin(len(piece))

    def finish(self) -> str:
        """The arguments have ended: whatever is still held back."""
        if self._over:
            return ""
        rest = "".join(self._held)
        return rest if self._inside else unwrapped(rest)

    def _begin(self, more: int) -> str:
        if self._length >= _HEAD_LIMIT:
            return ""
        self._length += more
        text = "".join(self._held)
        head = _HEAD.match(text, 0)
        if head is None:
            return ""
        self._inside = True
        return self._more(text[head.end() :])

    def _more(self, text: str) -> str:
        complete = _COMPLETE.match(text)
        end = complete.end() if complete else 0
        self._over = text[end : end + 1] == '"'
        self._held = [text[end:]]
        return _ESCAPES.sub(_character, text[:end])


def _character(escape: re.Match[str]) -> str:
    found = escape[0]
    return str(jsonio.loads(f'"{found}"')) if found[1] == "u" else _SHORT.get(found[1], found)


def unwrapped(arguments: str) -> str:
    """The free text inside `{"input": …}`; arguments of any other shape are the text themselves."""
    try:
        value = jsonio.loads(arguments)
    except jsonio.JsonError:
        return arguments
    if isinstance(value, dict) and isinstance(value.get("input"), str):
        return str(value["input"])
    return arguments
