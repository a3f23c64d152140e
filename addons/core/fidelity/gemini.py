"""What a request of Gemini's becomes elsewhere. Source: Gemini API reference, "Generating content"."""

from addons.core.fidelity.gemini_contents import PARTS, RESPONSES_OF_TOOLS, TURNS
from addons.core.fidelity.gemini_tools import CHOICES, HOSTED, TOOLS
from addons.core.fidelity.outcomes import Words, approximated, handled, lost, mapped, unsent
from addons.core.fidelity.rows import GEMINI, Place, Section, Table, row
from addons.core.fidelity.samples import SCHEMA

_CONFIG = "generationConfig"
_THINKING = f"{_CONFIG}.thinkingConfig"
_NO_FIELD = lost("no such field")
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_THINKS = lost("refused while the model thinks, and by the newest models", model="claude-opus-5-5")
_JSON = {_CONFIG: {"responseMimeType": "application/json"}}

_BASICS = Section(
    "Basics",
    Place.MEMBER,
    (
        row("contents", None, handled("parts have rows of their own, below")),
        row(
            "systemInstruction",
            {"parts": [{"text": "Be brief"}]},
            claude=mapped("system[].text", "Be brief"),
            chat=mapped("messages[].content", "Be brief", "the first message, of the role `system`"),
            responses=mapped("instructions", "Be brief"),
        ),
        row(
            f"{_CONFIG}.maxOutputTokens",
            4000,
            claude=mapped("max_tokens", why="at most what the model can give"),
            chat=(mapped("max_completion_tokens"), mapped("max_tokens", model="deepseek-chat")),
            responses=mapped("max_output_tokens", why="at least 16"),
            also=(_CONFIG,),
        ),
        row(
            f"{_CONFIG}.temperature",
            0.5,
            claude=(mapped("temperature", model="claude-sonnet-4-5"), _THINKS),
            chat=(mapped("temperature", model="gpt-4.1"), _SAMPLING),
            responses=(mapped("temperature", model="gpt-4.1"), _SAMPLING),
        ),
        row(
            f"{_CONFIG}.temperature",
            1.5,
            claude=approximated("temperature", 1, "1 is the highest value", told=True),
            chat=(mapped("temperature", model="gpt-4.1"), _SAMPLING),
            responses=(mapped("temperature", model="gpt-4.1"), _SAMPLING),
            note="above 1",
        ),
        row(
            f"{_CONFIG}.topP",
            0.5,
            claude=(mapped("top_p", model="claude-sonnet-4-5"), _THINKS),
            chat=(mapped("top_p", model="gpt-4.1"), _SAMPLING),
            responses=(mapped("top_p", model="gpt-4.1"), _SAMPLING),
        ),
        row(
            f"{_CONFIG}.topK",
            40,
            claude=(mapped("top_k", model="claude-sonnet-4-5"), _THINKS),
            chat=_NO_FIELD,
            responses=_NO_FIELD,
        ),
        row(
            f"{_CONFIG}.stopSequences",
            ["END"],
            claude=mapped("stop_sequences", why="but for white space"),
            chat=(mapped("stop", model="gpt-4.1", why="the first four"), _SAMPLING),
            responses=_NO_FIELD,
        ),
        row(f"{_CONFIG}.seed", 7, claude=_NO_FIELD, chat=mapped("seed"), responses=_NO_FIELD),
        row(
            f"{_CONFIG}.presencePenalty",
            0.5,
            _NO_FIELD,
            chat=(mapped("presence_penalty", model="gpt-4.1"), _SAMPLING),
        ),
        row(
            f"{_CONFIG}.frequencyPenalty",
            0.5,
            _NO_FIELD,
            chat=(mapped("frequency_penalty", model="gpt-4.1"), _SAMPLING),
        ),
        row(f"{_CONFIG}.candidateCount", 2, _NO_FIELD, note="there is one answer"),
        row(f"{_CONFIG}.responseLogprobs", True, _NO_FIELD),
        row(f"{_CONFIG}.logprobs", 2, _NO_FIELD),
    ),
)

