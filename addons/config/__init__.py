"""The configuration: the document that a person wrote, and the plan that the router runs by."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from addons.config import check, document, problems
from addons.config.document import ConfigMissing, ConfigProblem, config_path, is_inline
from addons.config.findings import Findings
from addons.config.plan import build
from addons.core.plan import Plan

__all__ = ["ConfigMissing", "ConfigProblem", "Loaded", "Overrides", "config_path", "is_inline", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A usable configuration."""

    plan: Plan
    source: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says about a plan; `require_auth` None: nothing."""

    require_auth: bool | None = None
    debug: bool = False


def load(explicit: Path | None, env: Mapping[str, str], overrides: Overrides | None = None) -> Loaded:
    """Reads, checks and resolves the configuration; writes nothing. With `overrides` the plan is to be served, and
    must be fit for it. Raises ConfigMissing or ConfigProblem, which names every problem at once."""
    source = document.read(explicit, env)
    parsed, found = problems.parse(source.value)
    findings = Findings(problems=found)
    plan = replace(build(parsed, env, source.name, findings), loaded_at=time.time())
    findings.problems += check.dangling(parsed, plan)
    if findings.problems:
        raise ConfigProblem(source.name, findings.problems)
    passed_over, later = check.passed_over(parsed, plan), check.later_blocks(parsed)
    warnings = (*findings.warnings, *passed_over, *check.unknown_keys(parsed), *later)
    if overrides is not None:
        plan = _overridden(plan, overrides)
    elif plan.require_auth and plan.master_key is None:
        warnings += ("metadata.localServer.requireAuth: without a masterKey every request is refused",)
    return Loaded(replace(plan, warnings=warnings), source.name, warnings)


def _overridden(plan: Plan, overrides: Overrides) -> Plan:
    require_auth = plan.require_auth if overrides.require_auth is None else overrides.require_auth
    if require_auth and plan.master_key is None:
        raise ConfigProblem(plan.source, ["masterKey: expected one, because every client has to show it (requireAuth)"])
    return replace(plan, require_auth=require_auth, debug=plan.debug or overrides.debug)
