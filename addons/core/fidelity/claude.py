"""What a request in Anthropic Messages becomes elsewhere. Source: Anthropic API reference, "Create a Message"."""

from addons.core.fidelity.claude_blocks import RESULTS, USER_BLOCKS
from addons.core.fidelity.claude_tools import CHOICE, TOOLS
from addons.core.fidelity.claude_turns import RECORDS, TURNS
from addons.core.fidelity.outcomes import ANYTHING, approximated, handled, lost, mapped, same, unsent
from addons.core.fidelity.rows import CLAUDE, Place, Section, Table, row
from addons.core.fidelity.samples import SCHEMA

_NO_FIELD = lost("no such field")
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_THINKING = "generationConfig.thinkingConfig"
_BUDGET = {"max_tokens": 16_000, "thinking": {"type": "enabled"}}

_BASICS = Section(
    "Basics",
    Place.MEMBER,
    (
        row(
            "model",
            "claude-sonnet-4-5",
            handled("the configuration says which model of which provider it is"),
        ),
        row(
            "messages",
            None,
            handled("the parts of messages have rows of their own, below"),
            also=("messages.role", "messages.content"),
        ),
        row(
            "system",
            "Be brief",
            chat=mapped("messages[].content", why="the first message, of the role `system`"),
            responses=mapped("instructions"),
            gemini=mapped("systemInstruction.parts[].text"),
        ),
        row(
            "max_tokens",
            4000,
            chat=(mapped("max_completion_tokens"), mapped("max_tokens", model="deepseek-chat")),
            responses=mapped("max_output_tokens"),
            gemini=mapped("generationConfig.maxOutputTokens"),
        ),
        row(
            "max_tokens",
            3,
            chat=mapped("max_completion_tokens"),
            responses=approximated("max_output_tokens", 16, "16 is the lowest value"),
            gemini=mapped("generationConfig.maxOutputTokens"),
            note="below 16",
        ),
        row(
            "temperature",
            0.5,
            chat=(same(model="gpt-4.1"), _SAMPLING),
            responses=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped("generationConfig.temperature"),
        ),
        row(
            "top_p",
            0.5,
            chat=(same(model="gpt-4.1"), _SAMPLING),
            responses=(same(model="gpt-4.1"), _SAMPLING),
            gemini=mapped("generationConfig.topP"),
        ),
        row("top_k", 40, chat=_NO_FIELD, responses=_NO_FIELD, gemini=mapped("generationConfig.topK")),
        row(
            "stop_sequences",
            ["END"],
            chat=(mapped("stop", model="gpt-4.1"), _SAMPLING),
            responses=_NO_FIELD,
            gemini=mapped("generationConfig.stopSequences"),
        ),
        row(
            "stop_sequences",
            list("abcdef"),
            chat=(approximated("stop", list("abcd"), "the first four", told=True, model="gpt-4.1"), _SAMPLING),
            responses=_NO_FIELD,
            gemini=approximated("generationConfig.stopSequences", list("abcde"), "the first five", told=True),
            note="many",
        ),
        row("stream", True, chat=same(), responses=same(), gemini=handled("the method in the URL says so")),
        row("metadata.user_id", "user-1", lost("it means nothing to another provider")),
        row("metadata.tenant", "t", _NO_FIELD, also=("metadata",), note="any other member"),
    ),
)

