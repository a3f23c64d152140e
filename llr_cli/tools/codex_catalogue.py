"""Codex's catalogue of models: one entry for each that the router answers for, with its true context window.

The fields are those that `codex debug models` of 0.169 shows and demands.
"""

import json
from collections.abc import Iterable
from typing import Any

from llr_cli.tools.tool import Offer

LEVELS = {
    "minimal": "Hardly any reasoning",
    "low": "Little reasoning, fast answers",
    "medium": "Reasoning for everyday work",
    "high": "Thorough reasoning for hard problems",
    "xhigh": "The most reasoning there is",
}
INSTRUCTIONS = (
    "You are a coding agent that works in the user's terminal. Read the code before you change it, keep changes "
    "small and in the style of what is there, run what proves them, and say plainly what you did and what is left."
)
# of a model whose window nobody has said: small enough for every model that is in use with Codex
UNKNOWN_WINDOW = 128_000


def catalogue(models: Iterable[Offer]) -> str:
    """The catalogue's text."""
    return json.dumps({"models": [_entry(model) for model in models]}, indent=2, ensure_ascii=False) + "\n"


def _entry(model: Offer) -> dict[str, Any]:
    return {
        "slug": model.id,
        "display_name": model.id,
        "description": f"{model.id}, by way of the LLM router",
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [{"effort": level, "description": text} for level, text in LEVELS.items()],
        "shell_type": "shell_command",
        "visibility": "list",
        "supported_in_api": True,
        "priority": 0,
        "upgrade": None,
        "base_instructions": INSTRUCTIONS,
        "supports_reasoning_summaries": True,
        "default_reasoning_summary": "auto",
        "support_verbosity": True,
        "default_verbosity": "low",
        "apply_patch_tool_type": "freeform",
        "truncation_policy": {"mode": "tokens", "limit": 10_000},
        "supports_parallel_tool_calls": True,
        "context_window": model.window or UNKNOWN_WINDOW,
        "effective_context_window_percent": 95,
        "experimental_supported_tools": [],
        "input_modalities": ["text", "image"],
        "prefer_websockets": False,
    }
