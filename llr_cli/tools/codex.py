"""Codex: a provider of its own in `config.toml`, and a catalogue of the router's models beside it."""

from pathlib import Path

from llr_cli.tools.codex_catalogue import catalogue
from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.tool import Places, Project, Tool, Where, Wiring

PROVIDER = "llm-router"
CATALOGUE = "llm-router-model-catalog.json"


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    config = _folder(places) / "config.toml"
    beside = config.with_name(CATALOGUE)
    values: dict[tuple[str, ...], str] = {("model_provider",): PROVIDER}
    if wiring.model is not None:
        values["model",] = wiring.model
    if wiring.effort is not None:
        values["model_reasoning_effort",] = wiring.effort
    if wiring.models:
        values["model_catalog_json",] = str(beside)
    provider = {
        "name": "LLM Router",
        "base_url": f"{wiring.origin}/openai/v1",
        "wire_api": "responses",
        "experimental_bearer_token": wiring.key,
    }
    values |= {("model_providers", PROVIDER, name): value for name, value in provider.items()}
    settings = FileEdits(config, "toml", tuple(Edit(path, value) for path, value in values.items()), secret=True)
    if not wiring.models:
        return (settings,)
    # the catalogue first: a configuration that names a missing one stops Codex
    return FileEdits(beside, "whole", (Edit((), catalogue(wiring.models)),)), settings


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_folder(places) / "config.toml", "toml", ("model_providers", PROVIDER, "base_url")),)


def _folder(places: Places) -> Path:
    return places.named("CODEX_HOME", ".codex")


TOOL = Tool(
    name="codex",
    title="Codex",
    change=change,
    base_url=base_url,
    program="codex",
    synonyms=("codex-cli",),
    efforts=("minimal", "low", "medium", "high", "xhigh"),
    variables=("OPENAI_BASE_URL",),
    projects=(
        Project(
            ".codex/config.toml", "toml", (("model_provider",), ("openai_base_url",), ("model",), ("model_providers",))
        ),
    ),
)
