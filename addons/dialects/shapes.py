"""Reading a client's JSON body: typed access that names the path of what is wrong."""

from collections.abc import Mapping
from typing import Any

from addons.core.errors import BadRequest
from addons.core.model import Image


def as_list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequest(path, "a list is expected")
    return value


def as_dict(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest(path, "an object is expected")
    return value


def as_str(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadRequest(path, "a string is expected")
    return value


def optional(body: Mapping[str, Any], key: str, kind: type | tuple[type, ...], what: str, path: str = "") -> Any:
    """`body[key]` when it is there and not null. A boolean is no number."""
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadRequest(f"{path}.{key}" if path else key, f"{what} is expected")
    return value


def number(body: Mapping[str, Any], key: str) -> float | None:
    value: float | None = optional(body, key, (int, float), "a number")
    return value


def integer(body: Mapping[str, Any], key: str) -> int | None:
    value: int | None = optional(body, key, int, "a whole number")
    return value


def text(body: Mapping[str, Any], key: str) -> str | None:
    value: str | None = optional(body, key, str, "a string")
    return value


def without(body: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """The members that are not `known`: the extras."""
    return {key: value for key, value in body.items() if key not in known}


def image_from_url(url: str, detail: str | None = None, extras: Mapping[str, Any] | None = None) -> Image:
    """An Image from a URL; a base64 `data:` URL becomes its data, in the standard alphabet."""
    head, comma, data = url.partition(",")
    if head.startswith("data:") and head.endswith(";base64") and comma:
        standard = data.replace("-", "+").replace("_", "/")
        return Image(data=standard, media_type=head[5:-7], detail=detail, extras=extras or {})
    return Image(url=url, detail=detail, extras=extras or {})


def image_url(image: Image) -> str:
    """The URL of an image, a `data:` URL for inline data."""
    return image.url if image.url is not None else f"data:{image.media_type or 'image/png'};base64,{image.data}"
