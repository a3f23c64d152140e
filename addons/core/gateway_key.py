"""The gateway key: the one secret that clients show to the router."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

_HEADERS = ("x-api-key", "x-goog-api-key")
QUERY_FIELDS = frozenset({"key", "api_key", "auth_token"})
_BEARER = re.compile(r"bearer\s+", re.IGNORECASE)


def carriers(headers: Mapping[str, str], query: str) -> Iterator[str]:
    """Every value that might be the key: `Authorization` (with or without `Bearer`, in any case), `x-api-key`,
    `x-goog-api-key`, and the query fields `key`, `api_key` and `auth_token`."""
    authorization = headers.get("authorization")
    if authorization is not None:
        yield _BEARER.sub("", authorization.strip(), count=1)
    for name in _HEADERS:
        if name in headers:
            yield headers[name].strip()
    for name, value in parse_qsl(query):
        if name in QUERY_FIELDS:
            yield value


def admits(key: str, headers: Mapping[str, str], query: str) -> bool:
    """Whether one of the carriers holds `key`. Constant time: digests of equal length are compared."""
    wanted = _digest(key)
    return any(hmac.compare_digest(wanted, _digest(value)) for value in carriers(headers, query))


def without_keys(query: str) -> str:
    """The query without the fields that may carry the key: it is none of the provider's business."""
    if not any(field in query for field in QUERY_FIELDS):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if name not in QUERY_FIELDS])


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()
