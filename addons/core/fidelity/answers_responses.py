"""What an answer of a Responses provider becomes for other clients. Source: OpenAI API reference, "The response
object"."""

from typing import Any

from addons.core.fidelity.outcomes import ANYTHING, Outcome, approximated, gone, handled, mapped
from addons.core.fidelity.rows import RESPONSES, Place, Row, Section, Table, row
from addons.core.fidelity.samples import PNG, PNG_DATA_URL

_NO_PLACE = gone("no such field")
_CHAT = "choices[].message"
_BLOCK = "content[]"
_PARTS = "candidates[].content.parts[]"


def _said(*content: dict[str, Any]) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": list(content)}


def _text(text: str, **members: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], **members}


_BASE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "gpt-5.2",
    "status": "completed",
    "output": [_said(_text("Blue"))],
    "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
}


def _with(**members: Any) -> dict[str, Any]:
    return {**_BASE, **members}


def _item(field: str, item: dict[str, Any], others: Outcome | None = None, **cells: Any) -> Row:
    also = cells.pop("also", (f"{field}.*",))
    return row(field, _with(output=[item, *_BASE["output"]]), others, base=_BASE, also=also, **cells)


def _cut(reason: str, *places: Outcome) -> Row:
    sample = _with(status="incomplete", incomplete_details={"reason": reason})
    claude, chat, gemini = places
    return row(
        "incomplete_details.reason", sample, claude=claude, chat=chat, gemini=gemini, base=_BASE, note=f"`{reason}`",
        also=("incomplete_details",),
    )  # fmt: skip


_LIMIT = (
    mapped("stop_reason", "max_tokens"),
    mapped("choices[].finish_reason", "length"),
    mapped("candidates[].finishReason", "MAX_TOKENS"),
)
_FILTER = (
    mapped("stop_reason", "refusal"),
    mapped("choices[].finish_reason", "content_filter"),
    mapped("candidates[].finishReason", "SAFETY"),
)

