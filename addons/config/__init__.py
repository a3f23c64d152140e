"""The configuration: the document that a person wrote, and the plan that the router runs by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from addons.config import check, document, problems
from addons.config.document import ConfigMissing, ConfigProblem, config_path
from addons.config.findings import Findings
from addons.config.plan import build
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
    parsed, found = problems.parse(source.value)
    findings = Findings(problems=found)
    plan = build(parsed, env, source.name, findings)
    findings.problems += check.dangling(parsed, plan)
    if findings.problems:
        raise ConfigProblem(source.name, findings.problems)
    warnings = (*findings.warnings, *check.unknown_keys(parsed), *check.later_blocks(parsed))
    if plan.require_auth and plan.master_key is None:
        warnings += ("metadata.localServer.requireAuth: without a masterKey every request is refused",)
    return Loaded(replace(plan, warnings=warnings), source.name, warnings)
