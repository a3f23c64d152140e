"""Pictures that a model has made: every dialect has them in a form of its own, and Messages has none.

Source: Gemini API reference, "Part" (`inlineData`); OpenAI API reference, "Image generation call"; OpenRouter
documentation, "Image Generation" (`images` of a Chat message, which many clients of compatible providers know).
"""

import re
from collections.abc import Mapping
from typing import Any

from addons.core.model import DialectName, Image

_DATA_URL = re.compile(r"data:(image/[\w.+-]{1,40});base64,", re.ASCII)
CALL = "image_generation_call"
# how the ids of items begin that are the router's: OpenAI knows no picture by them
ID_PREFIX = "ig_llr"


def picture(raw: object, dialect: DialectName | None) -> Image | None:
    """The picture that an opaque part of `dialect` is; None: it is none."""
    read = _READ.get(dialect) if dialect is not None else None
    return read(raw) if read is not None and isinstance(raw, Mapping) else None


def _of_gemini(raw: Mapping[str, Any]) -> Image | None:
    blob = raw.get("inlineData")
    if not isinstance(blob, Mapping):
        return None
    # Google's SDKs send back either spelling
    kind, data = blob.get("mimeType") or blob.get("mime_type"), blob.get("data")
    shown = isinstance(kind, str) and kind.startswith("image/") and isinstance(data, str) and bool(data)
    return Image(data=data, media_type=kind) if shown else None


def _of_responses(raw: Mapping[str, Any]) -> Image | None:
    data, kind = raw.get("result"), raw.get("output_format")
    if raw.get("type") != CALL or not isinstance(data, str) or not data:
        return None
    return Image(data=data, media_type=f"image/{kind if isinstance(kind, str) else 'png'}")


def _of_chat(raw: Mapping[str, Any]) -> Image | None:
    inner = raw.get("image_url")
    url = inner.get("url") if isinstance(inner, Mapping) else None
    if not isinstance(url, str) or not url:
        return None
    data = _DATA_URL.match(url)
    return Image(data=url[data.end() :], media_type=data[1]) if data else Image(url=url)


_READ = {
    DialectName.GEMINI: _of_gemini,
    DialectName.RESPONSES: _of_responses,
    DialectName.CHAT: _of_chat,
}


def for_chat(image: Image) -> dict[str, Any]:
    """One of a message's `images`."""
    url = image.url or f"data:{image.media_type};base64,{image.data}"
    return {"type": "image_url", "image_url": {"url": url}}


def for_gemini(image: Image) -> dict[str, Any]:
    """A part. `image` has its bytes."""
    return {"inlineData": {"mimeType": image.media_type, "data": image.data}}


def for_responses(image: Image, item_id: str) -> dict[str, Any]:
    """An item; its id begins with ID_PREFIX. `image` has its bytes."""
    kind = (image.media_type or "").removeprefix("image/")
    return {"id": item_id, "type": CALL, "status": "completed", "output_format": kind, "result": image.data}
