"""What messages and tool outputs hold in OpenAI's Responses. Source: OpenAI API reference, "Input items"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Section, row
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

_CLAUDE = "messages[].content[]"
_CHAT_IMAGE = "messages[].content[].image_url.url"
_CHAT_FILE = "messages[].content[].file.file_data"
_PARTS = "contents[].parts[]"
_NO_FIELD = lost("no such field")

_TEXT: dict[str, Any] = {"type": "input_text", "text": "Blue"}
_IMAGE: dict[str, Any] = {"type": "input_image", "image_url": PNG_DATA_URL}
_FILE: dict[str, Any] = {"type": "input_file", "file_data": PDF_DATA_URL, "filename": "a.pdf"}

CONTENT = Section(
    "Content of the user's messages",
    Place.USER,
    (
        row(
            "input_text",
            _TEXT,
            claude=mapped(f"{_CLAUDE}.text", "Blue"),
            chat=mapped("messages[].content[].text", "Blue"),
            gemini=mapped(f"{_PARTS}.text", "Blue"),
            also=("input_text.text",),
        ),
        row(
            "input_text.prompt_cache_breakpoint",
            {**_TEXT, "prompt_cache_breakpoint": {"mode": "explicit"}},
            handled("llr sets marks of its own where they steer a cache"),
            base=_TEXT,
            also=("*.prompt_cache_breakpoint",),
        ),
        row(
            "input_image (data)",
            _IMAGE,
            claude=mapped(f"{_CLAUDE}.source.data", PNG),
            chat=mapped(_CHAT_IMAGE, PNG_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
            also=("input_image.image_url",),
        ),
        row(
            "input_image (url)",
            {"type": "input_image", "image_url": IMAGE_URL},
            claude=mapped(f"{_CLAUDE}.source.url", IMAGE_URL),
            chat=mapped(_CHAT_IMAGE, IMAGE_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", FETCHED_PNG, "llr fetches it, where that is allowed"),
        ),
        row("input_image.file_id", {"type": "input_image", "file_id": "file-1"}, unsent("the file is at OpenAI")),
        row(
            "input_image.detail",
            {**_IMAGE, "detail": "high"},
            claude=_NO_FIELD,
            chat=mapped("messages[].content[].image_url.detail", "high"),
            gemini=_NO_FIELD,
            base=_IMAGE,
        ),
        row(
            "input_file (data)",
            _FILE,
            claude=mapped(f"{_CLAUDE}.source.data", PDF),
            chat=mapped(_CHAT_FILE, PDF_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PDF),
            also=("input_file.file_data",),
        ),
        row(
            "input_file.filename",
            _FILE,
            claude=mapped(f"{_CLAUDE}.title", "a.pdf"),
            chat=mapped("messages[].content[].file.filename", "a.pdf"),
            gemini=approximated(f"{_PARTS}.text", "a.pdf", "a text before the file"),
        ),
        row(
            "input_file.file_url",
            {"type": "input_file", "file_url": PDF_URL},
            claude=mapped(f"{_CLAUDE}.source.url", PDF_URL),
            chat=mapped(_CHAT_FILE, f"data:application/pdf;base64,{FETCHED_PDF}", "llr fetches it"),
            gemini=mapped(f"{_PARTS}.inlineData.data", FETCHED_PDF, "llr fetches it"),
        ),
        row("input_file.file_id", {"type": "input_file", "file_id": "file-1"}, unsent("the file is at OpenAI")),
        row("input_file.detail", {**_FILE, "detail": "high"}, _NO_FIELD, base=_FILE),
    ),
)

_FOLLOWS = "in a message of the user that follows"

OUTPUTS = Section(
    "Content of a tool's output",
    Place.RESULT,
    (
        row(
            "output input_text",
            _TEXT,
            claude=mapped(f"{_CLAUDE}.content[].text", "Blue"),
            chat=mapped("messages[].content", Words("Blue")),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", Words("Blue")),
        ),
        row(
            "output input_image",
            _IMAGE,
            claude=mapped(f"{_CLAUDE}.content[].source.data", PNG),
            chat=approximated(_CHAT_IMAGE, PNG_DATA_URL, _FOLLOWS),
            gemini=approximated(f"{_PARTS}.inlineData.data", PNG, "beside the response"),
        ),
        row(
            "output input_file",
            _FILE,
            claude=mapped(f"{_CLAUDE}.content[].source.data", PDF),
            chat=approximated(_CHAT_FILE, PDF_DATA_URL, _FOLLOWS),
            gemini=approximated(f"{_PARTS}.inlineData.data", PDF, "beside the response"),
        ),
        row("output input_file.file_id", {"type": "input_file", "file_id": "file-1"}, unsent("the file is at OpenAI")),
    ),
)
