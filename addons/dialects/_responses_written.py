"""Output items while they are written: how each kind begins, grows and ends. Source: OpenAI API reference,
"Streaming events"."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from addons.core.model import Citation, DialectName
from addons.dialects._responses_frame import item_event
from addons.dialects._responses_hosted import ClientRun, call_members
from addons.dialects._responses_sealed import seal_thinking
from addons.dialects.base import Body

RESPONSES = DialectName.RESPONSES


@dataclass(slots=True, eq=False)
class Written:
    """An item that is being written. `row` is set for a call of a tool without a function form: it is shown when it
    is whole, for its arguments have no events. `dialect` is whose thinking it is."""

    output_index: int
    body: Body
    row: ClientRun | None = None
    dialect: DialectName | None = None
    signature: str | None = None
    redacted: bool = False
    texts: list[str] = field(default_factory=list)
    sources: list[Citation] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def place(self) -> Body:
        return {"item_id": self.body["id"], "output_index": self.output_index}

    def start(self) -> Iterator[Body]:
        if self.row is not None:
            return
        yield item_event("added", self.output_index, {**self.body, "status": "in_progress"})
        if self.body["type"] == "message":
            part = {"content_index": 0, "part": text_part("")}
            yield {"type": "response.content_part.added", **self.place, **part}

    def grow(self, text: str) -> Iterator[Body]:
        first = not self.texts
        self.texts.append(text)
        if self.row is not None:
            return
        kind, more = _DELTAS[self.body["type"]]
        if first and self.body["type"] == "reasoning":
            part = {"summary_index": 0, "part": _summary("")}
            yield {"type": "response.reasoning_summary_part.added", **self.place, **part}
        yield {"type": f"response.{kind}.delta", **self.place, **more, "delta": text}

    def end(self, cut: bool) -> Iterator[Body]:
        """The last events of the item, and its final body. `cut`: the answer broke off in it."""
        status = "incomplete" if cut else "completed"
        if self.row is None:
            yield from _DONE[self.body["type"]](self)
        else:
            self.body |= call_members(self.row, self.text)
            # a patch knows no incomplete
            status = "in_progress" if cut and self.row.call == "apply_patch_call" else status
            yield item_event("added", self.output_index, {**self.body, "status": "in_progress"})
        self.body["status"] = status
        yield item_event("done", self.output_index, self.body)


def text_part(text: str, annotations: Sequence[Body] = ()) -> Body:
    return {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": []}


def _annotation(found: Citation, length: int) -> Body:
    end = length if found.end is None else min(found.end, length)
    place = {"start_index": min(found.start or 0, end), "end_index": end}
    return {"type": "url_citation", **place, "title": found.title, "url": found.url}


def _summary(text: str) -> Body:
    return {"type": "summary_text", "text": text}


# item type → (what its delta events are called, what they say beside the text)
_DELTAS: Mapping[str, tuple[str, Body]] = {
    "message": ("output_text", {"content_index": 0, "logprobs": []}),
    "reasoning": ("reasoning_summary_text", {"summary_index": 0}),
    "function_call": ("function_call_arguments", {}),
    "custom_tool_call": ("custom_tool_call_input", {}),
}


def _message_done(item: Written) -> Iterator[Body]:
    place = {**item.place, "content_index": 0}
    annotations = [_annotation(each, len(item.text)) for each in item.sources]
    part = text_part(item.text, annotations)
    for number, each in enumerate(annotations):
        added = {"annotation_index": number, "annotation": each}
        yield {"type": "response.output_text.annotation.added", **place, **added}
    yield {"type": "response.output_text.done", **place, "text": item.text, "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
    item.body["content"] = [part]


def _reasoning_done(item: Written) -> Iterator[Body]:
    if item.dialect == RESPONSES:
        item.body["encrypted_content"] = item.signature
    elif item.dialect is not None:
        item.body["encrypted_content"] = seal_thinking(item.dialect, item.signature, item.redacted)
    if not item.texts:
        return
    place = {**item.place, "summary_index": 0}
    part = _summary(item.text)
    yield {"type": "response.reasoning_summary_text.done", **place, "text": item.text}
    yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
    item.body["summary"] = [part]


def _function_done(item: Written) -> Iterator[Body]:
    item.body["arguments"] = item.text
    named = {"name": item.body["name"], "arguments": item.text}
    yield {"type": "response.function_call_arguments.done", **item.place, **named}


def _custom_done(item: Written) -> Iterator[Body]:
    item.body["input"] = item.text
    yield {"type": "response.custom_tool_call_input.done", **item.place, "input": item.text}


_DONE: Mapping[str, Callable[[Written], Iterator[Body]]] = {
    "message": _message_done,
    "reasoning": _reasoning_done,
    "function_call": _function_done,
    "custom_tool_call": _custom_done,
}


def refusal(item_id: str, output_index: int, text: str) -> Iterator[Body]:
    """The events of a whole message that says that the model refuses; the last one holds the item."""
    place = {"item_id": item_id, "output_index": output_index, "content_index": 0}
    body: Body = {"id": item_id, "type": "message", "role": "assistant", "content": []}
    yield item_event("added", output_index, {**body, "status": "in_progress"})
    yield {"type": "response.content_part.added", **place, "part": {"type": "refusal", "refusal": ""}}
    yield {"type": "response.refusal.delta", **place, "delta": text}
    yield {"type": "response.refusal.done", **place, "refusal": text}
    part = {"type": "refusal", "refusal": text}
    yield {"type": "response.content_part.done", **place, "part": part}
    yield item_event("done", output_index, {**body, "content": [part], "status": "completed"})
