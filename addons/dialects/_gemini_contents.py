"""The `contents` of a Gemini request as canonical messages. Source: Gemini API reference, "Content", and the guides
"Function calling" and "Thought signatures"."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from addons.core import jsonio
from addons.core.errors import BadRequest
from addons.core.model import (
    DialectName,
    Document,
    Image,
    Message,
    Opaque,
    Part,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from addons.dialects._gemini_members import listed, members
from addons.dialects._gemini_signature import unwrap
from addons.dialects.base import Body
from addons.dialects.shapes import as_str, optional, without

GEMINI = DialectName.GEMINI

_ROLES: Mapping[object, Role] = {
    None: "user",
    "": "user",
    "user": "user",
    "function": "user",
    "tool": "user",
    "model": "assistant",
}
_SIGNED = ("thought", "thoughtSignature")
# what a functionResponse says when it says nothing but its output; an error has its own key
_OUTPUT_KEYS = ("output", "result")


def parse_system(value: object) -> tuple[Message, ...]:
    """`systemInstruction`: a content, or the bare string that some clients send. Raises BadRequest naming the field."""
    path = "systemInstruction.parts"
    raw = [value] if isinstance(value, str) else listed(members(value or {}, "systemInstruction").get("parts"), path)
    found = [(_part_members(each, f"{path}[{n}]"), f"{path}[{n}].text") for n, each in enumerate(raw)]
    texts = [Text(as_str(part.get("text"), where), without(part, "text", *_SIGNED)) for part, where in found]
    parts = tuple(text for text in texts if text.text)
    return (Message("system", parts),) if parts else ()


def _part_members(value: object, path: str) -> Body:
    return members({"text": value} if isinstance(value, str) else value, path)


def parse_contents(value: object) -> tuple[Message, ...]:
    """Raises BadRequest naming the field. Model contents in a row are one message: the vendor's chat helpers keep one
    for every chunk of a stream."""
    reader = _Reader()
    out: list[Message] = []
    for n, each in enumerate(listed(value, "contents")):
        path = f"contents[{n}]"
        content = members(each, path)
        role = content.get("role")
        if not isinstance(role, str | None) or role not in _ROLES:
            raise BadRequest(f"{path}.role", "user or model is expected")
        parts = reader.parts(content.get("parts"), _ROLES[role], f"{path}.parts")
        if _ROLES[role] == "assistant" and out and out[-1].role == "assistant":
            beside = {**out[-1].extras, **without(content, "role", "parts")}
            out[-1] = Message("assistant", _joined([*out[-1].parts, *parts]), extras=beside)
        elif parts:
            said = _joined(parts) if _ROLES[role] == "assistant" else tuple(parts)
            out.append(Message(_ROLES[role], said, extras=without(content, "role", "parts")))
    return tuple(out)


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """The deltas of a replayed stream as one text again, and thoughts that a signature repeats only once."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        match last, part:
            case Text(), Text():
                out[-1] = Text(last.text + part.text, {**last.extras, **part.extras})
            case Thinking(signature=None), Thinking(signature=None):
                out[-1] = Thinking(last.text + part.text, dialect=GEMINI, extras={**last.extras, **part.extras})
            case Thinking(signature=None), Thinking(extras={"thought": True}):
                out[-1] = replace(part, text=last.text + part.text, extras={**last.extras, **part.extras})
            case Thinking(signature=None, dialect=DialectName.GEMINI), Thinking() if part.dialect is not GEMINI:
                out[-1] = part
            case _:
                out.append(part)
    return tuple(out)


