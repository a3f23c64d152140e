"""The URL that each dialect is spoken to at. Source: the predecessor's rule: a base with or without its version
tail works, and so does one that is the whole endpoint already."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from addons.core.model import DialectName

LEAVES: Mapping[DialectName, str] = {
    DialectName.ANTHROPIC: "messages",
    DialectName.CHAT: "chat/completions",
    DialectName.RESPONSES: "responses",
}
_VERSION = re.compile(r"/v\d+[a-z]*\d*(/|$)")


def endpoint(base: str, dialect: DialectName) -> str:
    """The full URL below `base`, an http(s) URL; user information and fragment are dropped."""
    parts = urlsplit(base)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.rstrip("/")
    leaf = LEAVES[dialect]
    if path.endswith(f"/{leaf}"):
        full = path
    elif path.endswith("/v1") or _VERSION.search(path):
        full = f"{path}/{leaf}"
    else:
        full = f"{path}/v1/{leaf}"
    return urlunsplit((parts.scheme, host, full, parts.query, ""))
