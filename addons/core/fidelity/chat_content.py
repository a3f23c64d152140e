"""The messages of a request in Chat Completions. Source: OpenAI API reference, "Create chat completion"."""

from typing import Any

from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import Place, Section, row
from addons.core.fidelity.samples import FETCHED_PNG, IMAGE_URL, PDF, PDF_DATA_URL, PNG, PNG_DATA_URL

_CLAUDE = "messages[].content[]"
_INPUT = "input[].content[]"
_PARTS = "contents[].parts[]"
_NO_FIELD = lost("no such field")

_TEXT: dict[str, Any] = {"type": "text", "text": "Blue"}
_IMAGE: dict[str, Any] = {"type": "image_url", "image_url": {"url": PNG_DATA_URL}}
_FILE: dict[str, Any] = {"type": "file", "file": {"file_data": PDF_DATA_URL, "filename": "a.pdf"}}

CONTENT = Section(
    "Parts of what the user says",
    Place.USER,
    (
        row(
            "text",
            _TEXT,
            claude=mapped(f"{_CLAUDE}.text", "Blue"),
            responses=mapped(f"{_INPUT}.text", "Blue"),
            gemini=mapped(f"{_PARTS}.text", "Blue"),
            also=("text.text",),
        ),
        row(
            "text.prompt_cache_breakpoint",
            {**_TEXT, "prompt_cache_breakpoint": {"mode": "explicit"}},
            handled("llr sets marks of its own where they steer a cache"),
            base=_TEXT,
            also=("*.prompt_cache_breakpoint",),
        ),
        row(
            "image_url (data)",
            _IMAGE,
            claude=mapped(f"{_CLAUDE}.source.data", PNG),
            responses=mapped(f"{_INPUT}.image_url", PNG_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
            also=("image_url.image_url", "image_url.image_url.url"),
        ),
        row(
            "image_url (web)",
            {"type": "image_url", "image_url": {"url": IMAGE_URL}},
            claude=mapped(f"{_CLAUDE}.source.url", IMAGE_URL),
            responses=mapped(f"{_INPUT}.image_url", IMAGE_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", FETCHED_PNG, "llr fetches it, where that is allowed"),
        ),
        row(
            "image_url.image_url.detail",
            {"type": "image_url", "image_url": {"url": PNG_DATA_URL, "detail": "high"}},
            claude=_NO_FIELD,
            responses=mapped(f"{_INPUT}.detail", "high"),
            gemini=_NO_FIELD,
            base=_IMAGE,
        ),
        row(
            "file (data)",
            _FILE,
            claude=mapped(f"{_CLAUDE}.source.data", PDF),
            responses=mapped(f"{_INPUT}.file_data", PDF_DATA_URL),
            gemini=mapped(f"{_PARTS}.inlineData.data", PDF),
            also=("file.file", "file.file.file_data"),
        ),
        row(
            "file.file.filename",
            _FILE,
            claude=mapped(f"{_CLAUDE}.title", "a.pdf"),
            responses=mapped(f"{_INPUT}.filename", "a.pdf"),
            gemini=approximated(f"{_PARTS}.text", "a.pdf", "a text before the file"),
        ),
        row(
            "file.file.file_id",
            {"type": "file", "file": {"file_id": "file-1"}},
            unsent("the file is at OpenAI"),
        ),
        row(
            "input_audio",
            {"type": "input_audio", "input_audio": {"data": PNG, "format": "wav"}},
            unsent("no sound is taken"),
            gemini=mapped(f"{_PARTS}.inlineData.data", PNG),
            also=("input_audio.*",),
        ),
    ),
)


def _call(**members: Any) -> list[dict[str, Any]]:
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":"b"}'}}
    return [
        {"role": "assistant", "tool_calls": [call], **members},
        {"role": "tool", "tool_call_id": "call_1", "content": "Seen"},
    ]


_CUSTOM_CALL = [
    {
        "role": "assistant",
        "tool_calls": [{"id": "call_1", "type": "custom", "custom": {"name": "patch", "input": "Blue"}}],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "Seen"},
]
_SPOKEN: list[dict[str, Any]] = [{"role": "assistant", "content": "Well"}]

TURNS = Section(
    "Messages",
    Place.TURNS,
    (
        row(
            "system",
            [{"role": "system", "content": "Later"}],
            claude=approximated(f"{_CLAUDE}.text", Words("Later"), "at the front: `system`; later: a reminder"),
            responses=mapped(f"{_INPUT}.text", "Later", "of the role `developer`; at the front: `instructions`"),
            gemini=approximated(
                f"{_PARTS}.text", Words("Later"), "at the front: `systemInstruction`; later: a reminder"
            ),
            also=("system.content", "developer", "developer.content"),
            note="and `developer`",
        ),
        row(
            "user.name",
            [{"role": "user", "content": "So", "name": "Ann"}],
            _NO_FIELD,
            base=[{"role": "user", "content": "So"}],
            also=("system.name", "developer.name", "assistant.name"),
        ),
        row(
            "assistant.content",
            _SPOKEN,
            claude=mapped(f"{_CLAUDE}.text", "Well"),
            responses=mapped(f"{_INPUT}.text", "Well"),
            gemini=mapped(f"{_PARTS}.text", "Well"),
            also=("assistant", "user", "user.content"),
        ),
        row(
            "assistant.refusal",
            [{"role": "assistant", "refusal": "No, never"}],
            claude=approximated(f"{_CLAUDE}.text", "No, never", "as text"),
            responses=approximated(f"{_INPUT}.text", "No, never", "as text"),
            gemini=approximated(f"{_PARTS}.text", "No, never", "as text"),
        ),
        row(
            "assistant.audio",
            [{**_SPOKEN[0], "audio": {"id": "audio_1"}}],
            unsent("what was said is at OpenAI"),
            base=_SPOKEN,
        ),
        row(
            "assistant.tool_calls",
            _call(),
            claude=mapped(f"{_CLAUDE}.input", {"a": "b"}),
            responses=mapped("input[].arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            note="functions",
        ),
        row(
            "assistant.tool_calls",
            _CUSTOM_CALL,
            claude=approximated(f"{_CLAUDE}.input", {"input": "Blue"}, "a function with one text"),
            responses=mapped("input[].input", "Blue"),
            gemini=approximated(f"{_PARTS}.functionCall.args", {"input": "Blue"}, "a function with one text"),
            note="custom tools",
        ),
        row(
            "assistant.reasoning_content",
            _call(reasoning_content="Hm"),
            lost("reasoning means nothing to another provider"),
            base=_call(),
            loss="messages",
            note="of compatible providers; also `reasoning`",
        ),
        row(
            "assistant.function_call",
            [
                {"role": "assistant", "function_call": {"name": "look", "arguments": '{"a":"b"}'}},
                {"role": "function", "name": "look", "content": "Seen"},
            ],
            claude=mapped(f"{_CLAUDE}.input", {"a": "b"}),
            responses=mapped("input[].arguments", '{"a":"b"}'),
            gemini=mapped(f"{_PARTS}.functionCall.args", {"a": "b"}),
            also=("function", "function.content", "function.name"),
        ),
        row(
            "tool.content",
            _call(),
            claude=mapped(f"{_CLAUDE}.content[].text", "Seen"),
            responses=mapped("input[].output", "Seen"),
            gemini=mapped(f"{_PARTS}.functionResponse.response.output", "Seen"),
            also=("tool",),
        ),
        row(
            "tool.tool_call_id",
            _call(),
            claude=mapped(f"{_CLAUDE}.tool_use_id", "call_1"),
            responses=mapped("input[].call_id", "call_1"),
            gemini=mapped(f"{_PARTS}.functionResponse.id", "call_1"),
        ),
    ),
)
