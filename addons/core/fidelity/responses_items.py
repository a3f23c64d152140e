"""The items of a request in OpenAI's Responses. Source: OpenAI API reference, "Input items"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Row, Section, row

_CLAUDE = "messages[].content[]"
_PARTS = "contents[].parts[]"
_NO_FIELD = lost("no such field")


def _call(**members: Any) -> list[dict[str, Any]]:
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"a":"b"}', **members}
    return [call, {"type": "function_call_output", "call_id": "call_1", "output": "Seen"}]


def _output(**members: Any) -> list[dict[str, Any]]:
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"a":"b"}'}
    return [call, {"type": "function_call_output", "call_id": "call_1", "output": "Seen", **members}]


def _said(**members: Any) -> list[dict[str, Any]]:
    text = {"type": "output_text", "text": "Well", **members}
    return [{"type": "message", "role": "assistant", "content": [text]}]


_CUSTOM: list[dict[str, Any]] = [
    {"type": "custom_tool_call", "call_id": "call_1", "name": "patch", "input": "Blue"},
    {"type": "custom_tool_call_output", "call_id": "call_1", "output": "Seen"},
]
_SHELL: list[dict[str, Any]] = [
    {"type": "shell_call", "call_id": "call_1", "action": {"commands": ["ls"]}},
    {
        "type": "shell_call_output",
        "call_id": "call_1",
        "output": [{"stdout": "Blue", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    },
]
_LOCAL: list[dict[str, Any]] = [
    {"type": "local_shell_call", "call_id": "call_1", "action": {"type": "exec", "command": ["ls"], "env": {}}},
    {"type": "local_shell_call_output", "call_id": "call_1", "output": "Blue"},
]
_PATCHED: list[dict[str, Any]] = [
    {
        "type": "apply_patch_call",
        "call_id": "call_1",
        "operation": {"type": "delete_file", "path": "a"},
        "status": "completed",
    },
    {"type": "apply_patch_call_output", "call_id": "call_1", "status": "completed", "output": "Blue"},
]
_SEARCHED: list[dict[str, Any]] = [
    {"type": "tool_search_call", "call_id": "call_1", "execution": "client", "arguments": {"query": "dig"}},
    {
        "type": "tool_search_output",
        "call_id": "call_1",
        "execution": "client",
        "tools": [{"type": "function", "name": "dig", "parameters": {"type": "object", "properties": {}}}],
    },
]


def _ran(field: str, items: list[dict[str, Any]], text: str, also: tuple[str, ...]) -> Row:
    """A call of a tool that the client runs, and its output."""
    why = "a call of the function that stands in, and its result"
    return row(
        field,
        items,
        claude=approximated(f"{_CLAUDE}.content[].text", Words(text), why),
        chat=approximated("messages[].content", Words(text), why),
        gemini=approximated(f"{_PARTS}.functionResponse.response.output", Words(text), why),
        also=also,
    )


ITEMS = Section(
    "Items",
    Place.TURNS,
    (
        row(
            "message",
            _said(),
            claude=mapped(f"{_CLAUDE}.text", "Well"),
            chat=mapped("messages[].content", "Well"),
            gemini=mapped(f"{_PARTS}.text", "Well"),
            also=("message.content", "message.role", "output_text", "output_text.text"),
            note="user, assistant",
        ),
        row(
            "message",
            [{"type": "message", "role": "developer", "content": "Later"}],
            claude=approximated(f"{_CLAUDE}.text", Words("Later"), "at the front: `system`; later: a reminder"),
            chat=mapped("messages[].content", "Later", "of the role `system`"),
            gemini=approximated(
                f"{_PARTS}.text", Words("Later"), "at the front: `systemInstruction`; later: a reminder"
            ),
            note="developer, system",
        ),
        row(
            "message.id",
            [{**_said()[0], "id": "msg_1", "status": "completed"}],
            handled("names and states of items say nothing to a model"),
            base=_said(),
            also=("*.id", "*.status"),
        ),
        row("message.phase", [{**_said()[0], "phase": "commentary"}], _NO_FIELD, base=_said()),
        row(
            "output_text.annotations",
            _said(annotations=[{"type": "url_citation", "url": "https://example.com"}]),
            _NO_FIELD,
            base=_said(),
        ),
        row(
            "output_text.logprobs",
            _said(logprobs=[{"token": "a"}]),
            handled("it says nothing to a model"),
            base=_said(),
        ),
        row(
            "refusal",
            [{"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No, never"}]}],
            claude=approximated(f"{_CLAUDE}.text", "No, never", "as text"),
            chat=approximated("messages[].content", "No, never", "as text"),
            gemini=approximated(f"{_PARTS}.text", "No, never", "as text"),
            also=("refusal.refusal",),
        ),
        row(
            "reasoning",
            [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}, *_said()],
            lost("reasoning means nothing to another provider"),
            base=_said(),
            loss="input",
            also=("reasoning.summary", "reasoning.content", "reasoning.encrypted_content"),
            note="an item",
        ),
        row(
            "function_call",
            _call(),
            claude=mapped(f"{_CLAUDE}.input", {"a": "b"}),
            chat=mapped("messages[].tool_calls[].function.arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            also=("function_call.arguments", "function_call.name", "function_call.call_id"),
        ),
        row(
            "function_call.namespace",
            _call(namespace="eyes"),
            claude=mapped(f"{_CLAUDE}.name", "eyes__look", "in the name"),
            chat=mapped("messages[].tool_calls[].function.name", "eyes__look", "in the name"),
            gemini=mapped(f"{_PARTS}.functionCall.name", "eyes__look", "in the name"),
            base=_call(),
            also=("custom_tool_call.namespace",),
        ),
        row(
            "function_call.caller",
            _call(caller={"type": "direct"}),
            _NO_FIELD,
            base=_call(),
            also=("*.caller",),
        ),
        row("function_call.async", _call(**{"async": True}), _NO_FIELD, base=_call(), also=("custom_tool_call.async",)),
        row(
            "function_call_output",
            _call(),
            claude=mapped(f"{_CLAUDE}.content[].text", "Seen"),
            chat=mapped("messages[].content", "Seen"),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", "Seen"),
            also=("function_call_output.output", "function_call_output.call_id"),
        ),
        row(
            "function_call_output.name",
            _output(name="look"),
            handled("the call says it"),
            base=_output(),
            also=("function_call_output.namespace",),
        ),
        row(
            "custom_tool_call",
            _CUSTOM,
            claude=approximated(f"{_CLAUDE}.input", {"input": "Blue"}, "a function with one text"),
            chat=approximated(
                "messages[].tool_calls[].function.arguments", '{"input":"Blue"}', "a function with one text"
            ),
            gemini=approximated(f"{_PARTS}.functionCall.args", {"input": "Blue"}, "a function with one text"),
            also=tuple(f"custom_tool_call.{name}" for name in ("call_id", "name", "input")),
        ),
        row(
            "custom_tool_call_output",
            _CUSTOM,
            claude=mapped(f"{_CLAUDE}.content[].text", "Seen"),
            chat=mapped("messages[].content", "Seen"),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", "Seen"),
            also=("custom_tool_call_output.*",),
        ),
        _ran("shell_call", _SHELL, "Blue", ("shell_call.*", "shell_call_output", "shell_call_output.*")),
        _ran(
            "local_shell_call",
            _LOCAL,
            "Blue",
            ("local_shell_call.*", "local_shell_call_output", "local_shell_call_output.*"),
        ),
        _ran(
            "apply_patch_call",
            _PATCHED,
            "Blue",
            ("apply_patch_call.*", "apply_patch_call_output", "apply_patch_call_output.*"),
        ),
        _ran(
            "tool_search_call (client)",
            _SEARCHED,
            "dig",
            ("tool_search_call.*", "tool_search_output", "tool_search_output.*"),
        ),
        row(
            "additional_tools",
            [
                {
                    "type": "additional_tools",
                    "role": "developer",
                    "tools": [{"type": "function", "name": "dig", "parameters": {"type": "object", "properties": {}}}],
                }
            ],
            claude=mapped("tools[].name", "dig"),
            chat=mapped("tools[].function.name", "dig"),
            gemini=mapped("tools[].functionDeclarations[].name", "dig"),
            also=("additional_tools.*",),
        ),
        row(
            "configuration_update",
            [{"type": "configuration_update", "reasoning": {"effort": "high"}}],
            lost("the settings of the request hold from its beginning"),
            also=("configuration_update.*",),
        ),
        row(
            "item_reference",
            [{"type": "item_reference", "id": "msg_1"}],
            unsent("unless llr has kept it itself: then it says it again"),
            also=("item_reference.*",),
        ),
        row(
            "compaction",
            [{"type": "compaction", "encrypted_content": "x"}],
            unsent("only OpenAI can read it; one of llr's own becomes text"),
            also=("compaction.*",),
        ),
        row(
            "compaction_trigger",
            None,
            handled("at the end: the model is asked for a summary, which llr seals"),
            also=("compaction_trigger.*",),
        ),
    ),
)


def _trace(kind: str, item: dict[str, Any], text: str = "") -> Row:
    """A record of a tool of OpenAI's: in words, when it gave the model something to read."""
    if not text:
        return row(kind, [{"type": kind, "id": "x", **item}], lost("what the answer says remains"), also=(f"{kind}.*",))
    words = Words(text)
    return row(
        kind,
        [{"type": kind, "id": "x", **item}],
        claude=approximated(f"{_CLAUDE}.text", words, "in words", told=True),
        chat=approximated("messages[].content", words, "in words", told=True),
        gemini=approximated(f"{_PARTS}.text", words, "in words", told=True),
        also=(f"{kind}.*",),
    )


