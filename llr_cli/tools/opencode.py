"""OpenCode: a provider of its own in `opencode.json` (or `.jsonc`), with the router's models."""

from pathlib import Path
from typing import Any

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.tool import Offer, Places, Project, Tool, Where, Wiring

PROVIDER = "llm-router"
NAMES = ("opencode.jsonc", "opencode.json")
# OpenCode takes a window only together with an output limit
OUTPUT = 32_000


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "LLM Router",
        "options": {"baseURL": f"{wiring.origin}/openai/v1", "apiKey": wiring.key},
        "models": {model.id: _model(model) for model in wiring.models},
    }
    edits = [Edit(("provider", PROVIDER), provider)]
    if wiring.model is not None:
        provider["models"] = {wiring.model: {"name": wiring.model}, **{m.id: _model(m) for m in wiring.models}}
        edits.append(Edit(("model",), f"{PROVIDER}/{wiring.model}"))
    if "small" in wiring.roles:
        edits.append(Edit(("small_model",), f"{PROVIDER}/{wiring.roles['small']}"))
    return (FileEdits(_file(places), "jsonc", tuple(edits), secret=True),)


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_file(places), "jsonc", ("provider", PROVIDER, "options", "baseURL")),)


def _model(model: Offer) -> dict[str, Any]:
    if model.window is None:
        return {"name": model.id}
    output = min(model.output or OUTPUT, model.window)
    return {"name": model.id, "limit": {"context": model.window, "output": output}}


def _file(places: Places) -> Path:
    if places.env.get("OPENCODE_CONFIG"):
        return places.named("OPENCODE_CONFIG", "")
    folder = places.config("opencode")
    return next((folder / name for name in NAMES if (folder / name).exists()), folder / NAMES[-1])


TOOL = Tool(
    name="opencode",
    title="OpenCode",
    change=change,
    base_url=base_url,
    program="opencode",
    roles=("small",),
    variables=("OPENCODE_CONFIG_CONTENT",),
    projects=tuple(
        Project(folder + name, "jsonc", (("model",), ("provider",))) for folder in ("", ".opencode/") for name in NAMES
    ),
)