_FORM = Section(
    "Thinking and the form of the answer",
    Place.MEMBER,
    (
        row(
            f"{_THINKING}.thinkingLevel",
            "HIGH",
            claude=(
                approximated("thinking.budget_tokens", 48_000, "a share of `max_tokens`", model="claude-sonnet-4-5"),
                mapped("output_config.effort", "high", "adaptive thinking", model="claude-opus-4-6"),
            ),
            chat=mapped("reasoning_effort", "high", "or the highest that the model knows"),
            responses=mapped("reasoning.effort", "high", "or the highest that the model knows"),
            also=(_THINKING,),
        ),
        row(
            f"{_THINKING}.thinkingBudget",
            12_000,
            claude=mapped("thinking.budget_tokens", why="or an effort, for models that take one"),
            chat=approximated("reasoning_effort", "high", "an effort, by the budget's share of the limit"),
            responses=approximated("reasoning.effort", "high", "an effort, by the budget's share of the limit"),
            given={_CONFIG: {"maxOutputTokens": 16_000}},
        ),
        row(
            f"{_THINKING}.includeThoughts",
            True,
            claude=(
                handled("models that show their thoughts always do"),
                mapped("thinking.display", "summarized", model="claude-opus-4-7"),
            ),
            chat=lost("reasoning is shown or not as the provider does"),
            responses=mapped("reasoning.summary", "auto"),
            given={_CONFIG: {"thinkingConfig": {"thinkingLevel": "HIGH"}}},
        ),
        row(
            f"{_CONFIG}.responseMimeType",
            "application/json",
            claude=approximated("system[].text", Words("JSON"), "in words", told=True),
            chat=mapped("response_format.type", "json_object"),
            responses=mapped("text.format.type", "json_object"),
            loss=f"{_CONFIG}.responseSchema",
            note="`application/json`",
        ),
        row(f"{_CONFIG}.responseMimeType", "text/x.enum", _NO_FIELD, note="anything else"),
        row(
            f"{_CONFIG}.responseSchema",
            {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]},
            claude=(
                mapped("output_config.format.schema.properties.a.type", "string", model="claude-sonnet-4-5"),
                approximated(
                    "tools[].input_schema.properties.a.type",
                    "string",
                    "a tool that is forced",
                    told=True,
                    model="claude-3-5-haiku",
                ),
            ),
            chat=mapped("response_format.json_schema.schema.properties.a.type", "string"),
            responses=mapped("text.format.schema.properties.a.type", "string"),
            given=_JSON,
        ),
        row(
            f"{_CONFIG}.responseJsonSchema",
            SCHEMA,
            claude=mapped("output_config.format.schema", SCHEMA, model="claude-sonnet-4-5"),
            chat=mapped("response_format.json_schema.schema", SCHEMA),
            responses=mapped("text.format.schema", SCHEMA),
            given=_JSON,
        ),
        row(f"{_CONFIG}.responseFormat", {"text": {"mimeType": "TEXT_PLAIN"}}, _NO_FIELD),
        *(
            row(f"{_CONFIG}.{name}", value, _NO_FIELD)
            for name, value in (
                ("responseModalities", ["TEXT", "IMAGE"]),
                ("imageConfig", {"aspectRatio": "1:1"}),
                ("speechConfig", {"languageCode": "de-DE"}),
                ("mediaResolution", "MEDIA_RESOLUTION_LOW"),
                ("audioTimestamp", True),
                ("audioTranscriptionConfig", {"languageCodes": ["de"]}),
                ("translationConfig", {"targetLanguageCode": "de"}),
                ("enableAffectiveDialog", True),
                ("enableEnhancedCivicAnswers", True),
                ("routingConfig", {"autoMode": {}}),
                ("modelSelectionConfig", {"featureSelectionPreference": "BALANCED"}),
            )
        ),
    ),
)

_SERVER = Section(
    "What the provider keeps or does",
    Place.MEMBER,
    (
        row("cachedContent", "cachedContents/1", unsent("what was said before is at Google")),
        row("safetySettings", [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}], _NO_FIELD),
        row("labels", {"a": "b"}, _NO_FIELD),
        row("serviceTier", "flex", _NO_FIELD, note="the tiers of two vendors do not correspond"),
        row("store", True, _NO_FIELD),
        row("modelArmorConfig", {"promptTemplateName": "p"}, _NO_FIELD),
        row("continuationToken", "t", unsent("what was said before is at Google")),
        row("automaticContinuation", True, _NO_FIELD),
        row("generationOutputConfig", {"gcsDestination": {"outputUri": "gs://a"}}, _NO_FIELD, also=("outputConfig",)),
    ),
)

TABLE = Table(
    GEMINI,
    (_BASICS, _FORM, CHOICES, TOOLS, HOSTED, _SERVER, PARTS, RESPONSES_OF_TOOLS, TURNS),
    "Names in snake case (`generation_config`) are read too. Model and method stand in the path.",
)
