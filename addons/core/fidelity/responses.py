"""What a request in OpenAI's Responses becomes elsewhere. Source: OpenAI API reference, "Create a model response"."""

from addons.core.fidelity.outcomes import ANYTHING, Words, approximated, handled, lost, mapped, same, unsent
from addons.core.fidelity.responses_content import CONTENT, OUTPUTS
from addons.core.fidelity.responses_items import ITEMS, TRACES
from addons.core.fidelity.responses_tools import CHOICES, HOSTED, TOOLS
from addons.core.fidelity.rows import RESPONSES, Place, Section, Table, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CONFIG = "generationConfig"
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_THINKS = lost("refused while the model thinks, and by the newest models", model="claude-opus-5-5")
_FORMAT = {"type": "json_schema", "name": "n", "schema": SCHEMA}

_BASICS = Section(
    "Basics",
    Place.MEMBER,
    (
        row("model", "gpt-5.2", handled("the configuration says which model of which provider it is")),
        row("input", None, handled("items have rows of their own, below")),
        row(
            "instructions",
            "Be brief",
            claude=mapped("system[].text"),
            chat=mapped("messages[].content", why="the first message, of the role `system`"),
            gemini=mapped("systemInstruction.parts[].text"),
        ),
        row(
            "max_output_tokens",
            4000,
            claude=mapped("max_tokens", why="at most what the model can give"),
            chat=(mapped("max_completion_tokens"), mapped("max_tokens", model="deepseek-chat")),
            gemini=mapped(f"{_CONFIG}.maxOutputTokens"),
        ),
        row(
            "temperature",
            0.5,
            claude=(same(model="claude-sonnet-4-5"), _THINKS),
            chat=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped(f"{_CONFIG}.temperature"),
        ),
        row(
            "top_p",
            0.5,
            claude=(same(model="claude-sonnet-4-5"), _THINKS),
            chat=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped(f"{_CONFIG}.topP"),
        ),
        row("stream", True, claude=same(), chat=same(), gemini=handled("the method in the URL says so")),
        row(
            "stream_options.include_obfuscation",
            False,
            handled("the streams of llr have no padding"),
            given={"stream": True},
            also=("stream_options",),
        ),
        row("top_logprobs", 2, _NO_FIELD),
        row("truncation", "auto", _NO_FIELD, note="what does not fit is an error"),
        row("max_tool_calls", 2, _NO_FIELD, note="of tools that OpenAI runs"),
    ),
)

_REASONING = Section(
    "Reasoning and the form of the answer",
    Place.MEMBER,
    (
        row(
            "reasoning.effort",
            "high",
            claude=(
                approximated("thinking.budget_tokens", 48_000, "a share of `max_tokens`", model="claude-sonnet-4-5"),
                mapped("output_config.effort", model="claude-opus-4-6", why="adaptive thinking"),
            ),
            chat=mapped("reasoning_effort", why="or the highest that the model knows"),
            gemini=mapped(f"{_CONFIG}.thinkingConfig.thinkingLevel", why="or a budget, for models that take one"),
            also=("reasoning",),
        ),
        row(
            "reasoning.summary",
            "detailed",
            claude=(
                handled("models that show their thoughts always do"),
                mapped("thinking.display", "summarized", model="claude-opus-4-7"),
            ),
            chat=lost("reasoning is shown or not as the provider does"),
            gemini=handled("thoughts are shown whenever the model thinks"),
            given={"reasoning": {"effort": "high"}},
        ),
        row("reasoning.generate_summary", "auto", _NO_FIELD, given={"reasoning": {"effort": "high"}}),
        row("reasoning.context", "auto", _NO_FIELD, given={"reasoning": {"effort": "high"}}),
        row("reasoning.mode", "pro", _NO_FIELD, given={"reasoning": {"effort": "high"}}),
        row(
            "text.format",
            _FORMAT,
            claude=(
                mapped("output_config.format.schema", SCHEMA, model="claude-sonnet-4-5"),
                approximated(
                    "tools[].input_schema", SCHEMA, "a tool that is forced", told=True, model="claude-3-5-haiku"
                ),
            ),
            chat=mapped("response_format.json_schema.schema", SCHEMA),
            gemini=mapped(f"{_CONFIG}.responseJsonSchema", ANYTHING, "or `responseSchema`"),
            note="`json_schema`",
            also=("text", *(f"text.format.{name}" for name in ("type", "name", "schema", "strict"))),
        ),
        row(
            "text.format",
            {"type": "json_object"},
            claude=approximated("system[].text", Words("JSON"), "in words", told=True),
            chat=mapped("response_format.type", "json_object"),
            gemini=mapped(f"{_CONFIG}.responseMimeType", "application/json"),
            note="`json_object`",
        ),
        row("text.format.description", "Blue", _NO_FIELD, given={"text": {"format": _FORMAT}}),
        row(
            "text.verbosity",
            "low",
            claude=_NO_FIELD,
            chat=(mapped("verbosity", model="gpt-5.2"), lost("OpenAI's models only", model="grok-4")),
            gemini=_NO_FIELD,
        ),
    ),
)

