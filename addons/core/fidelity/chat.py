"""What a request in Chat Completions becomes elsewhere. Source: OpenAI API reference, "Create chat completion"."""

from typing import Any

from addons.core.fidelity.chat_content import CONTENT, TURNS
from addons.core.fidelity.outcomes import ANYTHING, Words, approximated, handled, lost, mapped, same, unsent
from addons.core.fidelity.rows import CHAT, Place, Section, Table, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CALLING = "toolConfig.functionCallingConfig"
_CONFIG = "generationConfig"
_OPENAI_ONLY = lost("OpenAI's models only", model="grok-4")
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_THINKS = lost("refused while the model thinks, and by the newest models", model="claude-opus-5-5")

_FUNCTION: dict[str, Any] = {"name": "look", "parameters": SCHEMA}
_LOOK: dict[str, Any] = {"type": "function", "function": _FUNCTION}
_OFFER: dict[str, Any] = {"tools": [_LOOK]}
_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
_CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "patch", "description": "Patches"}}

_BASICS = Section(
    "Basics",
    Place.MEMBER,
    (
        row("model", "gpt-5.2", handled("the configuration says which model of which provider it is")),
        row("messages", None, handled("the parts of messages have rows of their own, below")),
        row(
            "max_completion_tokens",
            4000,
            claude=mapped("max_tokens", why="at most what the model can give"),
            responses=mapped("max_output_tokens", why="at least 16"),
            gemini=mapped(f"{_CONFIG}.maxOutputTokens"),
        ),
        row(
            "max_tokens",
            4000,
            claude=same(),
            responses=mapped("max_output_tokens", why="at least 16"),
            gemini=mapped(f"{_CONFIG}.maxOutputTokens"),
        ),
        row(
            "temperature",
            0.5,
            claude=(same(model="claude-sonnet-4-5"), _THINKS),
            responses=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped(f"{_CONFIG}.temperature"),
        ),
        row(
            "temperature",
            1.5,
            claude=approximated("temperature", 1, "1 is the highest value", told=True),
            responses=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped(f"{_CONFIG}.temperature"),
            note="above 1",
        ),
        row(
            "top_p",
            0.5,
            claude=(same(model="claude-sonnet-4-5"), _THINKS),
            responses=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped(f"{_CONFIG}.topP"),
        ),
        row(
            "stop",
            ["END"],
            claude=mapped("stop_sequences", why="but for white space"),
            responses=_NO_FIELD,
            gemini=mapped(f"{_CONFIG}.stopSequences", why="the first five"),
        ),
        row("stream", True, claude=same(), responses=same(), gemini=handled("the method in the URL says so")),
        row(
            "stream_options.include_usage",
            True,
            handled("llr sends the client the usage, or not"),
            given={"stream": True},
            also=("stream_options",),
        ),
        row(
            "stream_options.include_obfuscation",
            False,
            handled("the streams of llr have no padding"),
            given={"stream": True},
        ),
        row("n", 2, _NO_FIELD, note="there is one answer"),
        row("seed", 7, claude=_NO_FIELD, responses=_NO_FIELD, gemini=mapped(f"{_CONFIG}.seed")),
        row("frequency_penalty", 0.5, _NO_FIELD, gemini=lost("the newer models refuse it")),
        row("presence_penalty", 0.5, _NO_FIELD, gemini=lost("the newer models refuse it")),
        row("logit_bias", {"50256": -100}, _NO_FIELD, note="tokens are another model's"),
        row("logprobs", True, _NO_FIELD),
        row("top_logprobs", 2, _NO_FIELD),
        row("prediction", {"type": "content", "content": "x"}, _NO_FIELD),
        row("modalities", ["text", "audio"], _NO_FIELD, note="the answer is text"),
        row("audio", {"voice": "alloy", "format": "wav"}, _NO_FIELD),
        row("web_search_options", {"search_context_size": "low"}, _NO_FIELD),
    ),
)