TRACES = Section(
    "What OpenAI's own tools did",
    Place.TURNS,
    (
        _trace("web_search_call", {"status": "completed", "action": {"type": "search", "query": "Blue"}}),
        _trace("file_search_call", {"queries": ["q"], "results": [{"filename": "a", "text": "Blue"}]}, "Blue"),
        _trace("code_interpreter_call", {"code": "1", "outputs": [{"type": "logs", "logs": "Blue"}]}, "Blue"),
        _trace("image_generation_call", {"status": "completed", "result": "x"}, "An image"),
        _trace("mcp_call", {"name": "look", "server_label": "s", "arguments": "{}", "output": "Blue"}, "Blue"),
        _trace("mcp_list_tools", {"server_label": "s", "tools": []}),
        _trace("mcp_approval_request", {"name": "look", "server_label": "s", "arguments": "{}"}),
        _trace("mcp_approval_response", {"approval_request_id": "x", "approve": True}),
        *(
            row(
                kind,
                [{"type": kind, "id": "x", "call_id": "c", **item}],
                unsent("only OpenAI's models know it"),
                also=(f"{kind}.*",),
            )
            for kind, item in (
                ("computer_call", {"action": {"type": "screenshot"}, "status": "completed"}),
                ("computer_call_output", {"output": {"type": "computer_screenshot", "image_url": "x"}}),
                ("program", {"code": "1", "fingerprint": "f"}),
                ("program_output", {"result": "1", "status": "completed"}),
            )
        ),
    ),
)
