"""The content of a request in Anthropic Messages. Source: Anthropic API reference, "Create a Message"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, lost, mapped, unsent
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
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
            also=("image.source",),
        ),
        row(
            "image (GIF)",
            {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": PNG}},
            chat=mapped(_CHAT_IMAGE, PNG_DATA_URL.replace("png", "gif", 1)),
            responses=mapped(f"{_INPUT}.image_url", PNG_DATA_URL.replace("png", "gif", 1)),
            gemini=approximated(f"{_PARTS}.text", Words("left out"), "the models see no GIF", content=True),
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
