"""What a request in Chat Completions becomes elsewhere. Source: OpenAI API reference, "Create chat completion"."""

from addons.core.fidelity.chat_content import CONTENT, TURNS
from addons.core.fidelity.chat_tools import CHOICES, TOOLS
from addons.core.fidelity.outcomes import ANYTHING, Words, approximated, handled, lost, mapped, same
from addons.core.fidelity.rows import CHAT, Place, Section, Table, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_CONFIG = "generationConfig"
_OPENAI_ONLY = lost("OpenAI's models only", model="grok-4")
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_THINKS = lost("refused while the model thinks, and by the newest models", model="claude-opus-5-5")

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
        row(
            "top_k",
            40,
            claude=(same(model="claude-sonnet-4-5"), _THINKS),
            responses=_NO_FIELD,
            gemini=mapped(f"{_CONFIG}.topK"),
            note="of compatible providers",
        ),
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
            "reasoning.max_tokens",
            12_000,
            claude=mapped("thinking.budget_tokens"),
            responses=approximated("reasoning.effort", "high", "an effort, by the budget's share of the limit"),
            gemini=approximated(
                f"{_CONFIG}.thinkingConfig.thinkingLevel", "high", "or a budget, for models that take one"
            ),
            given={"max_tokens": 16_000},
            note="OpenRouter's",
        ),
        row("reasoning.exclude", True, _NO_FIELD, note="OpenRouter's"),
        row("reasoning.enabled", True, _NO_FIELD, note="OpenRouter's"),
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

_SERVER = Section(
    "What the provider keeps or does",
    Place.MEMBER,
    (
        row(
            "user",
            "u",
            lost("it means nothing to another provider"),
            responses=(mapped("safety_identifier", model="gpt-5.2"), _OPENAI_ONLY),
        ),
        row(
            "safety_identifier",
            "u",
            lost("it means nothing to another provider"),
            responses=(same(model="gpt-5.2"), _OPENAI_ONLY),
            loss="user",
        ),
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

TABLE = Table(CHAT, (_BASICS, _REASONING, CHOICES, TOOLS, _SERVER, CONTENT, TURNS))
