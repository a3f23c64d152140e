"""The parts of a Gemini candidate as part events.

Text and thoughts come in pieces and stay open until another part comes; everything else comes whole. A
`thoughtSignature` belongs to the part that carries it: it becomes a thinking part without text right before that
part (of a thought: the signature of the thinking part itself), and the renderer puts it back there. Source: Gemini
API, "Thought signatures".
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.events import Aside, Cited, Event, PartClose, PartDelta, PartKind, PartOpen
from addons.core.model import Citation, DialectName
from addons.dialects._asides import asides
from addons.dialects._gemini_partial import PartialCall

GEMINI = DialectName.GEMINI

# parts that only this dialect understands
OPAQUE = (
    "inlineData", "fileData", "executableCode", "codeExecutionResult", "functionResponse", "toolCall", "toolResponse",
    "audioTranscription",
)  # fmt: skip
_CALL = frozenset({"id", "name", "args", "partialArgs", "willContinue"})
_KNOWN = frozenset({"text", "thought", "thoughtSignature", "functionCall", *OPAQUE})


class Parts:
    """Turns the parts of one candidate into events. `seed` makes the ids of calls without one unlike those of other
    answers: a conversation must not have an id twice."""

    def __init__(self) -> None:
        self._next = 0
        self._plain: tuple[PartKind, int] | None = None
        self._partial: PartialCall | None = None
        self._cited: set[Citation] = set()
        self.seed = ""
        self.called = False

    @property
    def empty(self) -> bool:
        """Whether nothing was said yet."""
        return self._next == 0

    def part(self, part: Mapping[str, Any]) -> Iterator[Event]:
        call = part.get("functionCall")
        if isinstance(call, Mapping):
            yield from self._call(call, part.get("thoughtSignature"))
            yield from asides(call, _CALL, "functionCall.", content=True)
        elif any(isinstance(part.get(key), Mapping) for key in OPAQUE):
            yield from self._opaque(part)
        else:
            yield from self._words(part)
        if not _KNOWN.issuperset(part):
            yield from asides(part, _KNOWN, content=_KNOWN.isdisjoint(part))

    def cite(self, found: Iterable[Citation | Aside]) -> Iterator[Event]:
        """What the text that was written last rests on; every page once."""
        for each in found:
            if isinstance(each, Aside):
                yield each
            elif self._plain is None or self._plain[0] != "text":
                yield Aside("candidates[].groundingMetadata.groundingChunks", content=True)
            elif each not in self._cited:
                self._cited.add(each)
                yield Cited(self._plain[1], each)

    def end(self) -> Iterator[Event]:
        """Closes what is open."""
        yield from self._close()

    def _words(self, part: Mapping[str, Any]) -> Iterator[Event]:
        text, signature = part.get("text") or "", part.get("thoughtSignature")
        if not isinstance(text, str):
            raise TypeError("text is no string")
        kind: PartKind = "thinking" if part.get("thought") is True else "text"
        if signature and not (kind == "thinking" and text):
            yield from self._signature(signature)
            signature = None
        if not text:
            return
        if self._plain is None or self._plain[0] != kind:
            yield from self._close()
            self._plain = (kind, self._open())
            yield PartOpen(self._plain[1], kind, dialect=GEMINI if kind == "thinking" else None)
        yield PartDelta(self._plain[1], text, signature=signature or None)
        if signature:
            # another thought with its own signature may follow
            yield from self._close()

    def _signature(self, signature: str) -> Iterator[Event]:
        yield from self._close()
        index = self._open()
        yield PartOpen(index, "thinking", dialect=GEMINI)
        yield PartDelta(index, signature=str(signature))
        yield PartClose(index)

    def _call(self, call: Mapping[str, Any], signature: Any) -> Iterator[Event]:
        """A call is whole unless it says that it continues; its later pieces may lack its name."""
        if self._partial is None or (call.get("name") and not call.get("partialArgs")):
            if signature:
                yield from self._signature(signature)
            yield from self._close()
            self.called = True
            self._partial = PartialCall(self._open())
            name = str(call.get("name") or "")
            yield PartOpen(self._partial.index, "tool_call", id=self._id(call, name), name=name)
        text = self._partial.add(call)
        if call.get("willContinue"):
            if text:
                yield PartDelta(self._partial.index, text)
        else:
            yield from self._close(text)

    def _id(self, call: Mapping[str, Any], name: str) -> str:
        given = call.get("id")
        if isinstance(given, str) and given:
            return given
        seed = self.seed or jsonio.text([name, call.get("args")])
        digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return f"call_{digest}_{self._next - 1}"

    def _opaque(self, part: Mapping[str, Any]) -> Iterator[Event]:
        yield from self._close()
        index = self._open()
        yield PartOpen(index, "opaque", dialect=GEMINI, raw=dict(part))
        yield PartClose(index)

    def _open(self) -> int:
        self._next += 1
        return self._next - 1

    def _close(self, text: str = "") -> Iterator[Event]:
        """`text` is what came last of the arguments that are open."""
        if self._plain is not None:
            yield PartClose(self._plain[1])
            self._plain = None
        if self._partial is not None:
            yield PartDelta(self._partial.index, text + self._partial.end())
            yield PartClose(self._partial.index)
            self._partial = None
