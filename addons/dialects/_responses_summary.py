"""The answer to a request for a compaction: one `compaction` item that holds the summary. Source: OpenAI API
reference, "Compaction"; Codex wants exactly one such item, and a completed response."""

from collections.abc import Iterator

from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, Event, Failed, Finish, FinishReason, PartDelta, PartOpen, UsageReport
from addons.core.model import DialectName, Request
from addons.core.unshown import Unshown
from addons.dialects._responses_compaction import CUT_OFF
from addons.dialects._responses_frame import INCOMPLETE, Frame, item_event
from addons.dialects._responses_sealed import seal_summary
from addons.dialects.base import Body

# without a summary the client would go on with nothing at all: better that it asks again
NOTHING = ErrorInfo(ErrorClass.MALFORMED, "the provider gave no summary of the conversation")


class SummaryWriter:
    """Collects the text of the answer; thinking, and calls that nobody asked for, are no part of the summary."""

    def __init__(self, request: Request, model: str) -> None:
        self._frame = Frame(request, model)
        self._texts: list[str] = []
        self._parts: set[int] = set()
        self.unshown = Unshown(DialectName.RESPONSES)

    def feed(self, event: Event) -> Iterator[Body]:
        match event:
            case Begin():
                yield from self._frame.begin(event)
            case PartOpen(kind="text"):
                self._parts.add(event.index)
                self._texts += ["\n\n"] if self._texts else []
            case PartDelta() if event.index in self._parts and event.text:
                yield from self._more(event.text)
            case UsageReport():
                self._frame.report(event.usage)
            case Finish():
                yield from self._end(event)
            case Failed():
                yield self._frame.failed(event.error)
            case _:
                self.unshown.notice(event)

    def _more(self, text: str) -> Iterator[Body]:
        if not self._texts:
            yield item_event("added", 0, self._item(""))
        self._texts.append(text)
        # shows that something goes on
        yield {"type": "response.compaction.compacting", "item_id": self._item("")["id"], "output_index": 0}

    def _item(self, sealed: str) -> Body:
        return {"id": self._frame.name("cmp", 0), "type": "compaction", "encrypted_content": sealed}

    def _end(self, event: Finish) -> Iterator[Body]:
        self.unshown.end(event, self._frame.usage)
        text = "".join(self._texts).strip()
        if event.reason is FinishReason.REFUSAL:
            yield self._frame.ended((), INCOMPLETE[event.reason])
        elif not text:
            yield self._frame.failed(NOTHING)
        else:
            # half a summary is of more use than none: the conversation is too long already
            item = self._item(seal_summary(text + CUT_OFF if event.reason in INCOMPLETE else text))
            yield item_event("done", 0, item)
            yield self._frame.ended((item,))
