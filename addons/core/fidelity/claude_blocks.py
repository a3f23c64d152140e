"""The content of a request in Anthropic Messages. Source: Anthropic API reference, "Create a Message"."""

from typing import Any

from addons.core.fidelity.outcomes import Outcome, Words, approximated, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Row, Section, row
from addons.core.fidelity.samples import (
    FETCHED_PDF,
    FETCHED_PNG,
    IMAGE_URL,
    PDF,
    PDF_DATA_URL,
    PDF_URL,
    PNG,
    PNG_DATA_URL,
)

_CHAT_TEXT = "messages[].content[].text"
_CHAT_IMAGE = "messages[].content[].image_url.url"
_CHAT_FILE = "messages[].content[].file.file_data"
_INPUT = "input[].content[]"
_PARTS = "contents[].parts[]"
_NO_FIELD = lost("no such field")

_TEXT: dict[str, Any] = {"type": "text", "text": "Blue"}
_IMAGE: dict[str, Any] = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
_PDF_SOURCE = {"type": "base64", "media_type": "application/pdf", "data": PDF}
_DOCUMENT: dict[str, Any] = {"type": "document", "source": _PDF_SOURCE}
_PLAIN: dict[str, Any] = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Blue"},
}


def said(field: str, block: dict[str, Any], text: str, *, also: tuple[str, ...] = ()) -> Row:
    """A block of the user's that is said in words everywhere."""
    words = Words(text)
    return row(
        field,
        block,
        chat=approximated(_CHAT_TEXT, words, "in words"),
        responses=approximated(f"{_INPUT}.text", words, "in words"),
        gemini=approximated(f"{_PARTS}.text", words, "in words"),
        also=also,
    )


USER_BLOCKS = Section(
    "Blocks of the user",
    Place.USER,
    (
        row(
            "text",
            _TEXT,
            chat=mapped(_CHAT_TEXT, "Blue"),
            responses=mapped(f"{_INPUT}.text", "Blue"),
            gemini=mapped(f"{_PARTS}.text", "Blue"),
            also=("text.text",),
        ),
        row("text.citations", {**_TEXT, "citations": [{"type": "char_location"}]}, _NO_FIELD, base=_TEXT),
        row(
            "image (base64)",
            _IMAGE,
            chat=mapped(_CHAT_IMAGE, PNG_DATA_URL),
            responses=mapped(f"{_INPUT}.image_url", PNG_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG, "GIF is **refused**"),
            also=("image.source",),
        ),
        row(
            "image (url)",
            {"type": "image", "source": {"type": "url", "url": IMAGE_URL}},
            chat=mapped(_CHAT_IMAGE, IMAGE_URL),
            responses=mapped(f"{_INPUT}.image_url", IMAGE_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", FETCHED_PNG, "llr fetches it, where that is allowed"),
        ),
        row(
            "image (file)",
            {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
            unsent("the file is at Anthropic"),
        ),
        row(
            "image.transformations",
            {**_IMAGE, "transformations": {"oversized_image": "error"}},
            _NO_FIELD,
            base=_IMAGE,
        ),
        row(
            "document (base64 PDF)",
            _DOCUMENT,
            chat=mapped(_CHAT_FILE, PDF_DATA_URL),
            responses=mapped(f"{_INPUT}.file_data", PDF_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PDF),
            also=("document.source",),
        ),
        row(
            "document (url)",
            {"type": "document", "source": {"type": "url", "url": PDF_URL}},
            chat=mapped(_CHAT_FILE, f"data:application/pdf;base64,{FETCHED_PDF}", "llr fetches it"),
            responses=mapped(f"{_INPUT}.file_url", PDF_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", FETCHED_PDF, "llr fetches it"),
        ),
        row(
            "document (file)",
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
            unsent("the file is at Anthropic"),
        ),
        said("document (text)", _PLAIN, "Blue"),
        said(
            "document (content)",
            {"type": "document", "source": {"type": "content", "content": [_TEXT]}},
            "Blue",
        ),
        row(
            "document.title",
            {**_DOCUMENT, "title": "a.pdf"},
            chat=mapped("messages[].content[].file.filename", "a.pdf"),
            responses=mapped(f"{_INPUT}.filename", "a.pdf"),
            gemini=approximated(f"{_PARTS}.text", "a.pdf", "a text before the file"),
            base=_DOCUMENT,
        ),
        row(
            "document.context",
            {**_PLAIN, "context": "About blue"},
            chat=approximated(_CHAT_TEXT, Words("About blue"), "in the text, above it"),
            responses=approximated(f"{_INPUT}.text", Words("About blue"), "in the text, above it"),
            gemini=approximated(f"{_PARTS}.text", Words("About blue"), "in the text, above it"),
            base=_PLAIN,
            note="of a text",
        ),
        row(
            "document.context",
            {**_DOCUMENT, "context": "About blue"},
            chat=approximated(_CHAT_TEXT, Words("About blue"), "a text before the file"),
            responses=approximated(f"{_INPUT}.text", Words("About blue"), "a text before the file"),
            gemini=approximated(f"{_PARTS}.text", Words("About blue"), "a text before the file"),
            base=_DOCUMENT,
            note="of a PDF",
        ),
        row("document.citations", {**_DOCUMENT, "citations": {"enabled": True}}, _NO_FIELD, base=_DOCUMENT),
        said(
            "search_result",
            {"type": "search_result", "source": "s", "title": "T", "content": [_TEXT]},
            "Blue",
            also=("search_result.*",),
        ),
        row(
            "container_upload",
            {"type": "container_upload", "file_id": "file_1"},
            unsent("the container is at Anthropic"),
            also=("container_upload.*",),
        ),
        said(
            "tool_addition (reference)",
            {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "look"}},
            "look",
            also=("tool_addition.*", "tool_addition"),
        ),
        row(
            "tool_addition (definition)",
            {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"name": "look"}}},
            unsent("tools are declared with the request elsewhere"),
        ),
        said(
            "tool_removal",
            {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "look"}},
            "look",
            also=("tool_removal.*",),
        ),
    ),
)