_KEPT = "unless llr has kept it itself: then it says it again"

_SERVER = Section(
    "What the provider keeps or does",
    Place.MEMBER,
    (
        row("store", True, handled("llr keeps the answer itself, in memory")),
        row("previous_response_id", "resp_1", unsent(_KEPT)),
        row("conversation", "conv_1", unsent("what was said before is at OpenAI")),
        row("prompt", {"id": "pmpt_1"}, unsent("the prompt is at OpenAI"), also=("prompt.*",)),
        row(
            "include",
            ["reasoning.encrypted_content"],
            handled("llr gives what it includes, sealed by itself"),
            note="`reasoning.encrypted_content`",
        ),
        row("include", ["web_search_call.action.sources"], _NO_FIELD, note="anything else"),
        row("background", True, lost("the answer comes at once")),
        row("context_management", [{"type": "compaction"}], _NO_FIELD),
        row(
            "prompt_cache_key",
            "k",
            claude=handled("marks in the content steer the cache"),
            chat=same(),
            gemini=lost("others cache by the beginning of a prompt alone"),
        ),
        row(
            "prompt_cache_retention",
            "24h",
            claude=mapped(
                "messages[].content[].cache_control.ttl", "1h", "marks that last an hour, instead of five minutes"
            ),
            chat=(same(model="gpt-5.2"), lost("OpenAI's models only", model="grok-4")),
            gemini=_NO_FIELD,
        ),
        row("prompt_cache_options", {"mode": "explicit"}, _NO_FIELD),
        row("metadata", {"a": "b"}, _NO_FIELD, note="Chat takes it with `store` alone"),
        row(
            "service_tier",
            "flex",
            claude=_NO_FIELD,
            chat=(same(model="gpt-5.2"), lost("OpenAI's models only", model="grok-4")),
            gemini=_NO_FIELD,
            note="the tiers of two vendors do not correspond",
        ),
        row(
            "user",
            "u",
            lost("it means nothing to another provider"),
            chat=(mapped("safety_identifier", model="gpt-5.2"), lost("OpenAI's models only", model="grok-4")),
        ),
        row(
            "safety_identifier",
            "u",
            lost("it means nothing to another provider"),
            chat=(same(model="gpt-5.2"), lost("OpenAI's models only", model="grok-4")),
            loss="user",
        ),
        row("moderation", {"model": "omni-moderation-latest"}, _NO_FIELD),
        row("access_programs", {"cyber": "x"}, _NO_FIELD),
        row("image", {"context_compression": "auto"}, _NO_FIELD),
    ),
)

TABLE = Table(RESPONSES, (_BASICS, _REASONING, CHOICES, TOOLS, HOSTED, _SERVER, CONTENT, OUTPUTS, ITEMS, TRACES))
