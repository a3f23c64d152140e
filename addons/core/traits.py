"""What is known of models by their names: how they are asked to think, and what they take.

A table of families, first match wins; the configuration overrides single fields of a row (`traits` of a model).
Source: the predecessor's tables and the vendors' model pages as of 2026-11 (Anthropic: "Thinking", "Effort",
"Structured outputs", the migration guides; OpenAI: "Reasoning models").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from addons.core.model import Effort
from addons.core.tool_limit import OPENAI_TOOLS

# how a model is asked to think: not at all; by a word; by a number of tokens; by a word while it chooses the amount
# (Claude's adaptive thinking); by Gemini's levels. None: unknown, the dialect's own habit decides
type ThinkingForm = Literal["none", "effort", "budget", "adaptive", "level"]
# how a Claude is told not to think: by saying nothing; by `thinking.type` "disabled" or "between_tools" (it thinks
# unasked); not at all
type IdleForm = Literal["silence", "disabled", "between_tools", "never"]

OPENAI: tuple[Effort, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Traits:
    """`id` is the provider's name of the model. `efforts`: the levels that it takes, the lowest first. `sampling`:
    whether temperature and top_p are taken (`one_sampling`: not both at once). `max_output` (tokens) is sent where a
    dialect demands a limit and the client has none. `structured`: whether a JSON schema is enforced natively.
    `images`, `documents`: whether it reads them. `forced`: whether a tool choice may force a call. `prefill`: whether
    the conversation may end with the model's own words. `cache_marks`: whether `cache_control` marks steer its prompt
    cache; `cache_key`: whether `prompt_cache_key` does. `completion_limit`: whether Chat Completions calls its limit
    `max_completion_tokens`. `max_tools`: how many tools one request may offer (None: any number)."""

    id: str
    thinking: ThinkingForm | None = None
    efforts: tuple[Effort, ...] = OPENAI
    sampling: bool = True
    max_output: int = 32_000
    structured: bool = True
    images: bool = True
    documents: bool = True
    one_sampling: bool = False
    forced: bool = True
    prefill: bool = True
    idle: IdleForm = "silence"
    cache_marks: bool = False
    cache_key: bool = False
    completion_limit: bool = False
    max_tools: int | None = None

    @classmethod
    def of(cls, model: str, overrides: Mapping[str, Any] | None = None) -> "Traits":
        """What the table knows of `model` (a vendor prefix does not matter), with `overrides` by field name."""
        known = next((row for family, row in FAMILIES if family.match(model)), {})
        return replace(cls(model), **{**known, **(overrides or {})})


def _family(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*[/.])?(?:{pattern})", re.IGNORECASE)


def _openai(*efforts: Effort) -> dict[str, Any]:
    return {
        "thinking": "effort",
        "efforts": efforts,
        "sampling": False,
        "cache_key": True,
        "completion_limit": True,
        "max_tools": OPENAI_TOOLS,
    }


def _plain(**fields: Any) -> dict[str, Any]:
    """OpenAI's models that do not reason."""
    return {"thinking": "none", "cache_key": True, "max_tools": OPENAI_TOOLS, **fields}


def _claude(thinking: ThinkingForm, max_output: int, *efforts: Effort, **fields: Any) -> dict[str, Any]:
    row = {"thinking": thinking, "max_output": max_output, "efforts": efforts or OPENAI, "cache_marks": True}
    return {**row, **fields}


def _newest(idle: IdleForm, *, forced: bool = False, efforts: tuple[Effort, ...] | None = None) -> dict[str, Any]:
    """From Claude Opus 4.7 on: adaptive thinking only, no sampling, no prefill."""
    levels = efforts or ("low", "medium", "high", "xhigh", "max")
    return _claude("adaptive", 128_000, *levels, sampling=False, prefill=False, idle=idle, forced=forced)


_JSON_MODE_ONLY = {"thinking": "effort", "structured": False}

