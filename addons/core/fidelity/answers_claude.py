"""What an answer of an Anthropic provider becomes for other clients. Source: Anthropic API reference, "Messages"."""

from typing import Any

from addons.core.fidelity.outcomes import ANYTHING, Outcome, approximated, gone, handled, mapped
from addons.core.fidelity.rows import CLAUDE, Cell, Place, Row, Section, Table, row

_TEXT: dict[str, Any] = {"type": "text", "text": "Blue"}
_BASE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [_TEXT],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 5},
}
_CITED = {"type": "web_search_result_location", "url": "https://example.com/a", "title": "A", "cited_text": "Blue"}
_NO_PLACE = gone("no such field")
_PLAIN = gone("an end like any other")
_CHAT = "choices[].message"
_ITEM = "output[]"
_PARTS = "candidates[].content.parts[]"


def _with(**members: Any) -> dict[str, Any]:
    return {**_BASE, **members}


def _block(field: str, block: dict[str, Any], others: Outcome | None = None, **cells: Any) -> Row:
    also = cells.pop("also", ())
    return row(field, _with(content=[block, _TEXT]), others, base=_BASE, also=also, **cells)


def _stop(reason: str, chat: Cell | Outcome, responses: Cell | Outcome, gemini: Cell | Outcome) -> Row:
    base = _with(stop_reason="max_tokens" if reason in ("end_turn", "stop_sequence") else "end_turn")
    return row(
        "stop_reason",
        _with(stop_reason=reason),
        chat=chat,
        responses=responses,
        gemini=gemini,
        base=base,
        loss="finish_reason",
        note=f"`{reason}`",
    )


_FINISH = "choices[].finish_reason"
_GEMINI = "candidates[].finishReason"
_REASON = "incomplete_details.reason"

_ENDS = Section(
    "How it ends",
    Place.ANSWER,
    (
        _stop("end_turn", mapped(_FINISH, "stop"), mapped("status", "completed"), mapped(_GEMINI, "STOP")),
        _stop(
            "max_tokens",
            mapped(_FINISH, "length"),
            mapped(_REASON, "max_output_tokens"),
            mapped(_GEMINI, "MAX_TOKENS"),
        ),
        _stop(
            "model_context_window_exceeded",
            approximated(_FINISH, "length", "as a limit"),
            approximated(_REASON, "max_output_tokens", "as a limit"),
            approximated(_GEMINI, "MAX_TOKENS", "as a limit"),
        ),
        _stop("stop_sequence", mapped(_FINISH, "stop"), mapped("status", "completed"), mapped(_GEMINI, "STOP")),
        _stop("tool_use", mapped(_FINISH, "tool_calls"), handled("the calls say it"), handled("the calls say it")),
        _stop("pause_turn", _PLAIN, _PLAIN, _PLAIN),
        _stop("compaction", _PLAIN, _PLAIN, _PLAIN),
        _stop(
            "refusal",
            mapped(_FINISH, "content_filter"),
            mapped(_REASON, "content_filter"),
            mapped(_GEMINI, "SAFETY"),
        ),
        row("stop_sequence", _with(stop_sequence="END"), _NO_PLACE, base=_BASE),
        row("stop_details", _with(stop_details={"type": "refusal"}), _NO_PLACE, base=_BASE),
    ),
)

# what Anthropic's own tools did
_RECORDS = (
    "server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
    "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result",
    "advisor_tool_result", "mcp_tool_use", "mcp_tool_result", "mcp_tool_listing", "container_upload", "compaction",
    "fallback",
)  # fmt: skip

