"""The kinds of values in the document: how each is spelt, and what it refuses. No refusal repeats a secret."""

import re
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

BLOCKED_HEADERS = frozenset(
    {
        "connection", "content-length", "host", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
NO_BLANK_KEY = "expected a key that is not empty; an empty one never means 'no key' (leave it out for that)"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def names(*spellings: str) -> Any:
    """A field under several spellings; camelCase names are read in kebab-case too."""
    both = [spelling for name in spellings for spelling in (name, re.sub(r"(?<=[a-z])([A-Z])", r"-\1", name).lower())]
    return AliasChoices(*dict.fromkeys(both))


def optional(*spellings: str) -> Any:
    return Field(None, validation_alias=names(*spellings))


def spellings(node: type[BaseModel], name: str) -> list[str]:
    """Every spelling of the field `name` of `node` in the document, the documented one first."""
    alias = node.model_fields[name].validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]


class Node(BaseModel):
    """An object of the document. Unknown keys are kept; `null` under a known key says as much as leaving it out."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        known = {spelling for name in cls.model_fields for spelling in spellings(cls, name)}
        return {key: item for key, item in value.items() if item is not None or key not in known}


def _listed(value: object) -> object:
    """One value where a list is expected counts as a list of one."""
    return [value] if isinstance(value, str) else value


def _joined(value: object) -> object:
    """A list of words where one comma-separated word is expected."""
    return ",".join(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value


def _key(value: str) -> str:
    """The key without the white space around it, which no header could carry. Source: promise 38."""
    key = value.strip()
    if not key:
        raise ValueError(NO_BLANK_KEY)
    if CONTROL.search(key):
        raise ValueError("expected a key of one line, without control characters")
    return key


def _url(value: str) -> str:
    if not is_http_url(value):
        raise ValueError(f'expected an http(s) URL, got "{without_secrets(value)}"')
    return value


def is_http_url(value: str) -> bool:
    if not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        # reading the port checks it
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def without_secrets(url: str) -> str:
    """`url` for people: neither user information nor query, where keys like to hide, and not endlessly long."""
    shown = re.sub(r"[^/]*@", "…@", re.sub(r"[?#].*", "?…", url, flags=re.DOTALL))
    return CONTROL.sub("�", shown if len(shown) <= 100 else f"{shown[:100]}…")


def _header_name(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("expected a legal header name (letters, digits and dashes)")
    if value.lower() in BLOCKED_HEADERS:
        raise ValueError("expected a header that may be set; this one belongs to the connection")
    return value


def _header_value(value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise ValueError("expected a header value of one line, without CR, LF or NUL")
    return value


def _unset(value: object) -> object:
    """`false` and an empty text take a header away, as `null` does."""
    return None if value is False or value == "" else value


def _reference(value: str) -> str:
    """Source: the predecessor's grammar of references."""
    ref = value.strip()
    if not ref or re.search(r"\s", ref):
        raise ValueError("expected provider/model or the name of an alias, without white space")
    return ref


type Words = Annotated[list[str], BeforeValidator(_listed)]
type Key = Annotated[str, AfterValidator(_key)]
type Url = Annotated[str, AfterValidator(_url)]
type HeaderName = Annotated[str, AfterValidator(_header_name)]
type HeaderValue = Annotated[str, AfterValidator(_header_value)]
type HeaderWords = Annotated[HeaderValue, BeforeValidator(_joined)]
type Headers = dict[HeaderName, Annotated[HeaderValue | None, BeforeValidator(_unset)]]
type Reference = Annotated[str, AfterValidator(_reference)]
type References = Annotated[list[Reference], BeforeValidator(_listed)]


def walk(node: BaseModel, path: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Every object of the document with its path, which ends in a dot unless it is empty."""
    yield path, node
    for name in type(node).model_fields:
        yield from _below(getattr(node, name), f"{path}{spellings(type(node), name)[0]}")


def _below(value: object, path: str) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from walk(value, f"{path}.")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _below(item, f"{path}[{n}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, f"{path}.{key}")