_GEMINI_3 = {"thinking": "level", "efforts": ("low", "medium", "high")}
_FLASH = {"thinking": "level", "efforts": ("minimal", "low", "medium", "high")}

FAMILIES: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...] = (
    (_family(r"gpt-5(\.\d)?-chat"), _plain(completion_limit=True)),
    (_family(r"gpt-5-pro"), _openai("high")),
    (_family(r"gpt-5\.\d-pro"), _openai("medium", "high", "xhigh")),
    (_family(r"gpt-5\.[2-9]-codex|gpt-5\.1-codex-max"), _openai("low", "medium", "high", "xhigh")),
    (_family(r"gpt-5(\.1)?-codex"), _openai("low", "medium", "high")),
    (_family(r"gpt-5\.1"), _openai("none", "low", "medium", "high")),
    (_family(r"gpt-5\.[2-5]"), _openai("none", "low", "medium", "high", "xhigh")),
    (_family(r"gpt-(5\.[6-9]|[6-9])"), _openai("none", "low", "medium", "high", "xhigh", "max")),
    (_family(r"gpt-5"), _openai("minimal", "low", "medium", "high")),
    (_family(r"o\d(?![a-z])|codex"), _openai("low", "medium", "high")),
    (_family(r"gpt-oss"), {"thinking": "effort"}),
    (_family(r"gpt-|chatgpt-"), _plain()),
    (_family(r"claude-3[-.]5"), _claude("none", 8192, structured=False)),
    (_family(r"claude-(3-(opus|sonnet|haiku)|2|instant)"), _claude("none", 4096, structured=False)),
    (_family(r"claude-3[-.]7"), _claude("budget", 64_000, structured=False)),
    (_family(r"claude-opus-4[-.]1"), _claude("budget", 32_000, structured=False, one_sampling=True)),
    (_family(r"claude-opus-4(-0|[-@]2025|$)"), _claude("budget", 32_000, structured=False)),
    (_family(r"claude-sonnet-4(-0|[-@]2025|$)"), _claude("budget", 64_000, structured=False)),
    (_family(r"claude-(opus|sonnet|haiku)-4[-.]5"), _claude("budget", 64_000, one_sampling=True)),
    (
        _family(r"claude-opus-4[-.]6"),
        _claude("adaptive", 128_000, "low", "medium", "high", "max", one_sampling=True, prefill=False),
    ),
    (
        _family(r"claude-sonnet-4[-.]6"),
        _claude("adaptive", 64_000, "low", "medium", "high", "max", one_sampling=True, prefill=False),
    ),
    (_family(r"claude-opus-4[-.][78]"), _newest("silence", forced=True)),
    (_family(r"claude-mythos-preview"), _newest("never", efforts=("low", "medium", "high", "max"))),
    (_family(r"claude-haiku-5[-.]5"), _newest("disabled", forced=True)),
    (_family(r"claude-sonnet-5[-.]5"), _newest("between_tools")),
    (_family(r"claude-(opus|sonnet)-5(?![-.]\d)"), _newest("disabled", forced=True)),
    # the rest (Opus 5.5, Fable, Mythos, and what is yet unknown) takes the least
    (_family(r"claude-"), _newest("never")),
    (_family(r"gemini-(1|2\.0)"), {"thinking": "none"}),
    (_family(r"gemini-2\.5"), {"thinking": "budget"}),
    (_family(r"gemini-3\.5-flash-lite|gemini-(3\.[6-9]|[4-9]).*flash"), {**_FLASH, "prefill": False}),
    (_family(r"gemini-(3\.[6-9]|[4-9])"), {**_GEMINI_3, "prefill": False}),
    (_family(r"gemini-3.*flash"), _FLASH),
    (_family(r"gemini-3"), _GEMINI_3),
    (_family(r"glm-|deepseek|minimax"), _JSON_MODE_ONLY),
    (_family(r"grok-[34]|qwen3|kimi-k2|gemini-"), {"thinking": "effort"}),
)
