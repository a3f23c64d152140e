"""What an answer of a Chat Completions provider becomes for other clients. Source: OpenAI API reference, "The chat
completion object"."""

from typing import Any

from addons.core.fidelity.outcomes import Outcome, gone, handled, mapped
from addons.core.fidelity.rows import CHAT, Place, Row, Section, Table, row
from addons.core.fidelity.samples import PNG, PNG_DATA_URL

_MESSAGE: dict[str, Any] = {"role": "assistant", "content": "Blue"}
_USED: dict[str, Any] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
_CITED = {"url": "https://example.com/a", "title": "A", "start_index": 0, "end_index": 4}
_NO_PLACE = gone("no such field")
_BLOCK = "content[]"
_ITEM = "output[]"
_PARTS = "candidates[].content.parts[]"


def _answer(message: dict[str, Any] | None = None, usage: dict[str, Any] | None = None, **members: Any) -> Any:
    choice = {"index": 0, "message": {**_MESSAGE, **(message or {})}, "finish_reason": "stop"}
    found = {name: members.pop(name) for name in ("finish_reason", "logprobs") if name in members}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5.2",
        "choices": [{**choice, **found}],
        "usage": {**_USED, **(usage or {})},
        **members,
    }


_BASE = _answer()


def _finish(reason: str, claude: Outcome, responses: Outcome, gemini: Outcome) -> Row:
    base = _answer(finish_reason="length" if reason == "stop" else "stop")
    sample = _answer(finish_reason=reason)
    return row(
        "choices[].finish_reason",
        sample,
        claude=claude,
        responses=responses,
        gemini=gemini,
        base=base,
        note=f"`{reason}`",
    )


_SAYS = handled("the calls say it")

_ENDS = Section(
    "How it ends",
    Place.ANSWER,
    (
        _finish(
            "stop",
            mapped("stop_reason", "end_turn"),
            mapped("status", "completed"),
            mapped("candidates[].finishReason", "STOP"),
        ),
        _finish(
            "length",
            mapped("stop_reason", "max_tokens"),
            mapped("incomplete_details.reason", "max_output_tokens"),
            mapped("candidates[].finishReason", "MAX_TOKENS"),
        ),
        _finish("tool_calls", mapped("stop_reason", "tool_use"), _SAYS, _SAYS),
        _finish("function_call", mapped("stop_reason", "tool_use"), _SAYS, _SAYS),
        _finish(
            "content_filter",
            mapped("stop_reason", "refusal"),
            mapped("incomplete_details.reason", "content_filter"),
            mapped("candidates[].finishReason", "SAFETY"),
        ),
    ),
)

_CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":"b"}'}}

