"""Answers of a Chat Completions provider. Source: OpenAI API reference, "Chat Completions"; `reasoning_content` is the
compatible providers' field."""

from collections.abc import Iterator

from harness.answers import CREATED, Json, Said, event, halves

# what a model writes, by the kind of tool
WRITTEN = {"function": "arguments", "custom": "input"}


def whole(said: Said) -> Json:
    message: Json = {"role": "assistant", "content": said.text or None, "refusal": None}
    if said.thinking:
        message["reasoning_content"] = said.thinking
    if said.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": call.kind, call.kind: {"name": call.name, WRITTEN[call.kind]: call.arguments}}
            for call in said.calls
        ]
    message |= _beside(said)
    choice = {"index": 0, "message": message, "finish_reason": _finish(said), "logprobs": None}
    return {**_head(said, "chat.completion"), "choices": [choice], "usage": _usage(said)}


def stream(said: Said, *, include_usage: bool = True) -> list[bytes]:
    head = _head(said, "chat.completion.chunk")
    if include_usage:
        head["usage"] = None
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}
        for delta, finish in _deltas(said)
    ]
    if include_usage:
        chunks.append({**head, "choices": [], "usage": _usage(said)})
    return [*(event(chunk) for chunk in chunks), event("[DONE]")]


def _head(said: Said, kind: str) -> Json:
    return {"id": f"chatcmpl-{said.turn:04}", "object": kind, "created": CREATED, "model": said.model}


def _finish(said: Said) -> str:
    return said.stop or ("tool_calls" if said.calls else "stop")


def _usage(said: Said) -> Json:
    written = {"cache_write_tokens": said.cache_written} if said.cache_written else {}
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
        "prompt_tokens_details": {"cached_tokens": said.cached, **written},
        "completion_tokens_details": {"reasoning_tokens": said.reasoning},
    }


def _beside(said: Said) -> Json:
    """Pictures are those of OpenRouter."""
    page = {"title": "A page", "start_index": 0, "end_index": len(said.text)}
    cited = [{"type": "url_citation", "url_citation": {"url": url, **page}} for url in said.sources]
    images = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{said.painted}"}}]
    return {**({"annotations": cited} if cited else {}), **({"images": images} if said.painted else {})}


def _deltas(said: Said) -> Iterator[tuple[Json, str | None]]:
    yield {"role": "assistant", "content": ""}, None
    for part in halves(said.thinking):
        yield {"reasoning_content": part}, None
    for part in halves(said.text):
        yield {"content": part}, None
    if beside := _beside(said):
        yield beside, None
    for index, call in enumerate(said.calls):
        written = WRITTEN[call.kind]
        opening = {"id": call.id, "type": call.kind, call.kind: {"name": call.name, written: ""}}
        yield {"tool_calls": [{"index": index, **opening}]}, None
        for part in halves(call.arguments):
            yield {"tool_calls": [{"index": index, call.kind: {written: part}}]}, None
    yield {}, _finish(said)