_REASONING = Section(
    "Reasoning and the form of the answer",
    Place.MEMBER,
    (
        row(
            "reasoning_effort",
            "high",
            claude=(
                approximated("thinking.budget_tokens", 48_000, "a share of `max_tokens`", model="claude-sonnet-4-5"),
                mapped("output_config.effort", model="claude-opus-4-6", why="adaptive thinking"),
            ),
            responses=mapped("reasoning.effort", why="or the highest that the model knows"),
            gemini=mapped(f"{_CONFIG}.thinkingConfig.thinkingLevel", why="or a budget, for models that take one"),
        ),
        row(
            "response_format",
            {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
            claude=(
                mapped("output_config.format.schema", SCHEMA, model="claude-sonnet-4-5"),
                approximated(
                    "tools[].input_schema", SCHEMA, "a tool that is forced", told=True, model="claude-3-5-haiku"
                ),
            ),
            responses=mapped("text.format.schema", SCHEMA),
            gemini=mapped(f"{_CONFIG}.responseJsonSchema", ANYTHING, "or `responseSchema`"),
            note="`json_schema`",
            also=tuple(f"response_format.json_schema.{name}" for name in ("name", "schema", "strict")),
        ),
        row(
            "response_format",
            {"type": "json_object"},
            claude=approximated("system[].text", Words("JSON"), "in words", told=True),
            responses=mapped("text.format.type", "json_object"),
            gemini=mapped(f"{_CONFIG}.responseMimeType", "application/json"),
            note="`json_object`",
        ),
        row(
            "response_format.json_schema.description",
            "Blue",
            _NO_FIELD,
            given={"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
        ),
        row(
            "verbosity",
            "low",
            claude=_NO_FIELD,
            responses=(mapped("text.verbosity", model="gpt-5.2"), _OPENAI_ONLY),
            gemini=_NO_FIELD,
        ),
    ),
)

_CHOICES = Section(
    "The choice of tools",
    Place.MEMBER,
    (
        row(
            "tool_choice",
            "auto",
            claude=mapped("tool_choice.type", "auto"),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "AUTO"),
            given=_OFFER,
            note="`auto`",
        ),
        row(
            "tool_choice",
            "required",
            claude=(
                mapped("tool_choice.type", "any", model="claude-sonnet-4-5"),
                approximated("tool_choice.type", "auto", "asked for in words", told=True, model="claude-opus-5-5"),
            ),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "ANY"),
            given=_OFFER,
            note="`required`",
        ),
        row(
            "tool_choice",
            "none",
            claude=mapped("tool_choice.type", "none"),
            responses=same(),
            gemini=mapped(f"{_CALLING}.mode", "NONE"),
            given=_OFFER,
            note="`none`",
        ),
        row(
            "tool_choice",
            {"type": "function", "function": {"name": "look"}},
            claude=mapped("tool_choice.name", "look"),
            responses=mapped("tool_choice.name", "look"),
            gemini=mapped(f"{_CALLING}.allowedFunctionNames", ["look"]),
            given=_OFFER,
            note="one tool",
        ),
        row(
            "tool_choice",
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [_LOOK]}},
            claude=approximated("tool_choice.type", "any", "all tools are allowed", told=True),
            responses=approximated("tool_choice", "required", "all tools are allowed", told=True),
            gemini=approximated(f"{_CALLING}.mode", "ANY", "all tools are allowed", told=True),
            given=_OFFER,
            note="`allowed_tools`",
        ),
        row(
            "parallel_tool_calls",
            False,
            claude=mapped("tool_choice.disable_parallel_tool_use", True),
            responses=same(),
            gemini=lost("functions cannot be called one at a time"),
            given=_OFFER,
        ),
        row("functions", [_FUNCTION], unsent("the old form of `tools`, which nobody else has")),
        row("function_call", {"name": "look"}, unsent("the old form of `tool_choice`")),
    ),
)

_TOOLS = Section(
    "Tools",
    Place.TOOL,
    (
        row(
            "tools[] function",
            _LOOK,
            claude=mapped("tools[].input_schema", SCHEMA),
            responses=mapped("tools[].parameters", SCHEMA),
            gemini=mapped(
                "tools[].functionDeclarations[].parametersJsonSchema", SCHEMA, "or rewritten, as `parameters`"
            ),
            also=("tools", "tools[].type", "tools[].function", "tools[].function.name", "tools[].function.parameters"),
        ),
        row(
            "tools[].function.description",
            {"type": "function", "function": {**_FUNCTION, "description": "Looks"}},
            claude=mapped("tools[].description", "Looks"),
            responses=mapped("tools[].description", "Looks"),
            gemini=mapped("tools[].functionDeclarations[].description", "Looks"),
            base=_LOOK,
        ),
        row(
            "tools[].function.strict",
            {"type": "function", "function": {**_FUNCTION, "strict": True}},
            claude=mapped("tools[].strict", True),
            responses=mapped("tools[].strict", True, "when the schema is in the subset"),
            gemini=_NO_FIELD,
            base=_LOOK,
            loss="tools.look.strict",
        ),
        row(
            "tools[] custom",
            _CUSTOM,
            claude=approximated("tools[].input_schema.required", ["input"], "a function with one text"),
            responses=mapped("tools[].type", "custom"),
            gemini=approximated(
                "tools[].functionDeclarations[].parametersJsonSchema.required", ["input"], "a function with one text"
            ),
            also=("tools[].custom", "tools[].custom.name", "tools[].custom.description"),
        ),
        row(
            "tools[].custom.format",
            {"type": "custom", "custom": {**_CUSTOM["custom"], "format": _GRAMMAR}},
            claude=approximated("tools[].description", Words("lark grammar"), "the grammar stands in the description"),
            responses=mapped("tools[].format", {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}),
            gemini=approximated(
                "tools[].functionDeclarations[].description",
                Words("lark grammar"),
                "the grammar stands in the description",
            ),
            base=_CUSTOM,
        ),
    ),
)

_SERVER = Section(
    "What the provider keeps or does",
    Place.MEMBER,
    (
        row("user", "u", lost("it means nothing to another provider")),
        row("safety_identifier", "u", lost("it means nothing to another provider"), loss="user"),
        row(
            "prompt_cache_key",
            "k",
            claude=handled("marks in the content steer the cache"),
            responses=same(),
            gemini=lost("others cache by the beginning of a prompt alone"),
        ),
        row(
            "prompt_cache_retention",
            "24h",
            claude=mapped(
                "messages[].content[].cache_control.ttl", "1h", "marks that last an hour, instead of five minutes"
            ),
            responses=(same(model="gpt-5.2"), _OPENAI_ONLY),
            gemini=_NO_FIELD,
        ),
        row("prompt_cache_options", {"mode": "explicit"}, _NO_FIELD),
        row(
            "metadata", {"a": "b"}, claude=_NO_FIELD, responses=(same(model="gpt-5.2"), _OPENAI_ONLY), gemini=_NO_FIELD
        ),
        row(
            "service_tier",
            "flex",
            claude=_NO_FIELD,
            responses=(same(model="gpt-5.2"), _OPENAI_ONLY),
            gemini=_NO_FIELD,
            note="the tiers of two vendors do not correspond",
        ),
        row("store", True, _NO_FIELD, note="nothing is kept by a provider of another dialect"),
        row("moderation", {"model": "omni-moderation-latest"}, _NO_FIELD),
    ),
)

TABLE = Table(CHAT, (_BASICS, _REASONING, _CHOICES, _TOOLS, _SERVER, CONTENT, TURNS))
