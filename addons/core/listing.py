"""The answers that need no provider: model lists in each dialect's own shape, health, the service card."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.core.resolve import ModelEntry, model_ids

NAME = "llr"


def models(plan: Plan, dialect: DialectName) -> dict[str, Any]:
    """The model list: aliases first, then every `provider/model`. Anthropic's shape (API reference, "List Models")
    for Anthropic clients, OpenAI's for all others."""
    entries = model_ids(plan)
    return _anthropic(entries) if dialect is DialectName.ANTHROPIC else _openai(entries)


def _anthropic(entries: Sequence[ModelEntry]) -> dict[str, Any]:
    data = [
        {
            "type": "model",
            "id": entry.id,
            "display_name": entry.id,
            "created_at": datetime.fromtimestamp(entry.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for entry in entries
    ]
    ids = [entry.id for entry in entries]
    return {
        "data": data,
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def _openai(entries: Sequence[ModelEntry]) -> dict[str, Any]:
    return {"object": "list", "data": [_openai_entry(entry) for entry in entries]}


def _openai_entry(entry: ModelEntry) -> dict[str, Any]:
    shown = {"id": entry.id, "object": "model", "created": entry.created, "owned_by": entry.owner}
    return shown if entry.context_window is None else {**shown, "context_window": entry.context_window}


def health(plan: Plan, now: str) -> dict[str, Any]:
    """`now` is an ISO 8601 time."""
    return {"status": "ok", "timestamp": now, "providers": len(plan.providers)}


def card() -> dict[str, Any]:
    return {
        "name": NAME,
        "status": "ok",
        "endpoints": {
            "unified": ["/route", "/", "/v1"],
            "anthropic": ["/anthropic/v1/messages", "/v1/messages", "/anthropic/v1/models"],
            "openai": [
                "/openai/v1/chat/completions",
                "/openai/v1/responses",
                "/v1/chat/completions",
                "/v1/responses",
                "/openai/v1/models",
            ],
        },
    }