_REASONING = Section(
    "Thinking and the form of the answer",
    Place.MEMBER,
    (
        row(
            "thinking.type",
            "adaptive",
            chat=handled("reasoning models choose the amount unless they are told"),
            responses=handled("reasoning models choose the amount unless they are told"),
            gemini=mapped(f"{_THINKING}.includeThoughts", True, "the model chooses the amount; its thoughts are shown"),
            note="`adaptive`",
            also=("thinking",),
        ),
        row(
            "thinking.type",
            "disabled",
            chat=mapped("reasoning_effort", "none", "or the lowest effort of the model"),
            responses=mapped("reasoning.effort", "none", "or the lowest effort of the model"),
            gemini=approximated(f"{_THINKING}.thinkingLevel", "low", "the lowest level, where none is not offered"),
            note="`disabled`",
        ),
        row(
            "thinking.type",
            "between_tools",
            chat=lost("reasoning models choose for themselves"),
            responses=lost("reasoning models choose for themselves"),
            gemini=approximated(f"{_THINKING}.includeThoughts", True, "the model chooses for itself", told=True),
            note="`between_tools`",
        ),
        row(
            "thinking.budget_tokens",
            12_000,
            chat=approximated("reasoning_effort", "high", "an effort, by the budget's share of `max_tokens`"),
            responses=approximated("reasoning.effort", "high", "an effort, by the budget's share of `max_tokens`"),
            gemini=(
                mapped(f"{_THINKING}.thinkingBudget", model="gemini-2.5-flash"),
                approximated(
                    f"{_THINKING}.thinkingLevel", "high", "a level, by the budget's share", model="gemini-3-pro-preview"
                ),
            ),
            given=_BUDGET,
        ),
        row(
            "thinking.display",
            "omitted",
            chat=_NO_FIELD,
            responses=_NO_FIELD,
            gemini=_NO_FIELD,
            given=_BUDGET,
        ),
        row("thinking.block_binding", {"type": "none"}, _NO_FIELD, given=_BUDGET),
        row(
            "output_config.effort",
            "high",
            chat=mapped("reasoning_effort", why="or the highest that the model knows"),
            responses=mapped("reasoning.effort", why="or the highest that the model knows"),
            gemini=mapped(f"{_THINKING}.thinkingLevel", why="or a budget, for models that take one"),
            also=("output_config",),
        ),
        row(
            "output_config.format",
            {"type": "json_schema", "schema": SCHEMA},
            chat=mapped("response_format.json_schema.schema", SCHEMA),
            responses=mapped("text.format.schema", SCHEMA),
            gemini=mapped("generationConfig.responseJsonSchema", ANYTHING, "or `responseSchema`"),
            also=("output_format",),
        ),
        row("output_config.task_budget", {"type": "tokens", "total": 20_000}, _NO_FIELD),
    ),
)

_SERVER = Section(
    "What the provider keeps or does",
    Place.MEMBER,
    (
        row(
            "cache_control",
            {"type": "ephemeral"},
            handled("others cache by the beginning of a prompt; OpenAI gets a stable `prompt_cache_key`"),
            also=("*.cache_control",),
            note="also on blocks and tools",
        ),
        row("compaction", {"type": "summarize"}, unsent("a summary that only Anthropic's models are asked for")),
        row("container", "container_1", unsent("the files in it are at Anthropic")),
        row("context_management", {"edits": [{"type": "clear_tool_uses_20250919"}]}, _NO_FIELD),
        row("diagnostics", {"previous_message_id": "msg_1"}, _NO_FIELD),
        row("fallback_credit_token", "token", _NO_FIELD),
        row("fallbacks", [{"model": "claude-opus-4-5"}], _NO_FIELD, note="llr has fallbacks of its own"),
        row("inference_geo", "us", _NO_FIELD),
        row(
            "mcp_servers",
            [{"type": "url", "url": "https://example.com/mcp", "name": "m"}],
            unsent("tools that only Anthropic's servers reach"),
        ),
        row("service_tier", "standard_only", _NO_FIELD, note="the tiers of two vendors do not correspond"),
        row("speed", "fast", _NO_FIELD),
        row(
            "thread",
            {"type": "continue", "previous_message_id": "msg_1"},
            unsent("what was said before is at Anthropic"),
        ),
        row("user_profile_id", "profile", _NO_FIELD),
        row("workspace_id", "workspace", _NO_FIELD),
    ),
)

TABLE = Table(CLAUDE, (_BASICS, _REASONING, CHOICE, TOOLS, _SERVER, USER_BLOCKS, RESULTS, TURNS, RECORDS))
