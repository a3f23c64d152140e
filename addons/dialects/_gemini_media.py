"""Images, documents and sound as Gemini parts. Source: Gemini API, "Image understanding", "Document processing" and
"Audio understanding"."""

import base64
import binascii
import mimetypes
from collections.abc import Mapping
from urllib.parse import urlsplit

from addons.core.history import document_text, said_of
from addons.core.model import Document, Image, Loss, Opaque
from addons.core.traits import Traits
from addons.dialects.base import Body
from addons.dialects.shapes import without

# what the models see; others (GIF, TIFF, BMP, SVG) are refused
IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
PDF = "application/pdf"
# what Chat Completions calls the formats of sound, OpenAI's own and OpenRouter's
SOUNDS: Mapping[str, str] = {
    "wav": "audio/wav", "mp3": "audio/mp3", "aac": "audio/aac", "aiff": "audio/aiff", "flac": "audio/flac",
    "ogg": "audio/ogg",
}  # fmt: skip
_TEXTS = frozenset({"application/json", "application/xml", "application/yaml", "application/javascript"})
_ALIASES = {"image/jpg": "image/jpeg"}


def image(part: Image, model: Traits, losses: list[Loss], own: bool = False) -> list[Body]:
    """`own`: it came in this dialect, and the provider is to judge it."""
    given = (part.media_type or "image/png").lower()
    kind = _ALIASES.get(given, given)
    if not own and not model.images:
        return _unread("an image", f"{model.id} reads no images", losses)
    if part.url is not None:
        return [_file(part.url, part.media_type, "image/jpeg")]
    if not own and kind not in IMAGES:
        return _unread("an image", f"an image of the type {kind} is not taken", losses)
    return [{"inlineData": {"mimeType": kind, "data": part.data or ""}}]


def document(part: Document, model: Traits, losses: list[Loss], own: bool = False) -> list[Body]:
    """PDF goes as it is and text as text; nothing else is understood."""
    if part.text is not None:
        text = part.text if own else document_text(part)
        return [{"text": text}] if text else []
    head = "" if own else said_of(part, titled=False)
    return [*([{"text": head}] if head else []), *_file_parts(part, model, losses, own)]


def _file_parts(part: Document, model: Traits, losses: list[Loss], own: bool) -> list[Body]:
    kind = (part.media_type or PDF).lower()
    text = _decoded(part.data or "") if not own and (kind.startswith("text/") or kind in _TEXTS) else None
    if text is not None:
        return [{"text": text}] if text else []
    if not own and not model.documents:
        return _unread("a document", f"{model.id} reads no documents", losses)
    if part.url is not None:
        return [_file(part.url, part.media_type, PDF)]
    if not own and kind != PDF:
        return _unread("a document", f"a document of the type {kind} is not taken", losses)
    return [{"inlineData": {"mimeType": kind, "data": part.data or ""}}]


def sound(part: Opaque, losses: list[Loss]) -> list[Body]:
    """What a client of Chat Completions lets the model hear; nothing when `part` is something else."""
    match part.raw:
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(form)} as inner}:
            beside = [*without(part.raw, "type", "input_audio"), *without(inner, "data", "format")]
        case _:
            return []
    if form not in SOUNDS:
        return _unread("a sound", f"a sound of the format {form} is not taken", losses)
    losses += [Loss(f"{part.path}.{name}", "Gemini has no such field") for name in beside]
    return [{"inlineData": {"mimeType": SOUNDS[form], "data": data}}]


def _unread(what: str, why: str, losses: list[Loss]) -> list[Body]:
    """The model learns that there was something, so that it does not make it up."""
    losses.append(Loss("messages", why, content=True))
    return [{"text": f"[{what} that could not be read was left out]"}]


def _file(url: str, media_type: str | None, usual: str) -> Body:
    """A URL that nobody inlined: files of Google's own stores, and what the provider can fetch itself."""
    guessed, _ = mimetypes.guess_type(urlsplit(url).path, strict=True)
    return {"fileData": {"mimeType": media_type or guessed or usual, "fileUri": url}}


def _decoded(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
