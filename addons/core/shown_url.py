"""URLs for people: where something is, without what lets one in.

Keys stand in the user information and in the query; of the query, only what says how an API is asked is shown.
"""

from urllib.parse import unquote, urlsplit

from addons.core.discriminators import QUERY
from addons.core.secret_shapes import REMOVED, Secrets, is_label

HIDDEN = "…"
_SHAPES = Secrets()


def shown_url(url: str) -> str:
    """`url` with its user information, the unknown parts of its query, its fragment and what looks like a key in its
    path replaced by marks."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    _, at, host = parts.netloc.rpartition("@")
    query = "&".join(map(_parameter, parts.query.split("&"))) if parts.query else ""
    path = _SHAPES.removed(parts.path).replace(REMOVED, HIDDEN)
    shown = parts._replace(netloc=f"{HIDDEN}@{host}" if at else host, path=path, query=query, fragment="")
    return shown.geturl()


def _parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    shown = name if not name or is_label(unquote(name)) else HIDDEN
    known = name in QUERY and is_label(unquote(value))
    return f"{shown}{equals}{value if known or not value else HIDDEN}"
