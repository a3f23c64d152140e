"""What every search service takes and gives. Each is a pair of pure functions in a file of its own:

request(service, query) -> UpstreamRequest     what is asked
results(body)           -> tuple[Result, ...]  what the JSON of the answer says
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from addons.core.plan import Deadlines

# source: the predecessor's limit for a whole search
DEADLINES = Deadlines(connect=5.0, first_event=15.0, idle=15.0, total=15.0)
SNIPPET = 2_000
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Query:
    """`allowed` and `blocked` are domains; one of them at most is set."""

    text: str
    count: int
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    title: str
    url: str
    snippet: str = ""
    published: str | None = None


def result(title: object, url: object, snippet: object = "", published: object = None) -> Iterator[Result]:
    """One result, or none where there is no address that could be opened."""
    if not isinstance(url, str) or urlsplit_or_none(url) is None:
        return
    said = plain(snippet)[:SNIPPET]
    yield Result(plain(title) or url, url, said, published if isinstance(published, str) and published else None)


def plain(text: object) -> str:
    """One line without mark-up."""
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", text))).strip() if isinstance(text, str) else ""


def urlsplit_or_none(url: str) -> tuple[str, str] | None:
    """The host and the path of an http(s) URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return (host, parts.path) if parts.scheme in ("http", "https") and host else None


def members(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; nothing for what is no list."""
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def member(value: object, *path: str) -> Any:
    """What stands at `path` inside nested objects, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def with_sites(query: Query) -> str:
    """The domains as operators in the text, for services that have no field for them."""
    inside = " OR ".join(f"site:{domain}" for domain in query.allowed)
    outside = " ".join(f"-site:{domain}" for domain in query.blocked)
    return " ".join(part for part in (query.text, f"({inside})" if len(query.allowed) > 1 else inside, outside) if part)


def fits(url: str, query: Query) -> bool:
    """Whether a result is of an allowed domain (its subdomains count), and of none that is blocked. A domain may have
    a path behind it, and `*` in that."""
    if not query.allowed and not query.blocked:
        return True
    place = urlsplit_or_none(url)
    if place is None:
        return False
    if query.allowed:
        return any(_inside(place, domain) for domain in query.allowed)
    return not any(_inside(place, domain) for domain in query.blocked)


def _inside(place: tuple[str, str], domain: str) -> bool:
    host, path = place
    wanted, slash, below = domain.lower().removeprefix("https://").removeprefix("http://").partition("/")
    if host != wanted and not host.endswith(f".{wanted}"):
        return False
    pattern = ".*".join(map(re.escape, f"/{below}".split("*")))
    return not slash or re.match(pattern, path) is not None
