"""The answers that need no provider: model lists in each dialect's own shape, health, the service card."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.core.resolve import ModelEntry, model_ids

NAME = "llr"


def models(plan: Plan, dialect: DialectName) -> dict[str, Any]:
    """The model list: aliases first, then every `provider/model`. Sources: "List Models" of Anthropic's API reference
    and "models.list" of Google's for their clients, OpenAI's for all others."""
    return _LISTS.get(dialect, _openai)(model_ids(plan))


def has(plan: Plan, name: str) -> bool:
    """Whether `name` is on the list."""
    return any(entry.id == name for entry in model_ids(plan))


def model(plan: Plan, name: str, dialect: DialectName) -> dict[str, Any]:
    """One entry, for a name that the resolver knows; names that are on no list have one all the same."""
    known = {entry.id: entry for entry in model_ids(plan)}
    bare = next((entry for entry in known.values() if entry.id.partition("/")[2] == name), None)
    window = bare.context_window if bare is not None else None
    return _ENTRIES.get(dialect, _openai_entry)(known.get(name) or ModelEntry(name, NAME, 0, window))


def _anthropic_entry(entry: ModelEntry) -> dict[str, Any]:
    return {
        "type": "model",
        "id": entry.id,
        "display_name": entry.id,
        "created_at": datetime.fromtimestamp(entry.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
        "max_input_tokens": entry.context_window,
    }


def _anthropic(entries: Sequence[ModelEntry]) -> dict[str, Any]:
    ids = [entry.id for entry in entries]
    return {
        "data": [_anthropic_entry(entry) for entry in entries],
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def _openai(entries: Sequence[ModelEntry]) -> dict[str, Any]:
    return {"object": "list", "data": [_openai_entry(entry) for entry in entries]}


def _openai_entry(entry: ModelEntry) -> dict[str, Any]:
    shown = {"id": entry.id, "object": "model", "created": entry.created, "owned_by": entry.owner}
    return shown if entry.context_window is None else {**shown, "context_window": entry.context_window}


def _gemini_entry(entry: ModelEntry) -> dict[str, Any]:
    shown = {
        "name": f"models/{entry.id}",
        "version": "001",
        "displayName": entry.id,
        "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"],
    }
    return shown if entry.context_window is None else {**shown, "inputTokenLimit": entry.context_window}


def _gemini(entries: Sequence[ModelEntry]) -> dict[str, Any]:
    return {"models": [_gemini_entry(entry) for entry in entries]}


_LISTS: Mapping[DialectName, Callable[[Sequence[ModelEntry]], dict[str, Any]]] = {
    DialectName.ANTHROPIC: _anthropic,
    DialectName.GEMINI: _gemini,
}
_ENTRIES: Mapping[DialectName, Callable[[ModelEntry], dict[str, Any]]] = {
    DialectName.ANTHROPIC: _anthropic_entry,
    DialectName.GEMINI: _gemini_entry,
}


def health(plan: Plan, now: str, backend: str, problem: str) -> dict[str, Any]:
    """`now` is an ISO 8601 time; `problem` says why what is known is not kept or shared by `backend`."""
    loaded = {"loadedAt": datetime.fromtimestamp(plan.loaded_at, UTC).isoformat()} if plan.loaded_at else {}
    config = {**loaded, **({"problem": plan.problem} if plan.problem else {})}
    state = {"backend": backend, **({"problem": problem} if problem else {})}
    return {"status": "ok", "timestamp": now, "providers": len(plan.providers), "config": config, "state": state}


def card() -> dict[str, Any]:
    return {
        "name": NAME,
        "status": "ok",
        "endpoints": {
            "unified": ["/route", "/", "/v1"],
            "anthropic": [
                "/anthropic/v1/messages",
                "/v1/messages",
                "/v1/messages/count_tokens",
                "/anthropic/v1/models",
            ],
            "openai": [
                "/openai/v1/chat/completions",
                "/openai/v1/responses",
                "/v1/chat/completions",
                "/v1/responses",
                "/v1/completions",
                "/v1/embeddings",
                "/openai/v1/models",
            ],
            "gemini": [
                "/v1beta/models/{model}:generateContent",
                "/v1beta/models/{model}:streamGenerateContent",
                "/v1beta/models/{model}:countTokens",
                "/v1beta/models",
            ],
        },
    }
