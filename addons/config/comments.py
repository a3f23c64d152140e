"""Comments and trailing commas out of JSON, in place: whatever is left stands where it stood, so that the line and
the column of an error are still those of the file."""

import re

# strings are matched first, so that what looks like a comment inside of one stays
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')


def without_comments(text: str) -> str:
    """`text` of the same length, as plain JSON where it was JSON with comments."""
    return _COMMA.sub(_trailing, _TOKEN.sub(_blank, text))


def _trailing(found: re.Match[str]) -> str:
    """A comma behind a value goes; one behind nothing stays, to be complained of."""
    at = found.start() - 1
    while at >= 0 and found.string[at].isspace():
        at -= 1
    return found[0] if found.string[at : at + 1] in "[{," else _blank(found)


def _blank(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else re.sub(r"[^\r\n]", " ", found[0])
