"""Answers of a Responses provider. Source: OpenAI API reference, "Responses" and "Streaming events"."""

import json
from collections.abc import Iterator

from harness.answers import CREATED, Call, Json, Said, event, halves

type Item = Iterator[tuple[str, Json]]


def whole(said: Said) -> Json:
    items = [item for item, _ in _items(said)]
    return _response(said, "incomplete" if said.stop else "completed", items)


def stream(said: Said) -> list[bytes]:
    events: list[tuple[str, Json]] = [
        ("response.created", {"response": _response(said, "in_progress", [])}),
        ("response.in_progress", {"response": _response(said, "in_progress", [])}),
    ]
    for index, (_, steps) in enumerate(_items(said)):
        events += [(name, {"output_index": index, **data}) for name, data in steps]
    last = whole(said)
    events.append((f"response.{last['status']}", {"response": last}))
    return [
        event({"type": name, "sequence_number": number, **data}, name) for number, (name, data) in enumerate(events)
    ]


def _response(said: Said, status: str, output: list[Json]) -> Json:
    return {
        "id": f"resp_{said.turn:04}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "model": said.model,
        "output": output,
        "error": None,
        "incomplete_details": {"reason": said.stop} if status == "incomplete" else None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None if status == "in_progress" else _usage(said),
    }


def _usage(said: Said) -> Json:
    return {
        "input_tokens": said.input_tokens,
        "input_tokens_details": {"cached_tokens": said.cached, "cache_write_tokens": said.cache_written},
        "output_tokens": said.output_tokens,
        "output_tokens_details": {"reasoning_tokens": said.reasoning},
        "total_tokens": said.input_tokens + said.output_tokens,
    }


def _items(said: Said) -> list[tuple[Json, Item]]:
    """Each finished output item with the steps that stream it."""
    items: list[tuple[Json, Item]] = []
    if said.thinking:
        thought = {
            "type": "reasoning",
            "id": f"rs_{said.turn:04}",
            "summary": [{"type": "summary_text", "text": said.thinking}],
            "encrypted_content": said.signature,
        }
        items.append((thought, _reasoning(thought, said.thinking)))
    if said.text:
        part = {
            "type": "output_text",
            "text": said.text,
            "annotations": [_annotation(said, url) for url in said.sources],
        }
        head = {"type": "message", "id": f"msg_{said.turn:04}", "role": "assistant", "status": "completed"}
        message = {**head, "content": [part]}
        items.append((message, _message(message, said.text)))
    if said.painted:
        painted = {"type": "image_generation_call", "id": f"ig_{said.turn:04}", "status": "completed"}
        items.append(({**painted, "result": said.painted}, _painting({**painted, "result": said.painted})))
    for number, call in enumerate(said.calls):
        item = _call(call, number + 100 * (said.turn - 1))
        items.append((item, _calling(item, call)))
    return items


def _annotation(said: Said, url: str) -> Json:
    return {"type": "url_citation", "url": url, "title": "A page", "start_index": 0, "end_index": len(said.text)}


def _painting(item: Json) -> Item:
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "result": None}}
    yield "response.output_item.done", {"item": item}


def _reasoning(item: Json, text: str) -> Item:
    yield "response.output_item.added", {"item": {**item, "summary": [], "encrypted_content": ""}}
    place = {"item_id": item["id"], "summary_index": 0}
    empty = {"type": "summary_text", "text": ""}
    yield "response.reasoning_summary_part.added", {**place, "part": empty}
    for delta in halves(text):
        yield "response.reasoning_summary_text.delta", {**place, "delta": delta}
    yield "response.reasoning_summary_text.done", {**place, "text": text}
    yield "response.reasoning_summary_part.done", {**place, "part": {**empty, "text": text}}
    yield "response.output_item.done", {"item": item}


def _message(item: Json, text: str) -> Item:
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "content": []}}
    place = {"item_id": item["id"], "content_index": 0}
    part = item["content"][0]
    yield "response.content_part.added", {**place, "part": {**part, "text": "", "annotations": []}}
    for delta in halves(text):
        yield "response.output_text.delta", {**place, "delta": delta, "logprobs": []}
    for number, each in enumerate(part["annotations"]):
        yield "response.output_text.annotation.added", {**place, "annotation_index": number, "annotation": each}
    yield "response.output_text.done", {**place, "text": text, "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}
    yield "response.output_item.done", {"item": item}


def _call(call: Call, number: int) -> Json:
    if call.kind == "search":
        searched = {"call_id": call.id, "execution": "client", "arguments": json.loads(call.arguments)}
        return {"type": "tool_search_call", "id": f"tsc_{number:04}", "status": "completed", **searched}
    prefix = "ctc" if call.kind == "custom" else "fc"
    item: Json = {"id": f"{prefix}_{number:04}", "call_id": call.id, "name": call.name, "status": "completed"}
    if call.namespace:
        item["namespace"] = call.namespace
    if call.kind == "custom":
        return {"type": "custom_tool_call", **item, "input": call.arguments}
    return {"type": "function_call", **item, "arguments": call.arguments}


def _calling(item: Json, call: Call) -> Item:
    if call.kind == "search":
        yield "response.output_item.added", {"item": {**item, "status": "in_progress"}}
        yield "response.output_item.done", {"item": item}
        return
    field, name = (
        ("input", "custom_tool_call_input") if call.kind == "custom" else ("arguments", "function_call_arguments")
    )
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", field: ""}}
    place = {"item_id": item["id"]}
    for delta in halves(call.arguments):
        yield f"response.{name}.delta", {**place, "delta": delta}
    done = {**place, field: call.arguments} | ({} if call.kind == "custom" else {"name": call.name})
    yield f"response.{name}.done", done
    yield "response.output_item.done", {"item": item}
