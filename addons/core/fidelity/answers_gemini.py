"""What an answer of a Gemini provider becomes for other clients. Source: Gemini API reference,
"GenerateContentResponse"."""

from typing import Any

from addons.core.fidelity.outcomes import ANYTHING, Outcome, approximated, failed, gone, handled, mapped
from addons.core.fidelity.rows import GEMINI, Place, Row, Section, Table, row
from addons.core.fidelity.samples import PNG, PNG_DATA_URL

_NO_PLACE = gone("no such field")
_CHAT = "choices[].message"
_BLOCK = "content[]"
_ITEM = "output[]"
_TEXT: dict[str, Any] = {"text": "Blue"}


def _answer(*parts: dict[str, Any], usage: dict[str, Any] | None = None, **candidate: Any) -> dict[str, Any]:
    content = {"role": "model", "parts": [*parts, _TEXT]}
    return {
        "candidates": [{"index": 0, "content": content, "finishReason": "STOP", **candidate}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15, **(usage or {})},
        "modelVersion": "gemini-3-pro",
        "responseId": "r1",
    }


_BASE = _answer()
_UNSAID = "FINISH_REASON_UNSPECIFIED"


def _finish(reason: str, claude: Outcome, chat: Outcome, responses: Outcome) -> Row:
    base = _answer(finishReason="MAX_TOKENS" if reason in ("STOP", _UNSAID) else "STOP")
    sample = _answer(finishReason=reason)
    return row(
        "candidates[].finishReason",
        sample,
        claude=claude,
        chat=chat,
        responses=responses,
        base=base,
        loss="finish_reason",
        note=f"`{reason}`",
    )


def _refused(reason: str) -> Row:
    return _finish(
        reason,
        mapped("stop_reason", "refusal"),
        mapped("choices[].finish_reason", "content_filter"),
        mapped("incomplete_details.reason", "content_filter"),
    )


_REFUSALS = (
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
)  # fmt: skip
_STUMBLES = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS")
_STUMBLED = failed("the model stumbled, and another one is asked")
_PLAINS = ("OTHER", "NO_IMAGE", "IMAGE_OTHER")
_PLAIN = gone("an end like any other")

_ENDS = Section(
    "How it ends",
    Place.ANSWER,
    (
        _finish(
            "STOP",
            mapped("stop_reason", "end_turn"),
            mapped("choices[].finish_reason", "stop"),
            mapped("status", "completed"),
        ),
        _finish(
            "MAX_TOKENS",
            mapped("stop_reason", "max_tokens"),
            mapped("choices[].finish_reason", "length"),
            mapped("incomplete_details.reason", "max_output_tokens"),
        ),
        *map(_refused, _REFUSALS),
        *(_finish(reason, _STUMBLED, _STUMBLED, _STUMBLED) for reason in _STUMBLES),
        *(_finish(reason, _PLAIN, _PLAIN, _PLAIN) for reason in _PLAINS),
        _finish(
            _UNSAID,
            approximated("stop_reason", "end_turn", "an end like any other"),
            approximated("choices[].finish_reason", "stop", "an end like any other"),
            approximated("status", "completed", "an end like any other"),
        ),
        _finish("CONTINUATION", mapped("stop_reason", "pause_turn"), _PLAIN, _PLAIN),
        row("candidates[].finishMessage", _answer(finishMessage="a"), _NO_PLACE, base=_BASE),
    ),
)


def _part(field: str, part: dict[str, Any], others: Outcome | None = None, **cells: Any) -> Row:
    return row(field, _answer(part), others, base=_BASE, **cells)


def _signed_last() -> dict[str, Any]:
    answer = _answer()
    answer["candidates"][0]["content"]["parts"].append({"text": "", "thoughtSignature": "c2ln"})
    return answer


_RECORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("inlineData", {"mimeType": "audio/wav", "data": "x"}),
    ("executableCode", {"language": "PYTHON", "code": "1"}),
    ("codeExecutionResult", {"outcome": "OUTCOME_OK", "output": "1"}),
    ("fileData", {"fileUri": "https://example.com/a.mp4"}),
    ("functionResponse", {"name": "look", "response": {}}),
    ("toolCall", {"id": "a"}),
    ("toolResponse", {"id": "a"}),
    ("audioTranscription", {"text": "a"}),
)
_BESIDE = ("mediaProcessing", "mediaResolution", "partMetadata", "speechMetadata", "videoMetadata")
_MEMBERS: tuple[tuple[str, Any], ...] = (
    ("citationMetadata", {"citationSources": [{"uri": "https://example.com"}]}),
    ("groundingMetadata", {"webSearchQueries": ["a"], "searchEntryPoint": {"renderedContent": "a"}}),
    ("urlContextMetadata", {"urlMetadata": [{"retrievedUrl": "https://example.com"}]}),
    ("safetyRatings", [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}]),
    ("logprobsResult", {"chosenCandidates": [{"token": "a"}]}),
    ("avgLogprobs", -0.1),
    ("tokenCount", 5),
    ("continuationToken", "t"),
)

