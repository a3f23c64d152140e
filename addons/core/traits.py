"""What is known of models by their names: how they are asked to think, and what they take.

A table of families, first match wins; the configuration overrides single fields of a row (`traits` of a model).
Source: the predecessor's tables and the vendors' model pages as of 2026-11.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from addons.core.model import Effort

# how a model is asked to think: not at all; by a word; by a number of tokens; by a word while it chooses the amount
# (Claude's adaptive thinking); by Gemini's levels. None: unknown, the dialect's own habit decides
type ThinkingForm = Literal["none", "effort", "budget", "adaptive", "level"]

OPENAI: tuple[Effort, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Traits:
    """`id` is the provider's name of the model. `efforts`: the levels that it takes, the lowest first. `sampling`:
    whether temperature and top_p are taken. `max_output` (tokens) is sent where a dialect demands a limit and the
    client has none. `structured`: whether a JSON schema is enforced natively. `images`, `documents`: whether it reads
    them."""

    id: str
    thinking: ThinkingForm | None = None
    efforts: tuple[Effort, ...] = OPENAI
    sampling: bool = True
    max_output: int = 32_000
    structured: bool = True
    images: bool = True
    documents: bool = True

    @classmethod
    def of(cls, model: str, overrides: Mapping[str, Any] | None = None) -> "Traits":
        """What the table knows of `model` (a vendor prefix does not matter), with `overrides` by field name."""
        known = next((row for family, row in FAMILIES if family.match(model)), {})
        return replace(cls(model), **{**known, **(overrides or {})})


def _family(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*[/.])?(?:{pattern})", re.IGNORECASE)


def _openai(*efforts: Effort) -> dict[str, Any]:
    return {"thinking": "effort", "efforts": efforts, "sampling": False}


def _claude(thinking: ThinkingForm, *efforts: Effort, **fields: Any) -> dict[str, Any]:
    return {"thinking": thinking, "efforts": efforts or OPENAI, **fields}


FAMILIES: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...] = (
    (_family(r"gpt-5(\.[24])?-pro"), _openai("medium", "high", "xhigh")),
    (_family(r"gpt-5\.[23]-codex"), _openai("low", "medium", "high", "xhigh")),
    (_family(r"gpt-5\.1-codex"), _openai("low", "medium", "high")),
    (_family(r"gpt-5\.1"), _openai("none", "low", "medium", "high")),
    (_family(r"gpt-(5\.[2-9]|[6-9])"), _openai("none", "low", "medium", "high", "xhigh")),
    (_family(r"gpt-5"), _openai("minimal", "low", "medium", "high")),
    (_family(r"o\d(?![a-z])|codex"), _openai("low", "medium", "high")),
    (_family(r"gpt-oss"), {"thinking": "effort"}),
    (_family(r"gpt-"), {"thinking": "none"}),
    (_family(r"claude-(3-5|3-opus|3-haiku|3-sonnet)"), _claude("none", max_output=4096, structured=False)),
    (_family(r"claude-(3-7|(opus|sonnet)-4(-0|-2025|$)|opus-4-1)"), _claude("budget", structured=False)),
    (_family(r"claude-(opus|sonnet|haiku)-4-5"), _claude("budget")),
    (_family(r"claude-(opus|sonnet)-4-6"), _claude("adaptive", "low", "medium", "high", "max")),
    (_family(r"claude-"), _claude("adaptive", "low", "medium", "high", "xhigh", "max")),
    (_family(r"gemini-(1|2\.0)"), {"thinking": "none"}),
    (_family(r"gemini-2\.5"), {"thinking": "budget"}),
    (_family(r"gemini-[3-9].*flash"), {"thinking": "level", "efforts": ("minimal", "low", "medium", "high")}),
    (_family(r"gemini-[3-9]"), {"thinking": "level", "efforts": ("low", "medium", "high")}),
    (_family(r"(grok-[34]|glm-|deepseek|qwen3|kimi-k2|minimax|gemini-)"), {"thinking": "effort"}),
)
