"""The configuration: the document that a person wrote, and the plan that the router runs by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from addons.config import check, document
from addons.config.document import ConfigMissing, ConfigProblem, config_path
from addons.config.models import Document
from addons.config.plan import Findings, build
from addons.core.plan import Plan

__all__ = ["ConfigMissing", "ConfigProblem", "Loaded", "config_path", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A usable configuration."""

    plan: Plan
    source: str
    warnings: tuple[str, ...]


def load(explicit: Path | None, env: Mapping[str, str]) -> Loaded:
    """Reads, checks and resolves the configuration; writes nothing. Raises ConfigMissing or ConfigProblem, which
    names every problem at once."""
    source = document.read(explicit, env)
    try:
        parsed = Document.model_validate(source.value)
    except ValidationError as error:
        raise ConfigProblem(source.name, [_problem(item) for item in error.errors(include_input=False)]) from error
    findings = Findings()
    plan = build(parsed, env, source.name, findings)
    if not findings.problems:
        findings.problems += check.dangling(plan, _switched_off(parsed, plan))
    if findings.problems:
        raise ConfigProblem(source.name, findings.problems)
    warnings = (*findings.warnings, *check.unknown_keys(parsed), *check.later_blocks(parsed))
    if plan.require_auth and plan.master_key is None:
        warnings += ("metadata.localServer.requireAuth: without a masterKey every request is refused",)
    return Loaded(replace(plan, warnings=warnings), source.name, warnings)


def _problem(item: Any) -> str:
    path = ""
    for step in item["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{path or 'the document'}: {message}"


def _switched_off(parsed: Document, plan: Plan) -> frozenset[str]:
    """Providers and models that are disabled, or of a kind that is left out with a warning."""
    live = {provider.id for provider in plan.providers}
    providers = {node.id for node in parsed.providers if node.id not in live}
    models = {f"{node.id}/{model.id}" for node in parsed.providers for model in node.models if not model.enabled}
    return frozenset(providers | models)
