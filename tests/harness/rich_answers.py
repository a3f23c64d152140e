"""A streamed answer of each dialect with all in it that providers are known to say, for tests that damage it."""

import json
from collections.abc import Mapping
from typing import Any

from addons.core.model import DialectName
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES

# the name of an event, and its data
type Event = tuple[str | None, Any]

_USAGE: dict[str, Any] = {
    "input_tokens": 7,
    "output_tokens": 3,
    "cache_read_input_tokens": 1,
    "cache_creation_input_tokens": 1,
    "cache_creation": {"ephemeral_5m_input_tokens": 1},
    "server_tool_use": {"web_search_requests": 1},
    "service_tier": "standard",
}
_CLAUDE: list[Event] = [
    (
        "message_start",
        {
            "type": "message_start",
            "message": {
                "id": "m1",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": _USAGE,
            },
        },
    ),
    ("ping", {"type": "ping"}),
    (
        "content_block_start",
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
    ),
    (
        "content_block_delta",
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "h"}},
    ),
    (
        "content_block_delta",
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s"}},
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 0}),
    (
        "content_block_start",
        {"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "d"}},
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 1}),
    ("content_block_start", {"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}}),
    (
        "content_block_delta",
        {"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "elephant"}},
    ),
    (
        "content_block_delta",
        {
            "type": "content_block_delta",
            "index": 2,
            "delta": {
                "type": "citations_delta",
                "citation": {"type": "web_search_result_location", "url": "u", "title": "t", "cited_text": "c"},
            },
        },
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 2}),
    (
        "content_block_start",
        {
            "type": "content_block_start",
            "index": 3,
            "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        },
    ),
    (
        "content_block_delta",
        {"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 3}),
    (
        "content_block_start",
        {
            "type": "content_block_start",
            "index": 4,
            "content_block": {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        },
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 4}),
    (
        "content_block_start",
        {
            "type": "content_block_start",
            "index": 5,
            "content_block": {
                "type": "web_search_tool_result",
                "tool_use_id": "s",
                "content": [
                    {"type": "web_search_result", "title": "t", "url": "u", "encrypted_content": "e", "page_age": None}
                ],
            },
        },
    ),
    ("content_block_stop", {"type": "content_block_stop", "index": 5}),
    (
        "message_delta",
        {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": _USAGE},
    ),
    ("message_stop", {"type": "message_stop"}),
]
_CHUNK: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
_CHAT: list[Event] = [
    (
        None,
        {
            **_CHUNK,
            "choices": [
                {
                    "index": 0,
                    "delta": {
                        "role": "assistant",
                        "content": "",
                        "reasoning_content": "h",
                        "reasoning_details": [{"type": "reasoning.text", "text": "h", "signature": "s", "index": 0}],
                    },
                    "finish_reason": None,
                    "logprobs": None,
                }
            ],
        },
    ),
    (
        None,
        {
            **_CHUNK,
            "choices": [
                {
                    "index": 0,
                    "delta": {
                        "content": "elephant",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1},
                            }
                        ],
                    },
                    "finish_reason": None,
                    "logprobs": {"content": [{"token": "x", "logprob": -1, "top_logprobs": []}]},
                }
            ],
        },
    ),
    (None, {**_CHUNK, "choices": [{"index": 0, "delta": {"refusal": "no"}, "finish_reason": None}]}),
    (
        None,
        {
            **_CHUNK,
            "choices": [
                {
                    "index": 0,
                    "delta": {
                        "tool_calls": [
                            {
                                "index": 0,
                                "id": "t",
                                "type": "function",
                                "function": {"name": "f", "arguments": "{"},
                                "extra_content": {"google": {"thought_signature": "s"}},
                            }
                        ]
                    },
                    "finish_reason": None,
                }
            ],
        },
    ),
    (
        None,
        {
            **_CHUNK,
            "choices": [
                {
                    "index": 0,
                    "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
                    "finish_reason": None,
                }
            ],
        },
    ),
    (None, {**_CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}),
    (
        None,
        {
            **_CHUNK,
            "choices": [],
            "usage": {
                "prompt_tokens": 7,
                "completion_tokens": 3,
                "total_tokens": 10,
                "prompt_tokens_details": {"cached_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        },
    ),
    (None, "[DONE]"),
]
_RESPONSE: dict[str, Any] = {
    "id": "r",
    "object": "response",
    "created_at": 1,
    "status": "in_progress",
    "model": "m",
    "output": [],
    "tools": [],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
}
_REASONING: dict[str, Any] = {
    "type": "reasoning",
    "id": "rs",
    "summary": [{"type": "summary_text", "text": "h"}],
    "encrypted_content": "e",
}
_MESSAGE: dict[str, Any] = {
    "type": "message",
    "id": "ms",
    "role": "assistant",
    "status": "completed",
    "content": [
        {
            "type": "output_text",
            "text": "elephant",
            "annotations": [{"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}],
            "logprobs": [],
        }
    ],
}
_CALL: dict[str, Any] = {
    "type": "function_call",
    "id": "fc",
    "call_id": "t",
    "name": "f",
    "arguments": "{}",
    "status": "completed",
}
_CUSTOM: dict[str, Any] = {"type": "custom_tool_call", "id": "ct", "call_id": "t2", "name": "c", "input": "i"}
_SEARCH: dict[str, Any] = {
    "type": "web_search_call",
    "id": "ws",
    "status": "completed",
    "action": {"type": "search", "query": "q"},
}


def _named(t: str, **k: Any) -> Event:
    return (t, {"type": t, "sequence_number": 1, **k})


_RESPONSES: list[Event] = [
    _named("response.created", response=_RESPONSE),
    _named("response.output_item.added", output_index=0, item={**_REASONING, "summary": [], "encrypted_content": None}),
    _named(
        "response.reasoning_summary_part.added",
        item_id="rs",
        output_index=0,
        summary_index=0,
        part={"type": "summary_text", "text": ""},
    ),
    _named("response.reasoning_summary_text.delta", item_id="rs", output_index=0, summary_index=0, delta="h"),
    _named("response.reasoning_summary_text.done", item_id="rs", output_index=0, summary_index=0, text="h"),
    _named("response.output_item.done", output_index=0, item=_REASONING),
    _named("response.output_item.added", output_index=1, item={**_MESSAGE, "content": []}),
    _named(
        "response.content_part.added",
        item_id="ms",
        output_index=1,
        content_index=0,
        part={"type": "output_text", "text": "", "annotations": []},
    ),
    _named("response.output_text.delta", item_id="ms", output_index=1, content_index=0, delta="elephant"),
    _named(
        "response.output_text.annotation.added",
        item_id="ms",
        output_index=1,
        content_index=0,
        annotation_index=0,
        annotation=_MESSAGE["content"][0]["annotations"][0],
    ),
    _named("response.output_text.done", item_id="ms", output_index=1, content_index=0, text="elephant"),
    _named("response.output_item.done", output_index=1, item=_MESSAGE),
    _named("response.output_item.added", output_index=2, item={**_CALL, "arguments": ""}),
    _named("response.function_call_arguments.delta", item_id="fc", output_index=2, delta="{}"),
    _named("response.function_call_arguments.done", item_id="fc", output_index=2, arguments="{}"),
    _named("response.output_item.done", output_index=2, item=_CALL),
    _named("response.output_item.added", output_index=3, item={**_CUSTOM, "input": ""}),
    _named("response.custom_tool_call_input.delta", item_id="ct", output_index=3, delta="i"),
    _named("response.output_item.done", output_index=3, item=_CUSTOM),
    _named("response.output_item.added", output_index=4, item=_SEARCH),
    _named("response.output_item.done", output_index=4, item=_SEARCH),
    _named(
        "response.completed",
        response={
            **_RESPONSE,
            "status": "completed",
            "output": [_REASONING, _MESSAGE, _CALL, _CUSTOM, _SEARCH],
            "usage": {
                "input_tokens": 7,
                "input_tokens_details": {"cached_tokens": 1},
                "output_tokens": 3,
                "output_tokens_details": {"reasoning_tokens": 1},
                "total_tokens": 10,
            },
        },
    ),
]
_GOOGLE: dict[str, Any] = {"modelVersion": "m", "responseId": "r"}
_COUNTS: dict[str, Any] = {
    "promptTokenCount": 7,
    "candidatesTokenCount": 3,
    "thoughtsTokenCount": 1,
    "cachedContentTokenCount": 1,
    "totalTokenCount": 10,
}


def _chunk(parts: list[Any], **k: Any) -> Event:
    return (
        None,
        {
            "candidates": [{"content": {"role": "model", "parts": parts}, "index": 0, **k}],
            "usageMetadata": _COUNTS,
            **_GOOGLE,
        },
    )


_GEMINI: list[Event] = [
    _chunk([{"text": "h", "thought": True}]),
    _chunk(
        [{"text": "elephant", "thoughtSignature": "AAAA"}],
        groundingMetadata={
            "webSearchQueries": ["q"],
            "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
            "groundingSupports": [
                {"segment": {"startIndex": 0, "endIndex": 1, "text": "x"}, "groundingChunkIndices": [0]}
            ],
        },
        citationMetadata={"citationSources": [{"uri": "u"}]},
    ),
    _chunk([{"functionCall": {"id": "t", "name": "f", "args": {"a": "x"}}, "thoughtSignature": "AAAA"}]),
    _chunk(
        [
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            {"executableCode": {"language": "PYTHON", "code": "c"}},
        ]
    ),
    _chunk(
        [{"text": ""}], finishReason="STOP", safetyRatings=[{"category": "c", "probability": "p", "blocked": False}]
    ),
]
ANSWERS: Mapping[DialectName, list[Event]] = {CLAUDE: _CLAUDE, CHAT: _CHAT, RESPONSES: _RESPONSES, GEMINI: _GEMINI}


def as_sse(events: list[Event]) -> list[bytes]:
    """One piece an event."""
    out = []
    for name, data in events:
        text = data if isinstance(data, str) else json.dumps(data)
        out.append(((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode())
    return out
