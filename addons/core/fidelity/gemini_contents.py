"""The contents of a request of Gemini's. Source: Gemini API reference, "Content" and "Part"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import FETCHED_PDF, IMAGE_URL, PDF, PDF_DATA_URL, PDF_URL, PNG, PNG_DATA_URL

_CLAUDE = "messages[].content[]"
_CHAT_IMAGE = "messages[].content[].image_url.url"
_CHAT_FILE = "messages[].content[].file.file_data"
_INPUT = "input[].content[]"
_NO_FIELD = lost("no such field")
_AT_GOOGLE = unsent("the file is at Google")
_SOUND = unsent("sound and film are not translated")

_TEXT: dict[str, Any] = {"text": "Blue"}
_IMAGE: dict[str, Any] = {"inlineData": {"mimeType": "image/png", "data": PNG}}
_PDF: dict[str, Any] = {"inlineData": {"mimeType": "application/pdf", "data": PDF}}

PARTS = Section(
    "Parts of the user",
    Place.USER,
    (
        row(
            "text",
            _TEXT,
            claude=mapped(f"{_CLAUDE}.text", "Blue"),
            chat=mapped("messages[].content[].text", "Blue"),
            responses=mapped(f"{_INPUT}.text", "Blue"),
        ),
        row(
            "inlineData (image)",
            _IMAGE,
            claude=mapped(f"{_CLAUDE}.source.data", PNG),
            chat=mapped(_CHAT_IMAGE, PNG_DATA_URL),
            responses=mapped(f"{_INPUT}.image_url", PNG_DATA_URL),
            also=("inlineData", "inlineData.data", "inlineData.mimeType"),
        ),
        row(
            "inlineData (PDF)",
            _PDF,
            claude=mapped(f"{_CLAUDE}.source.data", PDF),
            chat=mapped(_CHAT_FILE, PDF_DATA_URL),
            responses=mapped(f"{_INPUT}.file_data", PDF_DATA_URL),
        ),
        row("inlineData (audio)", {"inlineData": {"mimeType": "audio/wav", "data": PNG}}, _SOUND),
        row("inlineData (video)", {"inlineData": {"mimeType": "video/mp4", "data": PNG}}, _SOUND),
        row(
            "inlineData.displayName",
            {"inlineData": {**_PDF["inlineData"], "displayName": "a.pdf"}},
            claude=mapped(f"{_CLAUDE}.title", "a.pdf"),
            chat=mapped("messages[].content[].file.filename", "a.pdf"),
            responses=mapped(f"{_INPUT}.filename", "a.pdf"),
            base=_PDF,
            note="of a PDF",
        ),
        row(
            "inlineData.displayName",
            {"inlineData": {**_IMAGE["inlineData"], "displayName": "a.png"}},
            _NO_FIELD,
            base=_IMAGE,
            note="of an image",
            loss="contents[].parts[].displayName",
        ),
        row(
            "fileData (image on the web)",
            {"fileData": {"mimeType": "image/png", "fileUri": IMAGE_URL}},
            claude=mapped(f"{_CLAUDE}.source.url", IMAGE_URL),
            chat=mapped(_CHAT_IMAGE, IMAGE_URL),
            responses=mapped(f"{_INPUT}.image_url", IMAGE_URL),
            also=("fileData", "fileData.fileUri", "fileData.mimeType", "fileData.displayName"),
        ),
        row(
            "fileData (PDF on the web)",
            {"fileData": {"mimeType": "application/pdf", "fileUri": PDF_URL}},
            claude=mapped(f"{_CLAUDE}.source.url", PDF_URL),
            chat=mapped(_CHAT_FILE, f"data:application/pdf;base64,{FETCHED_PDF}", "llr fetches it"),
            responses=mapped(f"{_INPUT}.file_url", PDF_URL),
        ),
        row(
            "fileData (at Google)",
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
            _AT_GOOGLE,
        ),
        row("fileData (video)", {"fileData": {"fileUri": "https://www.youtube.com/watch?v=a"}}, _SOUND),
        row(
            "videoMetadata",
            {**_IMAGE, "videoMetadata": {"fps": 1}},
            _NO_FIELD,
            base=_IMAGE,
            also=("videoMetadata.*",),
        ),
        row(
            "mediaResolution",
            {**_IMAGE, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
            _NO_FIELD,
            base=_IMAGE,
            also=("mediaResolution.*",),
        ),
        row("mediaProcessing", {**_IMAGE, "mediaProcessing": {"a": "b"}}, _NO_FIELD, base=_IMAGE),
        row("partMetadata", {**_TEXT, "partMetadata": {"a": "b"}}, _NO_FIELD, base=_TEXT),
        row("speechMetadata", {**_TEXT, "speechMetadata": {"a": "b"}}, _NO_FIELD, base=_TEXT),
        row("audioTranscription", {"audioTranscription": {"text": "a"}}, unsent("only Gemini's models know it")),
    ),
)

RESPONSES_OF_TOOLS = Section(
    "Parts of a function's response",
    Place.RESULT,
    (
        row(
            "functionResponse.parts inlineData",
            _IMAGE,
            claude=mapped(f"{_CLAUDE}.content[].source.data", PNG),
            chat=approximated(_CHAT_IMAGE, PNG_DATA_URL, "in a message of the user that follows"),
            responses=mapped("input[].output[].image_url", PNG_DATA_URL),
        ),
        row(
            "functionResponse.parts fileData",
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
            _AT_GOOGLE,
        ),
    ),
)


def _answered(call: dict[str, Any] | None = None, **response: Any) -> list[dict[str, Any]]:
    made = {"id": "call_1", "name": "look", "args": {"a": "b"}}
    seen = {"id": "call_1", "name": "look", "response": {"output": "Seen"}, **response}
    return [
        {"role": "model", "parts": [{"functionCall": made, **(call or {})}]},
        {"role": "user", "parts": [{"functionResponse": seen}]},
    ]


def _made(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "model", "parts": [{"text": "Well"}, part]}]


_SAID = [{"role": "model", "parts": [{"text": "Well"}]}]
_ONLY_GEMINI = unsent("only Gemini's models know it")

TURNS = Section(
    "Turns",
    Place.TURNS,
    (
        row(
            "role model",
            _SAID,
            claude=mapped(f"{_CLAUDE}.text", "Well"),
            chat=mapped("messages[].content", "Well"),
            responses=mapped(f"{_INPUT}.text", "Well"),
        ),
        row(
            "thought",
            [{"role": "model", "parts": [{"text": "Hm", "thought": True}, {"text": "Well"}]}],
            lost("thinking means nothing to another provider"),
            base=_SAID,
            loss="contents",
        ),
        row(
            "thoughtSignature",
            [{"role": "model", "parts": [{"text": "Well", "thoughtSignature": "c2ln"}]}],
            lost("thinking means nothing to another provider"),
            base=_SAID,
            loss="contents",
        ),
        row(
            "functionCall",
            _answered(),
            claude=mapped(f"{_CLAUDE}.input", {"a": "b"}),
            chat=mapped("messages[].tool_calls[].function.arguments", '{"a":"b"}'),
            responses=mapped("input[].arguments", '{"a":"b"}'),
            also=("functionCall.args", "functionCall.name", "functionCall.id"),
        ),
        row(
            "functionCall.willContinue",
            None,
            handled("it stands in answers alone"),
            also=("functionCall.partialArgs",),
        ),
        row(
            "functionResponse",
            _answered(),
            claude=mapped(f"{_CLAUDE}.content[].text", "Seen"),
            chat=mapped("messages[].content", "Seen"),
            responses=mapped("input[].output", "Seen"),
            also=tuple(f"functionResponse.{name}" for name in ("id", "name", "response", "parts")),
            note="`output`, or any object as JSON",
        ),
        row(
            "functionResponse.response.error",
            _answered(response={"error": "Seen"}),
            claude=mapped(f"{_CLAUDE}.is_error", True),
            chat=approximated("messages[].content", "[tool error] Seen", "a mark before the text"),
            responses=approximated("input[].output", "[tool error] Seen", "a mark before the text"),
        ),
        row("functionResponse.scheduling", _answered(scheduling="SILENT"), _NO_FIELD, base=_answered()),
        row("functionResponse.willContinue", _answered(willContinue=True), _NO_FIELD, base=_answered()),
        row(
            "inlineData (of the model)",
            _made(_IMAGE),
            claude=approximated(f"{_CLAUDE}.text", Words("picture"), "in words", told=True),
            chat=approximated("messages[].content", Words("picture"), "in words", told=True),
            responses=approximated(f"{_INPUT}.text", Words("picture"), "in words", told=True),
            base=_SAID,
            loss="contents[].parts[].inlineData",
            note="a picture",
        ),
        row(
            "executableCode",
            _made({"executableCode": {"language": "PYTHON", "code": "Blue"}}),
            claude=approximated(f"{_CLAUDE}.text", Words("Blue"), "in words"),
            chat=approximated("messages[].content", Words("Blue"), "in words"),
            responses=approximated(f"{_INPUT}.text", Words("Blue"), "in words"),
            base=_SAID,
        ),
        row(
            "codeExecutionResult",
            _made({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "Blue"}}),
            claude=approximated(f"{_CLAUDE}.text", Words("Blue"), "in words"),
            chat=approximated("messages[].content", Words("Blue"), "in words"),
            responses=approximated(f"{_INPUT}.text", Words("Blue"), "in words"),
            base=_SAID,
        ),
        *(
            row(kind, _made({kind: {"id": "a", "toolType": "FILE_SEARCH"}}), _ONLY_GEMINI, base=_SAID, loss="contents")
            for kind in ("toolCall", "toolResponse")
        ),
    ),
)
