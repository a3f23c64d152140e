"""Images and documents as Gemini parts. Source: Gemini API, "Image understanding" and "Document processing"."""

import base64
import binascii
import mimetypes
from urllib.parse import urlsplit

from addons.core.model import Document, Image, Loss
from addons.dialects.base import Body

# what the models see; others (GIF, TIFF, BMP, SVG) are refused
IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
PDF = "application/pdf"
_TEXTS = frozenset({"application/json", "application/xml", "application/yaml", "application/javascript"})
_ALIASES = {"image/jpg": "image/jpeg"}


def image(part: Image, losses: list[Loss], own: bool = False) -> list[Body]:
    """`own`: it came in this dialect, and the provider is to judge it."""
    if part.url is not None:
        return [_file(part.url, part.media_type, "image/jpeg")]
    given = (part.media_type or "image/png").lower()
    kind = _ALIASES.get(given, given)
    if kind not in IMAGES and not own:
        losses.append(Loss("messages", f"an image of the type {kind} is not taken", content=True))
        return [{"text": f"[an image of the type {kind} was left out]"}]
    return [{"inlineData": {"mimeType": kind, "data": part.data or ""}}]


def document(part: Document, losses: list[Loss], own: bool = False) -> list[Body]:
    """PDF goes as it is and text as text; nothing else is understood."""
    if part.text is not None:
        return [{"text": part.text}] if part.text else []
    if part.url is not None:
        return [_file(part.url, part.media_type, PDF)]
    kind = (part.media_type or PDF).lower()
    if kind == PDF or own:
        return [{"inlineData": {"mimeType": kind, "data": part.data or ""}}]
    text = _decoded(part.data or "") if kind.startswith("text/") or kind in _TEXTS else None
    if text is not None:
        return [{"text": text}] if text else []
    losses.append(Loss("messages", f"a document of the type {kind} is not taken", content=True))
    return [{"text": f"[a document of the type {kind} was left out]"}]


def _file(url: str, media_type: str | None, usual: str) -> Body:
    """A URL that nobody inlined: files of Google's own stores, and what the provider can fetch itself."""
    guessed, _ = mimetypes.guess_type(urlsplit(url).path, strict=True)
    return {"fileData": {"mimeType": media_type or guessed or usual, "fileUri": url}}


def _decoded(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
