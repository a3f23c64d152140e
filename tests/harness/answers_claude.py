"""Answers of an Anthropic Messages provider. Source: Anthropic API reference, "Messages" and "Streaming messages"."""

import json
from collections.abc import Iterator

from harness.answers import Json, Said, event, halves


def whole(said: Said) -> Json:
    return {**_message(said), "content": _blocks(said), "stop_reason": _stop(said), "usage": _usage(said)}


def stream(said: Said) -> list[bytes]:
    return [event(data, data["type"]) for data in _events(said)]


def _message(said: Said) -> Json:
    return {
        "id": f"msg_{said.turn:04}",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_usage(said), "output_tokens": 1},
    }


def _usage(said: Said) -> Json:
    """`input_tokens` leaves out what the cache was asked for."""
    thought = {"output_tokens_details": {"thinking_tokens": said.reasoning}} if said.thinking else {}
    return {
        **thought,
        "input_tokens": said.input_tokens - said.cached - said.cache_written,
        "cache_read_input_tokens": said.cached,
        "cache_creation_input_tokens": said.cache_written,
        "output_tokens": said.output_tokens,
    }


def _stop(said: Said) -> str:
    return said.stop or ("tool_use" if said.calls else "end_turn")


def _blocks(said: Said) -> list[Json]:
    blocks: list[Json] = []
    if said.thinking:
        blocks.append({"type": "thinking", "thinking": said.thinking, "signature": said.signature})
    if said.text:
        cited = {"citations": list(_citations(said))} if said.sources else {}
        blocks.append({"type": "text", "text": said.text, **cited})
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments or "{}")}
        for call in said.calls
    ]
    return blocks


def _citations(said: Said) -> Iterator[Json]:
    for url in said.sources:
        page = {"url": url, "title": "A page", "cited_text": "What it says.", "encrypted_index": "RU5D"}
        yield {"type": "web_search_result_location", **page}


def _events(said: Said) -> Iterator[Json]:
    yield {"type": "message_start", "message": _message(said)}
    opened: list[tuple[Json, list[Json]]] = []
    if said.thinking:
        deltas: list[Json] = [{"type": "thinking_delta", "thinking": part} for part in halves(said.thinking)]
        signature = {"type": "signature_delta", "signature": said.signature}
        opened.append(({"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signature]))
    if said.text:
        pieces = [{"type": "text_delta", "text": part} for part in halves(said.text)]
        pieces += [{"type": "citations_delta", "citation": each} for each in _citations(said)]
        opened.append(({"type": "text", "text": "", **({"citations": []} if said.sources else {})}, pieces))
    for call in said.calls:
        # the provider opens with an empty delta, and sends the arguments as the model wrote them
        parts = ["", *halves(call.arguments)]
        opened.append(
            (
                {"type": "tool_use", "id": call.id, "name": call.name, "input": {}},
                [{"type": "input_json_delta", "partial_json": part} for part in parts],
            )
        )
    for index, (block, pieces) in enumerate(opened):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        if index == 0:
            yield {"type": "ping"}
        for delta in pieces:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": _stop(said), "stop_sequence": None},
        "usage": _usage(said),
    }
    yield {"type": "message_stop"}