_RESULT_TEXT = "messages[].content"

RESULTS = Section(
    "Blocks of a tool's result",
    Place.RESULT,
    (
        row(
            "tool_result.content text",
            _TEXT,
            chat=mapped(_RESULT_TEXT, Words("Blue")),
            responses=mapped("input[].output", Words("Blue")),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", Words("Blue")),
        ),
        row(
            "tool_result.content image",
            _IMAGE,
            chat=approximated(_CHAT_IMAGE, PNG_DATA_URL, "in a message of the user that follows"),
            responses=mapped("input[].output[].image_url", PNG_DATA_URL),
            gemini=approximated(f"{_PARTS}.inlineData.data", PNG, "beside the response"),
        ),
        row(
            "tool_result.content document",
            _DOCUMENT,
            chat=approximated(_CHAT_FILE, PDF_DATA_URL, "in a message of the user that follows"),
            responses=mapped("input[].output[].file_data", PDF_DATA_URL),
            gemini=approximated(f"{_PARTS}.inlineData.data", PDF, "beside the response"),
        ),
        row(
            "tool_result.content search_result",
            {"type": "search_result", "source": "s", "title": "T", "content": [_TEXT]},
            chat=approximated(_RESULT_TEXT, Words("Blue"), "in words"),
            responses=approximated("input[].output", Words("Blue"), "in words"),
            gemini=approximated(f"{_PARTS}.functionResponse.response.output", Words("Blue"), "in words"),
        ),
        row(
            "tool_result.content tool_reference",
            {"type": "tool_reference", "tool_name": "dig"},
            chat=approximated(_RESULT_TEXT, Words("dig"), "in words; the tool is offered from then on"),
            responses=approximated("input[].output", Words("dig"), "in words; the tool is offered from then on"),
            gemini=approximated(
                f"{_PARTS}.functionResponse.response.output", Words("dig"), "in words; the tool is offered from then on"
            ),
        ),
        row(
            "tool_result.content browser_state",
            {"type": "browser_state", "url": "https://example.com"},
            unsent("only Anthropic's models know it"),
        ),
    ),
)


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
            "role: system",
            [{"role": "system", "content": "Later"}],
            chat=mapped("messages[].content", "Later"),
            responses=mapped("input[].content[].text", "Later", "of the role `developer`"),
            gemini=approximated(f"{_PARTS}.text", Words("Later"), "a reminder in what the user says"),
            note="in the middle",
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