@dataclass(slots=True)
class _Reader:
    """Reads parts in order. Calls without an id get one from their name and position, and responses without an id
    answer the open calls of their name in order."""

    open: dict[str, str] = field(default_factory=dict)  # id → name of the calls that wait for a response
    used: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def parts(self, value: object, role: Role, path: str) -> list[Part]:
        out: list[Part] = []
        for n, each in enumerate(listed(value, path)):
            where = f"{path}[{n}]"
            out += self._part(_part_members(each, where), role, where)
        return out

    def _part(self, part: Body, role: Role, path: str) -> list[Part]:
        signature = optional(part, "thoughtSignature", str, "a string", path)
        if part.get("thought") is True and "text" in part and role == "assistant":
            return _thought(as_str(part["text"], f"{path}.text"), signature, without(part, "text", *_SIGNED))
        before = _signed(signature) if role == "assistant" else []
        if "text" in part:
            text = as_str(part["text"], f"{path}.text")
            return [*before, Text(text, without(part, "text", *_SIGNED))] if text else before
        if "functionCall" in part:
            call = self._call(members(part["functionCall"], f"{path}.functionCall"), f"{path}.functionCall")
            beside = without(part, "functionCall", *_SIGNED)
            return [*before, replace(call, extras={**call.extras, **beside}) if beside else call]
        if "functionResponse" in part:
            where = f"{path}.functionResponse"
            if role != "user":
                raise BadRequest(where, "it belongs into a content of the user")
            result = self._result(members(part["functionResponse"], where), where)
            beside = without(part, "functionResponse", *_SIGNED)
            return [replace(result, extras={**result.extras, **beside}) if beside else result]
        kind = next((kind for kind in _MEDIA if kind in part), None)
        if kind is not None and role == "user":
            return [_media(kind, part, f"{path}.{kind}")]
        # what a model makes beside text and calls (pictures, code that it ran) is understood here only
        return [Opaque(GEMINI, part, path)] if without(part, "thought", "thoughtSignature") else before

    def _call(self, call: Body, path: str) -> ToolCall:
        name = as_str(call.get("name"), f"{path}.name")
        args = optional(call, "args", dict, "an object", path)
        call_id = optional(call, "id", str, "a string", path) or self._new_id(name)
        self.open[call_id] = name
        self.used.add(call_id)
        return ToolCall(call_id, name, jsonio.text(args or {}), extras=without(call, "name", "args", "id"))

    def _new_id(self, name: str) -> str:
        """Always the same for the same conversation so far, and made of what every provider takes in an id."""
        while True:
            number = self.counts[name] = self.counts.get(name, 0) + 1
            found = f"call_{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:40]}_{number}"
            if found not in self.used:
                return found

    def _result(self, response: Body, path: str) -> ToolResult:
        name = as_str(response.get("name") or "", f"{path}.name")
        given = optional(response, "id", str, "a string", path)
        call_id = given if given in self.open else next((key for key, of in self.open.items() if of == name), None)
        if call_id is None:
            call_id = given or self._new_id(name)
        self.open.pop(call_id, None)
        content, failed = _outcome(optional(response, "response", dict, "an object", path))
        media = [
            _shown(members(each, f"{path}.parts[{n}]"), f"{path}.parts[{n}]")
            for n, each in enumerate(listed(response.get("parts"), f"{path}.parts"))
        ]
        extras = without(response, "id", "name", "response", "parts")
        return ToolResult(call_id, (*content, *media), is_error=failed, extras=extras)


def _outcome(response: Body | None) -> tuple[tuple[Text, ...], bool]:
    """`output` and `error` are the documented keys; without them the whole object is the output."""
    response = response or {}
    if "error" in response and len(response) == 1:
        return (Text(_plain(response["error"])),), True
    if len(response) == 1 and (key := next(iter(response))) in _OUTPUT_KEYS:
        return (Text(_plain(response[key])),), False
    return ((Text(jsonio.text(response)),) if response else ()), False


def _plain(value: object) -> str:
    return value if isinstance(value, str) else jsonio.text(value)


def _signed(signature: str | None) -> list[Part]:
    """The thinking that a signature on another part stands for."""
    if not signature:
        return []
    foreign = unwrap(signature)
    return [Thinking("", signature, dialect=GEMINI)] if foreign is None else [*foreign]


def _thought(text: str, signature: str | None, beside: Body) -> list[Part]:
    foreign = unwrap(signature) if signature else None
    if foreign is not None:
        return [*foreign]
    if signature:
        # a thought's own signature, as opposed to one that stands on the part behind it
        return [Thinking(text, signature, dialect=GEMINI, extras={**beside, "thought": True})]
    return [Thinking(text, dialect=GEMINI, extras=beside)] if text else []


def _shown(part: Body, path: str) -> Image | Document | Opaque:
    """A part of a response; one of no known kind is understood here only."""
    kind = next((kind for kind in _MEDIA if kind in part), None)
    return Opaque(GEMINI, part, path) if kind is None else _media(kind, part, f"{path}.{kind}")


def _media(kind: str, part: Body, path: str) -> Image | Document | Opaque:
    found = _MEDIA[kind](members(part[kind], path), path)
    beside = without(part, kind, *_SIGNED)
    return Opaque(GEMINI, part, path) if found is None else replace(found, extras={**found.extras, **beside})


def _inline(blob: Body, path: str) -> Image | Document | None:
    media_type = as_str(blob.get("mimeType") or "", f"{path}.mimeType").lower()
    # the vendor's Python SDK writes the URL-safe alphabet
    data = as_str(blob.get("data"), f"{path}.data").replace("-", "+").replace("_", "/")
    data += "=" * (-len(data) % 4)
    if media_type.startswith("image/"):
        return Image(data=data, media_type=media_type, extras=without(blob, "mimeType", "data"))
    if media_type == "application/pdf" or media_type.startswith("text/"):
        name = optional(blob, "displayName", str, "a string", path)
        beside = without(blob, "mimeType", "data", "displayName")
        return Document(data=data, media_type=media_type, name=name, extras=beside)
    return None


def _file(file: Body, path: str) -> Image | Document | None:
    """A file in Google's own stores can be read by no other provider."""
    media_type = as_str(file.get("mimeType") or "", f"{path}.mimeType").lower()
    url = as_str(file.get("fileUri"), f"{path}.fileUri")
    if not url.startswith(("https://", "http://")) or url.startswith("https://generativelanguage.googleapis.com/"):
        return None
    if media_type.startswith("image/"):
        return Image(url=url, media_type=media_type, extras=without(file, "mimeType", "fileUri"))
    if media_type == "application/pdf":
        name = optional(file, "displayName", str, "a string", path)
        beside = without(file, "mimeType", "fileUri", "displayName")
        return Document(url=url, media_type=media_type, name=name, extras=beside)
    return None


_MEDIA: Mapping[str, Callable[[Body, str], Image | Document | None]] = {"inlineData": _inline, "fileData": _file}
