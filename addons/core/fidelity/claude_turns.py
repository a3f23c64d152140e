"""The conversation so far in a request of Anthropic Messages. Source: Anthropic API reference, "Create a Message"."""

from typing import Any

from addons.core.fidelity.outcomes import Outcome, Words, approximated, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Row, Section, row
from addons.core.fidelity.samples import IMAGE_URL

_INPUT = "input[].content[]"
_PARTS = "contents[].parts[]"
_NO_FIELD = lost("no such field")

_TEXT: dict[str, Any] = {"type": "text", "text": "Blue"}
_PLAIN: dict[str, Any] = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Blue"},
}


def _answered(**result: Any) -> list[dict[str, Any]]:
    call = {"type": "tool_use", "id": "call_1", "name": "look", "input": {"a": "b"}}
    outcome = {"type": "tool_result", "tool_use_id": "call_1", "content": "Seen", **result}
    return [{"role": "assistant", "content": [call]}, {"role": "user", "content": [outcome]}]


def _called(**members: Any) -> list[dict[str, Any]]:
    call = {"type": "tool_use", "id": "call_1", "name": "look", "input": {"a": "b"}, **members}
    return [{"role": "assistant", "content": [call]}, _answered()[1]]


_ERROR = "[tool error] Seen"

TURNS = Section(
    "Turns",
    Place.TURNS,
    (
        row(
            "tool_use",
            _called(),
            chat=mapped("messages[].tool_calls[].function.arguments", '{"a":"b"}'),
            responses=mapped("input[].arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            also=("tool_use.input", "tool_use.name"),
        ),
        row(
            "tool_use.id",
            _called(),
            chat=mapped("messages[].tool_calls[].id", "call_1"),
            responses=mapped("input[].call_id", "call_1"),
            gemini=mapped(f"{_PARTS}.functionCall.id", "call_1"),
        ),
        row("tool_use.caller", _called(caller={"type": "direct"}), _NO_FIELD, base=_called()),
        row("tool_use.toolset_name", _called(toolset_name="computer"), _NO_FIELD, base=_called()),
        row(
            "tool_result",
            _answered(),
            chat=mapped("messages[].content", "Seen", "a message of the role `tool`"),
            responses=mapped("input[].output", "Seen"),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", "Seen"),
            also=("tool_result.content", "tool_result.tool_use_id"),
        ),
        row(
            "tool_result.is_error",
            _answered(is_error=True),
            chat=approximated("messages[].content", _ERROR, "a mark before the text"),
            responses=approximated("input[].output", _ERROR, "a mark before the text"),
            gemini=mapped(f"{_PARTS}.functionResponse.response.error", "Seen"),
            base=_answered(),
        ),
        row(
            "tool_result.toolset_name",
            _answered(toolset_name="computer"),
            _NO_FIELD,
            base=_answered(),
        ),
        row(
            "messages.role system",
            [{"role": "system", "content": "Later"}],
            chat=mapped("messages[].content", "Later"),
            responses=mapped("input[].content[].text", "Later", "of the role `developer`"),
            gemini=approximated(f"{_PARTS}.text", Words("Later"), "a reminder in what the user says"),
            note="in the middle",
        ),
        row(
            "messages.output_config",
            [{"role": "system", "content": "Later", "output_config": {"effort": "high"}}],
            chat=mapped("reasoning_effort", "high", "the last one counts"),
            responses=mapped("reasoning.effort", "high", "the last one counts"),
            gemini=mapped("generationConfig.thinkingConfig.thinkingLevel", "high", "the last one counts"),
            base=[{"role": "system", "content": "Later"}],
        ),
        row(
            "messages.clear_at",
            [{"role": "system", "content": "Later", "clear_at": "next_user_message"}],
            _NO_FIELD,
            base=[{"role": "system", "content": "Later"}],
        ),
    ),
)


def _record(field: str, block: dict[str, Any], text: str) -> Row:
    words = Words(text)
    return row(
        field,
        block,
        chat=approximated("messages[].content", words, "in words"),
        responses=approximated(f"{_INPUT}.text", words, "in words"),
        gemini=approximated(f"{_PARTS}.text", words, "in words"),
        also=(f"{field}.*",),
    )


def _ran(kind: str) -> dict[str, Any]:
    return {"type": kind, "tool_use_id": "s", "content": {"stdout": "Blue", "stderr": "", "return_code": 0}}


_FOREIGN: Outcome = lost("thinking means nothing to another provider")

RECORDS = Section(
    "What the model has said before",
    Place.ASSISTANT,
    (
        row(
            "thinking",
            {"type": "thinking", "thinking": "Hm", "signature": "sig"},
            _FOREIGN,
            also=("thinking.thinking", "thinking.signature"),
            note="a block",
        ),
        row("redacted_thinking", {"type": "redacted_thinking", "data": "x"}, _FOREIGN, also=("redacted_thinking.*",)),
        _record("server_tool_use", {"type": "server_tool_use", "id": "s", "name": "dig", "input": {}}, "dig"),
        _record(
            "web_search_tool_result",
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"title": "T", "url": IMAGE_URL}]},
            IMAGE_URL,
        ),
        _record(
            "web_fetch_tool_result",
            {"type": "web_fetch_tool_result", "tool_use_id": "s", "content": {"url": IMAGE_URL, "content": _PLAIN}},
            "Blue",
        ),
        _record("code_execution_tool_result", _ran("code_execution_tool_result"), "Blue"),
        _record("bash_code_execution_tool_result", _ran("bash_code_execution_tool_result"), "Blue"),
        _record(
            "text_editor_code_execution_tool_result",
            {
                "type": "text_editor_code_execution_tool_result",
                "tool_use_id": "s",
                "content": {"type": "text_editor_code_execution_view_result", "file_type": "text", "content": "Blue"},
            },
            "Blue",
        ),
        _record(
            "tool_search_tool_result",
            {
                "type": "tool_search_tool_result",
                "tool_use_id": "s",
                "content": {
                    "type": "tool_search_tool_search_result",
                    "tool_references": [{"type": "tool_reference", "tool_name": "dig"}],
                },
            },
            "dig",
        ),
        _record(
            "advisor_tool_result",
            {"type": "advisor_tool_result", "tool_use_id": "s", "content": {"type": "advisor_result", "text": "Blue"}},
            "Blue",
        ),
        _record(
            "mcp_tool_use",
            {"type": "mcp_tool_use", "id": "m", "name": "dig", "server_name": "s", "input": {}},
            "dig",
        ),
        _record(
            "mcp_tool_result",
            {"type": "mcp_tool_result", "tool_use_id": "m", "is_error": False, "content": [_TEXT]},
            "Blue",
        ),
        row(
            "mcp_tool_listing",
            {"type": "mcp_tool_listing", "mcp_server_name": "s", "tools": []},
            lost("tools that only Anthropic's servers reach"),
            also=("mcp_tool_listing.*",),
        ),
        row(
            "fallback",
            {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},
            lost("it says nothing to the model"),
            also=("fallback.*",),
        ),
        _record("compaction", {"type": "compaction", "content": "Blue"}, "Blue"),
        row(
            "compaction.encrypted_content",
            {"type": "compaction", "encrypted_content": "x"},
            unsent("only Anthropic's models can read it"),
        ),
    ),
)