_CONTENT = Section(
    "The message",
    Place.ANSWER,
    (
        row(
            "message.content",
            _answer({"content": "Green"}),
            claude=mapped(f"{_BLOCK}.text", "Green"),
            responses=mapped(f"{_ITEM}.content[].text", "Green"),
            gemini=mapped(f"{_PARTS}.text", "Green"),
            base=_BASE,
            also=("choices", "message.role", "choices[].message"),
        ),
        row(
            "message.refusal",
            _answer({"content": None, "refusal": "No"}),
            claude=mapped(f"{_BLOCK}.text", "No", "as text"),
            responses=mapped(f"{_ITEM}.content[].text", "No", "as text"),
            gemini=mapped(f"{_PARTS}.text", "No", "as text"),
            base=_BASE,
        ),
        row(
            "message.tool_calls",
            _answer({"tool_calls": [_CALL]}),
            claude=mapped(f"{_BLOCK}.input", {"a": "b"}),
            responses=mapped(f"{_ITEM}.arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            base=_BASE,
        ),
        row(
            "message.function_call",
            _answer({"function_call": {"name": "look", "arguments": '{"a":"b"}'}}),
            claude=mapped(f"{_BLOCK}.input", {"a": "b"}),
            responses=mapped(f"{_ITEM}.arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            base=_BASE,
        ),
        row(
            "message.reasoning_content",
            _answer({"reasoning_content": "Hm"}),
            claude=mapped(f"{_BLOCK}.thinking", "Hm"),
            responses=mapped(f"{_ITEM}.summary[].text", "Hm"),
            gemini=mapped(f"{_PARTS}.text", "Hm", "a thought"),
            base=_BASE,
            note="of compatible providers; also `reasoning`",
        ),
        row(
            "message.annotations",
            _answer({"annotations": [{"type": "url_citation", "url_citation": _CITED}]}),
            claude=mapped(f"{_BLOCK}.citations[].url", _CITED["url"]),
            responses=mapped(f"{_ITEM}.content[].annotations[].url", _CITED["url"]),
            gemini=mapped("candidates[].groundingMetadata.groundingChunks[].web.uri", _CITED["url"]),
            base=_BASE,
        ),
        row(
            "message.images",
            _answer({"images": [{"type": "image_url", "image_url": {"url": PNG_DATA_URL}}]}),
            claude=_NO_PLACE,
            responses=mapped(f"{_ITEM}.result", PNG),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
            base=_BASE,
            loss="image_url",
            note="of compatible providers",
        ),
        row("message.audio", _answer({"audio": {"id": "a", "data": "x"}}), _NO_PLACE, base=_BASE),
        row("choices[].logprobs", _answer(logprobs={"content": [{"token": "Blue"}]}), _NO_PLACE, base=_BASE),
        row(
            "choices[].index",
            _answer(choices=[*_BASE["choices"], {**_BASE["choices"][0], "index": 1}]),
            gone("the first choice is the answer"),
            base=_BASE,
            note="more choices",
        ),
    ),
)

_USAGE = Section(
    "Usage and the rest",
    Place.ANSWER,
    (
        row(
            "usage.prompt_tokens",
            _answer(usage={"prompt_tokens": 11}),
            claude=mapped("usage.input_tokens", 11, "without what was cached"),
            responses=mapped("usage.input_tokens", 11),
            gemini=mapped("usageMetadata.promptTokenCount", 11),
            base=_BASE,
            also=("usage", "usage.total_tokens"),
        ),
        row(
            "usage.completion_tokens",
            _answer(usage={"completion_tokens": 6}),
            claude=mapped("usage.output_tokens", 6),
            responses=mapped("usage.output_tokens", 6),
            gemini=mapped("usageMetadata.candidatesTokenCount", 6, "without the thoughts"),
            base=_BASE,
        ),
        row(
            "usage.prompt_tokens_details.cached_tokens",
            _answer(usage={"prompt_tokens_details": {"cached_tokens": 7}}),
            claude=mapped("usage.cache_read_input_tokens", 7),
            responses=mapped("usage.input_tokens_details.cached_tokens", 7),
            gemini=mapped("usageMetadata.cachedContentTokenCount", 7),
            base=_BASE,
            also=("usage.prompt_tokens_details",),
        ),
        row(
            "usage.prompt_tokens_details.cache_write_tokens",
            _answer(usage={"prompt_tokens_details": {"cache_write_tokens": 7}}),
            claude=mapped("usage.cache_creation_input_tokens", 7),
            responses=mapped("usage.input_tokens_details.cache_write_tokens", 7),
            gemini=gone("counted among the rest"),
            loss="usage.cache_write",
            base=_BASE,
        ),
        row(
            "usage.completion_tokens_details.reasoning_tokens",
            _answer(usage={"completion_tokens_details": {"reasoning_tokens": 3}}),
            claude=mapped("usage.output_tokens_details.thinking_tokens", 3),
            responses=mapped("usage.output_tokens_details.reasoning_tokens", 3),
            gemini=mapped("usageMetadata.thoughtsTokenCount", 3),
            base=_BASE,
            also=("usage.completion_tokens_details",),
        ),
        *(
            row(f"usage.{group}.{name}", _answer(usage={group: {name: 1}}), _NO_PLACE, base=_BASE)
            for group, names in (
                ("prompt_tokens_details", ("audio_tokens", "image_tokens", "text_tokens")),
                (
                    "completion_tokens_details",
                    ("accepted_prediction_tokens", "rejected_prediction_tokens", "audio_tokens", "text_tokens"),
                ),
            )
            for name in names
        ),
        row(
            "id",
            {**_BASE, "id": "chatcmpl-2"},
            claude=mapped("id", "chatcmpl-2"),
            responses=mapped("id", "resp_chatcmpl-2", "with a prefix"),
            gemini=mapped("responseId", "chatcmpl-2"),
            base=_BASE,
        ),
        row("model", {**_BASE, "model": "other"}, handled("the client sees the name that it asked for"), base=_BASE),
        row("object", _BASE, handled("every dialect says it in its way"), base=_BASE, also=("created",)),
        *(
            row(name, {**_BASE, name: value}, _NO_PLACE, base=_BASE)
            for name, value in (
                ("service_tier", "default"),
                ("system_fingerprint", "fp"),
                ("metadata", {"a": "b"}),
                ("moderation", {"flagged": True}),
            )
        ),
    ),
)

TABLE = Table(CHAT, (_ENDS, _CONTENT, _USAGE))
