"""Factory Droid: the router's models among the custom ones of `settings.json`."""

from pathlib import Path
from typing import Any

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.spans.common import Item
from llr_cli.tools.tool import Offer, Places, Project, Tool, Where, Wiring

FILE = ".factory/settings.json"
# the models of missions, by the words of the predecessor
ROLES = {
    "orchestrator": ("missionOrchestratorModel",),
    "worker": ("missionModelSettings", "workerModel"),
    "validator": ("missionModelSettings", "validationWorkerModel"),
}


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    models = list(wiring.models)
    asked = [each for each in (wiring.model, *wiring.roles.values()) if each is not None]
    known = {model.id for model in models}
    models[:0] = [Offer(each) for each in dict.fromkeys(asked) if each not in known]
    edits = [
        Edit(("customModels", Item("id", _id(model.id))), _entry(wiring, model, index))
        for index, model in enumerate(models)
    ]
    if wiring.model is not None:
        edits.append(Edit(("model",), _id(wiring.model)))
        edits.append(Edit(("sessionDefaultSettings", "model"), _id(wiring.model)))
    edits += [Edit(ROLES[role], _id(ref)) for role, ref in wiring.roles.items()]
    if wiring.effort is not None:
        edits.append(Edit(("reasoningEffort",), wiring.effort))
    return (FileEdits(_file(places), "jsonc", tuple(edits), secret=True),)


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_file(places), "jsonc", ("customModels",)),)


def _file(places: Places) -> Path:
    return places.home / FILE


def _id(model: str) -> str:
    return "custom:llm-" + (model.replace("/", "-") if "/" in model else f"alias-{model}")


def _entry(wiring: Wiring, model: Offer, index: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "_llmRouterManaged": True,
        "id": _id(model.id),
        "index": index,
        "model": model.id,
        "displayName": f"{model.id} - LLM Router ({'Provider' if '/' in model.id else 'Alias'})",
        "baseUrl": f"{wiring.origin}/openai/v1",
        "apiKey": wiring.key,
        "provider": "generic-chat-completion-api",
    }
    return entry if model.output is None else {**entry, "maxOutputTokens": model.output}


TOOL = Tool(
    name="factory",
    title="Factory Droid",
    change=change,
    base_url=base_url,
    program="droid",
    synonyms=("factory-droid", "droid"),
    roles=tuple(ROLES),
    efforts=("off", "none", "low", "medium", "high"),
    projects=(Project(FILE, "jsonc", (("customModels",), ("model",))),),
)