_CONTENT = Section(
    "Content",
    Place.ANSWER,
    (
        row(
            "text",
            _with(content=[{"type": "text", "text": "Green"}]),
            chat=mapped(f"{_CHAT}.content", "Green"),
            responses=mapped(f"{_ITEM}.content[].text", "Green"),
            gemini=mapped(f"{_PARTS}.text", "Green"),
            base=_BASE,
            also=("content", "text.text"),
        ),
        row(
            "text.citations",
            _with(content=[{**_TEXT, "citations": [{"type": "char_location", "cited_text": "a"}]}]),
            gone("it names no page"),
            base=_BASE,
            note="of a document",
        ),
        row(
            "text.citations",
            _with(content=[{**_TEXT, "citations": [_CITED]}]),
            chat=mapped(f"{_CHAT}.annotations[].url_citation.url", _CITED["url"]),
            responses=mapped(f"{_ITEM}.content[].annotations[].url", _CITED["url"]),
            gemini=mapped("candidates[].groundingMetadata.groundingChunks[].web.uri", _CITED["url"]),
            base=_BASE,
            note="of a page",
        ),
        _block(
            "thinking",
            {"type": "thinking", "thinking": "Hm", "signature": ""},
            chat=mapped(f"{_CHAT}.reasoning_content", "Hm"),
            responses=mapped(f"{_ITEM}.summary[].text", "Hm"),
            gemini=mapped(f"{_PARTS}.text", "Hm", "a thought"),
            also=("thinking.thinking",),
        ),
        _block(
            "thinking.signature",
            {"type": "thinking", "thinking": "Hm", "signature": "sig"},
            chat=mapped(f"{_CHAT}.reasoning_details[].data", ANYTHING, "sealed: the client sends it back"),
            responses=mapped(f"{_ITEM}.encrypted_content", ANYTHING, "sealed: the client sends it back"),
            gemini=mapped(f"{_PARTS}.thoughtSignature", ANYTHING, "sealed: the client sends it back"),
        ),
        _block(
            "redacted_thinking",
            {"type": "redacted_thinking", "data": "x"},
            chat=mapped(f"{_CHAT}.reasoning_details[].data", ANYTHING, "sealed: the client sends it back"),
            responses=mapped(f"{_ITEM}.encrypted_content", ANYTHING, "sealed: the client sends it back"),
            gemini=mapped(f"{_PARTS}.thoughtSignature", ANYTHING, "sealed: the client sends it back"),
            also=("redacted_thinking.*",),
        ),
        _block(
            "tool_use",
            {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"a": "b"}},
            chat=mapped(f"{_CHAT}.tool_calls[].function.arguments", '{"a":"b"}'),
            responses=mapped(f"{_ITEM}.arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            also=("tool_use.*",),
        ),
        *(
            _block(
                kind,
                {"type": kind, "id": "x", "tool_use_id": "x", "name": "n", "input": {}, "content": []},
                _NO_PLACE,
                also=(f"{kind}.*",),
            )
            for kind in _RECORDS
        ),
    ),
)


def _usage(field: str, value: Any, others: Outcome | None = None, **cells: Any) -> Row:
    usage = {"input_tokens": 10, "output_tokens": 5, field: value}
    return row(f"usage.{field}", _with(usage=usage), others, base=_BASE, **cells)


_USAGE = Section(
    "Usage and the rest",
    Place.ANSWER,
    (
        _usage(
            "input_tokens",
            11,
            chat=mapped("usage.prompt_tokens", 11, "with what was cached"),
            responses=mapped("usage.input_tokens", 11, "with what was cached"),
            gemini=mapped("usageMetadata.promptTokenCount", 11, "with what was cached"),
        ),
        _usage(
            "output_tokens",
            6,
            chat=mapped("usage.completion_tokens", 6),
            responses=mapped("usage.output_tokens", 6),
            gemini=mapped("usageMetadata.candidatesTokenCount", 6, "without the thoughts"),
        ),
        _usage(
            "cache_read_input_tokens",
            7,
            chat=mapped("usage.prompt_tokens_details.cached_tokens", 7),
            responses=mapped("usage.input_tokens_details.cached_tokens", 7),
            gemini=mapped("usageMetadata.cachedContentTokenCount", 7),
        ),
        _usage(
            "cache_creation_input_tokens",
            7,
            chat=mapped("usage.prompt_tokens_details.cache_write_tokens", 7),
            responses=mapped("usage.input_tokens_details.cache_write_tokens", 7),
            gemini=approximated("usageMetadata.promptTokenCount", 17, "counted among the rest", told=True),
            loss="usage.cache_write",
        ),
        _usage(
            "output_tokens_details",
            {"thinking_tokens": 3},
            chat=mapped("usage.completion_tokens_details.reasoning_tokens", 3),
            responses=mapped("usage.output_tokens_details.reasoning_tokens", 3),
            gemini=mapped("usageMetadata.thoughtsTokenCount", 3),
        ),
        *(
            _usage(name, value, _NO_PLACE)
            for name, value in (
                ("cache_creation", {"ephemeral_5m_input_tokens": 1}),
                ("server_tool_use", {"web_search_requests": 1}),
                ("service_tier", "standard"),
                ("inference_geo", "us"),
                ("iterations", [{"input_tokens": 1}]),
                ("speed", "fast"),
                ("fallback_credit", {"a": 1}),
            )
        ),
        row(
            "id",
            _with(id="msg_2"),
            chat=mapped("id", "msg_2"),
            responses=mapped("id", "resp_msg_2", "with a prefix"),
            gemini=mapped("responseId", "msg_2"),
            base=_BASE,
        ),
        row("model", _with(model="other"), handled("the client sees the name that it asked for"), base=_BASE),
        *(
            row(name, _with(**{name: value}), _NO_PLACE, base=_BASE)
            for name, value in (
                ("container", {"id": "c"}),
                ("context_management", {"applied_edits": [{"type": "clear_thinking_20251015"}]}),
                ("diagnostics", {"a": 1}),
                ("input_transformations", [{"a": 1}]),
            )
        ),
        row("role", _BASE, handled("every dialect says it in its way"), base=_BASE, also=("type", "usage")),
    ),
)

TABLE = Table(CLAUDE, (_ENDS, _CONTENT, _USAGE))