_CONTENT = Section(
    "Parts",
    Place.ANSWER,
    (
        _part(
            "text",
            {"text": "Green "},
            claude=mapped(f"{_BLOCK}.text", "Green Blue"),
            chat=mapped(f"{_CHAT}.content", "Green Blue"),
            responses=mapped(f"{_ITEM}.content[].text", "Green Blue"),
            also=("candidates", "candidates[].content", "candidates[].index"),
        ),
        _part(
            "thought",
            {"text": "Hm", "thought": True},
            claude=mapped(f"{_BLOCK}.thinking", "Hm"),
            chat=mapped(f"{_CHAT}.reasoning_content", "Hm"),
            responses=mapped(f"{_ITEM}.summary[].text", "Hm"),
        ),
        _part(
            "thoughtSignature",
            {"text": "Hm", "thought": True, "thoughtSignature": "c2ln"},
            claude=mapped(f"{_BLOCK}.signature", ANYTHING, "sealed: the client sends it back"),
            chat=mapped(f"{_CHAT}.reasoning_details[].data", ANYTHING, "sealed: the client sends it back"),
            responses=mapped(f"{_ITEM}.encrypted_content", ANYTHING, "sealed: the client sends it back"),
        ),
        row(
            "thoughtSignature",
            _signed_last(),
            claude=gone("clients take the last block for the answer"),
            chat=mapped(f"{_CHAT}.reasoning_details[].data", ANYTHING, "sealed: the client sends it back"),
            responses=mapped(f"{_ITEM}.encrypted_content", ANYTHING, "sealed: the client sends it back"),
            base=_BASE,
            loss="thinking.signature",
            note="behind a text that ends the answer",
        ),
        _part(
            "functionCall",
            {"functionCall": {"name": "look", "args": {"a": "b"}}},
            claude=mapped(f"{_BLOCK}.input", {"a": "b"}),
            chat=mapped(f"{_CHAT}.tool_calls[].function.arguments", '{"a":"b"}'),
            responses=mapped(f"{_ITEM}.arguments", '{"a":"b"}'),
        ),
        _part(
            "inlineData",
            {"inlineData": {"mimeType": "image/png", "data": PNG}},
            claude=_NO_PLACE,
            chat=mapped(f"{_CHAT}.images[].image_url.url", PNG_DATA_URL),
            responses=mapped(f"{_ITEM}.result", PNG),
            note="a picture",
        ),
        *(_part(kind, {kind: value}, _NO_PLACE) for kind, value in _RECORDS),
        row(
            "candidates[].groundingMetadata.groundingChunks",
            _answer(groundingMetadata={"groundingChunks": [{"web": {"uri": "https://example.com", "title": "A"}}]}),
            claude=mapped(f"{_BLOCK}.citations[].url", "https://example.com"),
            chat=mapped(f"{_CHAT}.annotations[].url_citation.url", "https://example.com"),
            responses=mapped(f"{_ITEM}.content[].annotations[].url", "https://example.com"),
            base=_BASE,
            note="pages; the whole text cites them",
        ),
        *(row(f"candidates[].{name}", _answer(**{name: value}), _NO_PLACE, base=_BASE) for name, value in _MEMBERS),
        *(
            row(name, _answer({"text": "Green ", name: {"a": "b"}}), _NO_PLACE, base=_answer({"text": "Green "}))
            for name in _BESIDE
        ),
    ),
)


_RATED = {"safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}]}
_BY_KIND = [{"modality": "TEXT", "tokenCount": 5}]


def _usage(field: str, value: Any, others: Outcome | None = None, **cells: Any) -> Row:
    loss = f"usage.{field}"
    return row(f"usageMetadata.{field}", _answer(usage={field: value}), others, base=_BASE, loss=loss, **cells)


_USAGE = Section(
    "Usage and the rest",
    Place.ANSWER,
    (
        _usage(
            "promptTokenCount",
            11,
            claude=mapped("usage.input_tokens", 11, "without what was cached"),
            chat=mapped("usage.prompt_tokens", 11),
            responses=mapped("usage.input_tokens", 11),
            also=("usageMetadata", "usageMetadata.totalTokenCount"),
        ),
        _usage(
            "candidatesTokenCount",
            6,
            claude=mapped("usage.output_tokens", 6),
            chat=mapped("usage.completion_tokens", 6),
            responses=mapped("usage.output_tokens", 6),
        ),
        _usage(
            "thoughtsTokenCount",
            3,
            claude=mapped("usage.output_tokens_details.thinking_tokens", 3),
            chat=mapped("usage.completion_tokens_details.reasoning_tokens", 3),
            responses=mapped("usage.output_tokens_details.reasoning_tokens", 3),
        ),
        _usage(
            "cachedContentTokenCount",
            7,
            claude=mapped("usage.cache_read_input_tokens", 7),
            chat=mapped("usage.prompt_tokens_details.cached_tokens", 7),
            responses=mapped("usage.input_tokens_details.cached_tokens", 7),
        ),
        _usage(
            "toolUsePromptTokenCount",
            2,
            claude=mapped("usage.input_tokens", 12, "counted among the rest"),
            chat=mapped("usage.prompt_tokens", 12, "counted among the rest"),
            responses=mapped("usage.input_tokens", 12, "counted among the rest"),
        ),
        *(
            _usage(name, value, _NO_PLACE)
            for name, value in (
                ("promptTokensDetails", _BY_KIND),
                ("candidatesTokensDetails", _BY_KIND),
                ("cacheTokensDetails", _BY_KIND),
                ("toolUsePromptTokensDetails", _BY_KIND),
                ("trafficType", "ON_DEMAND"),
            )
        ),
        row(
            "responseId",
            {**_BASE, "responseId": "r2"},
            claude=mapped("id", "r2"),
            chat=mapped("id", "r2"),
            responses=mapped("id", "resp_r2", "with a prefix"),
            base=_BASE,
        ),
        row(
            "modelVersion",
            {**_BASE, "modelVersion": "other"},
            handled("the client sees the name that it asked for"),
            base=_BASE,
        ),
        *(
            row(name, {**_BASE, name: value}, _NO_PLACE, base=_BASE)
            for name, value in (
                ("createTime", "2026-01-01T00:00:00Z"),
                ("modelStatus", {"message": "a"}),
                ("promptFeedback", _RATED),
            )
        ),
    ),
)

TABLE = Table(GEMINI, (_ENDS, _CONTENT, _USAGE))
