"""Answers of a Gemini provider. Source: Gemini API reference, "GenerateContentResponse", and the guide "Thought
signatures"; that events end in CRLF, that every chunk counts tokens and that the last one holds an empty text is what
the service was seen to write.
"""

import json
from collections.abc import Iterator

from harness.answers import Json, Said, halves


def whole(said: Said) -> Json:
    return _chunk(said, _parts(said), usage=_usage(said, said.output_tokens), finish=_finish(said))


def stream(said: Said) -> list[bytes]:
    """With `alt=sse`; without it the service writes the same chunks as one JSON array."""
    return [event(chunk) for chunk in chunks(said)]


def chunks(said: Said) -> list[Json]:
    """The chunks of a streamed answer."""
    pieces = list(_pieces(said))
    return [
        *(_chunk(said, [piece], usage=_usage(said, number)) for number, piece in enumerate(pieces, start=1)),
        _chunk(said, [_last_piece(said)], usage=_usage(said, said.output_tokens), finish=_finish(said)),
    ]


def event(chunk: Json) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n".encode()


def error(code: int = 503, status: str = "UNAVAILABLE", message: str = "The model is overloaded.") -> bytes:
    """An error in the middle of a stream."""
    return event({"error": {"code": code, "message": message, "status": status}})


def _chunk(said: Said, parts: list[Json], *, usage: Json, finish: str | None = None) -> Json:
    candidate: Json = {"content": {"parts": parts, "role": "model"}}
    if finish is not None:
        candidate["finishReason"] = finish
        pages = [{"web": {"uri": url, "title": "A page"}} for url in said.sources]
        candidate |= {"groundingMetadata": {"groundingChunks": pages}} if pages else {}
    return {
        "candidates": [{**candidate, "index": 0}],
        "usageMetadata": usage,
        "modelVersion": said.model,
        "responseId": f"resp-{said.turn:04}",
    }


def _usage(said: Said, output: int) -> Json:
    """`promptTokenCount` contains the cached share; `candidatesTokenCount` leaves the thoughts out."""
    thoughts = min(said.reasoning, output) if said.thinking else 0
    usage: Json = {
        "promptTokenCount": said.input_tokens,
        "candidatesTokenCount": output - thoughts,
        "totalTokenCount": said.input_tokens + output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": said.input_tokens}],
    }
    if said.cached:
        usage["cachedContentTokenCount"] = said.cached
        usage["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": said.cached}]
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    return usage


def _finish(said: Said) -> str:
    return said.stop or "STOP"


def _calls(said: Said) -> list[Json]:
    """Only the first call of a turn carries the signature."""
    parts: list[Json] = [
        {"functionCall": {"name": call.name, "args": json.loads(call.arguments or "{}"), "id": call.id}}
        for call in said.calls
    ]
    if parts and said.thinking:
        parts[0]["thoughtSignature"] = said.signature
    return parts


def _parts(said: Said) -> list[Json]:
    parts: list[Json] = []
    if said.thinking:
        parts.append({"text": said.thinking, "thought": True})
    if said.text:
        signed = {"thoughtSignature": said.signature} if said.thinking and not said.calls else {}
        parts.append({"text": said.text, **signed})
    return [*parts, *_painted(said), *_calls(said)]


def _painted(said: Said) -> list[Json]:
    return [{"inlineData": {"mimeType": "image/png", "data": said.painted}}] if said.painted else []


def _pieces(said: Said) -> Iterator[Json]:
    for part in halves(said.thinking):
        yield {"text": part, "thought": True}
    for part in halves(said.text):
        yield {"text": part}
    yield from _painted(said)
    yield from _calls(said)


def _last_piece(said: Said) -> Json:
    """The signature of an answer without calls comes at its very end."""
    signed = {"thoughtSignature": said.signature} if said.thinking and not said.calls else {}
    return {"text": "", **signed}