_ENDS = Section(
    "How it ends",
    Place.ANSWER,
    (
        row(
            "status",
            _BASE,
            claude=mapped("stop_reason", "end_turn"),
            chat=mapped("choices[].finish_reason", "stop"),
            gemini=mapped("candidates[].finishReason", "STOP"),
            base=_with(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            note="`completed`",
        ),
        _cut("max_output_tokens", *_LIMIT),
        _cut("content_filter", *_FILTER),
        _cut("max_messages", *_LIMIT),
        _cut("steered", *_LIMIT),
    ),
)

# what OpenAI's own tools did, and items that other clients' requests never lead to
_RECORDS = (
    "web_search_call", "file_search_call", "code_interpreter_call", "computer_call",
    "computer_call_output", "mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "program",
    "program_output", "tool_search_call", "tool_search_output", "additional_tools", "compaction", "local_shell_call",
    "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call", "apply_patch_call_output",
    "function_call_output", "custom_tool_call_output",
)  # fmt: skip

_CONTENT = Section(
    "Output",
    Place.ANSWER,
    (
        row(
            "output_text",
            _with(output=[_said(_text("Green"))]),
            claude=mapped(f"{_BLOCK}.text", "Green"),
            chat=mapped(f"{_CHAT}.content", "Green"),
            gemini=mapped(f"{_PARTS}.text", "Green"),
            base=_BASE,
            also=("output", "message", "message.*", "output_text.text"),
        ),
        row(
            "output_text.annotations",
            _with(output=[_said(_text("Blue", annotations=[{"type": "url_citation", "url": "https://example.com"}]))]),
            claude=mapped(f"{_BLOCK}.citations[].url", "https://example.com"),
            chat=mapped(f"{_CHAT}.annotations[].url_citation.url", "https://example.com"),
            gemini=mapped("candidates[].groundingMetadata.groundingChunks[].web.uri", "https://example.com"),
            base=_BASE,
            note="`url_citation`",
        ),
        row(
            "output_text.annotations",
            _with(output=[_said(_text("Blue", annotations=[{"type": "file_citation", "file_id": "f"}]))]),
            gone("the file is the provider's"),
            base=_BASE,
            note="all others",
        ),
        row(
            "output_text.logprobs",
            _with(output=[_said(_text("Blue", logprobs=[{"token": "a"}]))]),
            _NO_PLACE,
            base=_BASE,
        ),
        row("message.phase", _with(output=[{**_said(_text("Blue")), "phase": "final_answer"}]), _NO_PLACE, base=_BASE),
        _item(
            "image_generation_call",
            {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PNG},
            claude=_NO_PLACE,
            chat=mapped(f"{_CHAT}.images[].image_url.url", PNG_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
        ),
        row(
            "refusal",
            _with(output=[_said({"type": "refusal", "refusal": "No"})]),
            claude=mapped(f"{_BLOCK}.text", "No", "as text, and as the end"),
            chat=mapped(f"{_CHAT}.content", "No", "as text, and as the end"),
            gemini=mapped(f"{_PARTS}.text", "No", "as text, and as the end"),
            base=_BASE,
            also=("refusal.*",),
        ),
        _item(
            "reasoning",
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}]},
            claude=mapped(f"{_BLOCK}.thinking", "Hm"),
            chat=mapped(f"{_CHAT}.reasoning_content", "Hm"),
            gemini=mapped(f"{_PARTS}.text", "Hm", "a thought"),
        ),
        _item(
            "reasoning.encrypted_content",
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            claude=mapped(f"{_BLOCK}.data", ANYTHING, "sealed in a redacted block: the client sends it back"),
            chat=mapped(f"{_CHAT}.reasoning_details[].data", ANYTHING, "sealed: the client sends it back"),
            gemini=mapped(f"{_PARTS}.thoughtSignature", ANYTHING, "sealed: the client sends it back"),
        ),
        _item(
            "function_call",
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": '{"a":"b"}'},
            claude=mapped(f"{_BLOCK}.input", {"a": "b"}),
            chat=mapped(f"{_CHAT}.tool_calls[].function.arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
        ),
        _item(
            "custom_tool_call",
            {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_1", "name": "patch", "input": "Blue"},
            claude=approximated(f"{_BLOCK}.input", {"arguments": "Blue"}, "the client offers no such tools"),
            chat=mapped(f"{_CHAT}.tool_calls[].custom.input", "Blue"),
            gemini=approximated(f"{_PARTS}.functionCall.name", "patch", "the client offers no such tools"),
        ),
        *(_item(kind, {"type": kind, "id": "x", "status": "completed"}, _NO_PLACE) for kind in _RECORDS),
    ),
)


def _usage(field: str, value: Any, others: Outcome | None = None, **cells: Any) -> Row:
    usage = {**_BASE["usage"], field: value}
    also = cells.pop("also", ())
    name = f"usage.{field}" + (f".{next(iter(value))}" if isinstance(value, dict) else "")
    return row(name, _with(usage=usage), others, base=_BASE, also=also, **cells)


_ECHOES = (
    "background", "conversation", "image", "instructions", "max_output_tokens", "max_tool_calls", "metadata",
    "parallel_tool_calls", "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_options",
    "prompt_cache_retention", "reasoning", "safety_identifier", "temperature", "text", "tool_choice", "tools",
    "top_logprobs", "top_p", "truncation", "user", "access_programs", "moderation",
)  # fmt: skip

_USAGE = Section(
    "Usage and the rest",
    Place.ANSWER,
    (
        _usage(
            "input_tokens",
            11,
            claude=mapped("usage.input_tokens", 11, "without what was cached"),
            chat=mapped("usage.prompt_tokens", 11),
            gemini=mapped("usageMetadata.promptTokenCount", 11),
            also=("usage", "usage.total_tokens"),
        ),
        _usage(
            "output_tokens",
            6,
            claude=mapped("usage.output_tokens", 6),
            chat=mapped("usage.completion_tokens", 6),
            gemini=mapped("usageMetadata.candidatesTokenCount", 6, "without the thoughts"),
        ),
        _usage(
            "input_tokens_details",
            {"cached_tokens": 7},
            claude=mapped("usage.cache_read_input_tokens", 7),
            chat=mapped("usage.prompt_tokens_details.cached_tokens", 7),
            gemini=mapped("usageMetadata.cachedContentTokenCount", 7),
            also=("usage.input_tokens_details",),
        ),
        _usage(
            "input_tokens_details",
            {"cache_write_tokens": 7},
            claude=mapped("usage.cache_creation_input_tokens", 7),
            chat=mapped("usage.prompt_tokens_details.cache_write_tokens", 7),
            gemini=gone("counted among the rest"),
            loss="usage.cache_write",
            also=("usage.input_tokens_details.cache_write_tokens_details",),
        ),
        _usage(
            "output_tokens_details",
            {"reasoning_tokens": 3},
            claude=mapped("usage.output_tokens_details.thinking_tokens", 3),
            chat=mapped("usage.completion_tokens_details.reasoning_tokens", 3),
            gemini=mapped("usageMetadata.thoughtsTokenCount", 3),
            also=("usage.output_tokens_details",),
        ),
        row(
            "id",
            _with(id="resp_2"),
            claude=mapped("id", "resp_2"),
            chat=mapped("id", "resp_2"),
            gemini=mapped("responseId", "resp_2"),
            base=_BASE,
        ),
        row("model", _with(model="other"), handled("the client sees the name that it asked for"), base=_BASE),
        row(
            "object",
            _BASE,
            handled("every dialect says it in its way"),
            base=_BASE,
            also=("created_at", "completed_at", "error"),
        ),
        row("tools", _with(tools=[]), handled("it repeats the request"), base=_BASE, also=_ECHOES),
        *(
            row(name, _with(**{name: value}), _NO_PLACE, base=_BASE)
            for name, value in (
                ("service_tier", "default"),
                ("tool_usage", {"web_search": {"num_requests": 1}}),
                ("input_transformations", [{"a": 1}]),
                ("prompt_cache_diagnostics", {"a": 1}),
            )
        ),
    ),
)

TABLE = Table(RESPONSES, (_ENDS, _CONTENT, _USAGE))
