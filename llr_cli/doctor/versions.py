"""Python, and the libraries within the bounds that this llr was made for."""

import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from llr_cli.doctor.checks import Finding, Subject

PYTHON = (3, 13)
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*\(?(?P<bounds>[^;)]*)\)?\s*(?:;(?P<marker>.*))?")
_BOUND = re.compile(r"(?P<sign>>=|<=|==|!=|<|>)\s*(?P<version>[0-9][0-9.]*)")


def versions(_: Subject) -> Iterable[Finding]:
    yield _python()
    yield from libraries(requires("llr") or [])


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        return Finding("python", "failed", found, "install llr with Python 3.13 or newer")
    return Finding("python", "ok", found)


def libraries(requirements: Iterable[str]) -> Iterable[Finding]:
    """A finding for each library that is missing or out of bounds, and one for mitmproxy in any case."""
    for requirement in requirements:
        parsed = _REQUIREMENT.fullmatch(requirement.strip())
        if parsed is None or "extra" in (parsed["marker"] or ""):
            continue
        name, bounds = parsed["name"], parsed["bounds"].strip()
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(name, "failed", "it is not installed", "install llr again")
            continue
        if not within(found, bounds):
            yield Finding(name, "failed", f"{found} is not within {bounds}", "install llr again: `llr update`")
        elif name == "mitmproxy":
            yield Finding(name, "ok", f"{found} (within {bounds})")


def within(found: str, bounds: str) -> bool:
    """Whether a version fits; a bound of another form than ours is taken to hold."""
    have = _numbers(found)
    return all(_holds(have, each["sign"], _numbers(each["version"])) for each in _BOUND.finditer(bounds))


def _holds(have: tuple[int, ...], sign: str, bound: tuple[int, ...]) -> bool:
    return {
        ">=": have >= bound,
        "<=": have <= bound,
        ">": have > bound,
        "<": have < bound,
        "==": have == bound,
        "!=": have != bound,
    }[sign]


def _numbers(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[a-z+-]", text)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
