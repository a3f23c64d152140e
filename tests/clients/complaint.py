"""The common ground of the checks."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

type Json = Mapping[str, Any]

# what the script signs its thinking with; a provider refuses every other signature
SIGNATURE = "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ="


# how a summary begins that the script sealed in a compaction item
SUMMARY = "SUMMARY-BY-SCRIPT:"


class Complaint(Exception):
    """The request is refused for this reason."""


def fields(names: str) -> frozenset[str]:
    """The names in a text, blanks between them."""
    return frozenset(names.split())


def demand(condition: object, reason: str) -> None:
    if not condition:
        raise Complaint(reason)


def demand_known(body: Json, known: frozenset[str], wording: str) -> None:
    """`wording` has a `{}` for the field that is not known."""
    for name in body:
        demand(name in known, wording.format(name))


def demand_spelled(body: Json, known: frozenset[str], where: str) -> None:
    """The fields are known under Google's spelling of JSON: camel case, or the snake case of the protocol."""
    demand(isinstance(body, dict), f"Invalid value at '{where}'")
    for name in body:
        camel = re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
        demand(
            camel in known, f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
        )
        # the checks read one spelling; a router that writes the other would pass unchecked
        demand(camel == name, f"{where}: write {camel}, not {name}")


def demand_names(names: Iterable[str], limit: int, where: str) -> None:
    """Tool names are legal and each is used once."""
    seen: set[str] = set()
    for name in names:
        demand(re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{limit}}}", name), f"{where}: {name!r} does not match the pattern")
        demand(name not in seen, f"{where}: tool names must be unique, {name!r} is not")
        seen.add(name)


def sealed(text: str) -> str:
    """The `encrypted_content` of a compaction item: only the provider that wrote it can read it."""
    return base64.b64encode(text.encode()).decode()


def written_by_script(content: Any) -> str | None:
    """The summary in an `encrypted_content`; None for what the script did not seal."""
    try:
        text = base64.b64decode(content, validate=True).decode()
    except (binascii.Error, TypeError, ValueError):
        return None
    return text if text.startswith(SUMMARY) else None
