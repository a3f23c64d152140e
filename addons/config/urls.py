"""The URL that each dialect is spoken to at. Source: the predecessor's rule: a base with or without its version
tail works, and so does one that is a whole endpoint already."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from addons.core.model import DialectName

LEAVES: Mapping[DialectName, str] = {
    DialectName.ANTHROPIC: "messages",
    DialectName.CHAT: "chat/completions",
    DialectName.RESPONSES: "responses",
    DialectName.COMPLETIONS: "completions",
    DialectName.GEMINI: "models",
}
VERSIONS: Mapping[DialectName, str] = {DialectName.GEMINI: "/v1beta"}
_ANYWHERE = re.compile(r"/v\d+[a-z]*\d*(/|$)")
# where the path has its version already: for OpenAI's formats and Google's anywhere, for Anthropic's only at the end,
# because there a base such as `/v2/anthropic` is a gateway's mount point
_VERSION: Mapping[DialectName, re.Pattern[str]] = {DialectName.ANTHROPIC: re.compile(r"/v\d+[a-z]*\d*$")}


def endpoint(base: str, dialect: DialectName) -> str:
    """The full URL below `base`, an http(s) URL; user information and fragment are dropped. A base that is the
    endpoint of another dialect counts as what lies above it."""
    parts = urlsplit(base)
    host = parts.netloc.rpartition("@")[2]
    path = _above_leaf(parts.path.rstrip("/"))
    whole = _VERSION.get(dialect, _ANYWHERE).search(path) or _is_endpoint(parts.path, dialect)
    version = "" if whole else VERSIONS.get(dialect, "/v1")
    return urlunsplit((parts.scheme, host, f"{path}{version}/{LEAVES[dialect]}", parts.query, ""))


def sibling(url: str, leaf: str) -> str:
    """The URL of another resource of the same provider: `url` with its own leaf replaced by `leaf`."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{_above_leaf(parts.path)}/{leaf}", parts.query, ""))


def _is_endpoint(path: str, dialect: DialectName) -> bool:
    return path.rstrip("/").endswith(f"/{LEAVES[dialect]}")


def _above_leaf(path: str) -> str:
    """Longer leaves first: a chat endpoint ends in `completions` too."""
    leaves = sorted(LEAVES.values(), key=len, reverse=True)
    return next((path.removesuffix(f"/{leaf}") for leaf in leaves if path.endswith(f"/{leaf}")), path)
