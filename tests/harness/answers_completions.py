"""Answers of a legacy completions provider. Source: OpenAI API reference, "Completions"."""

from harness.answers import CREATED, Json, Said, event, halves


def whole(said: Said) -> Json:
    return {**_chunk(said, said.text, said.stop or "stop"), "usage": _usage(said)}


def stream(said: Said, *, include_usage: bool = True) -> list[bytes]:
    chunks = [_chunk(said, part) for part in halves(said.text)] + [_chunk(said, "", said.stop or "stop")]
    if include_usage:
        chunks = [{**chunk, "usage": None} for chunk in chunks]
        chunks.append({**_chunk(said, ""), "choices": [], "usage": _usage(said)})
    return [*(event(chunk) for chunk in chunks), event("[DONE]")]


def _chunk(said: Said, text: str, finish: str | None = None) -> Json:
    choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
    return {
        "id": "cmpl-0001",
        "object": "text_completion",
        "created": CREATED,
        "model": said.model,
        "choices": [choice],
    }


def _usage(said: Said) -> Json:
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
    }
