"""Sets and deletes single variables in a `.env` file; every other byte stays as it is.

The last line of a name counts.
"""

import re
from typing import Any

from llr_cli.tools.spans.common import BOM, MISSING, Path, SpanProblem, Verbatim, line_end, newline_before, spelled

LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\r\n#]*)",
    re.MULTILINE,
)
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")


def get(text: str, path: Path) -> Any:
    """The variable, or MISSING."""
    found = _find(text, _name(text, path))
    return MISSING if found is None else _read(found["value"])


def verbatim(text: str, path: Path) -> Verbatim | None:
    """The variable's value as it is written; None when there is none."""
    found = _find(text, _name(text, path))
    return None if found is None else Verbatim(found["value"].rstrip())


def set(text: str, path: Path, value: Any) -> str:
    """`text` with the variable set to `value`; a new one is the last line. Raises SpanProblem for what is no text."""
    name = _name(text, path)
    written = value.text if isinstance(value, Verbatim) else _written(text, path, value)
    found = _find(text, name)
    if found is not None:
        if _read(found["value"]) == _read(written):
            return text
        start = found.start("value")
        return text[:start] + written + text[start + len(found["value"].rstrip()) :]
    if not text.strip(BOM) or text.endswith("\n"):
        return f"{text}{name}={written}{line_end(text)}"
    return f"{text}{line_end(text)}{name}={written}"


def delete(text: str, path: Path) -> str:
    """`text` without the lines of the variable; a comment behind its value stays."""
    while (found := _find(text, _name(text, path))) is not None:
        start = max(found.start(), len(BOM) if text.startswith(BOM) else 0)
        end = text.find("\n", found.end())
        rest = text[found.end() : end if end >= 0 else len(text)]
        if rest.strip():
            text = text[:start] + text[found.end() :]
        elif end >= 0:
            text = text[:start] + text[end + 1 :]
        else:
            text = text[: newline_before(text, start)]
    return text


def _name(text: str, path: Path) -> str:
    match path:
        case (str() as name,):
            return name
    raise SpanProblem(text, 0, f"{spelled(path)}: a .env file holds names only")


def _find(text: str, name: str) -> re.Match[str] | None:
    start = len(BOM) if text.startswith(BOM) else 0
    # a BOM hides the start of the first line from the pattern
    found = [each for each in LINE.finditer(" " * start + text[start:]) if each["name"] == name]
    return found[-1] if found else None


def _read(written: str) -> str:
    written = written.rstrip()
    if written.startswith('"'):
        return re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], written[1:-1], flags=re.DOTALL)
    return written[1:-1] if written.startswith("'") else written


def _written(text: str, path: Path, value: Any) -> str:
    if not isinstance(value, str) or "\r" in value:
        raise SpanProblem(text, 0, f"{spelled(path)}: a .env file holds text only")
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
