"""The configuration: that it is there, is read by its owner alone, and says something that works."""

from collections.abc import Iterable
from pathlib import Path

from addons.config.document import config_path, is_inline
from llr_cli.doctor.checks import Finding, Subject


def configuration(subject: Subject) -> Iterable[Finding]:
    if is_inline(subject.config, subject.env):
        yield Finding("config", "note", "it stands in a variable of the environment")
    else:
        path = config_path(subject.config, subject.env)
        if not path.exists():
            yield Finding("config", "failed", f"{path} does not exist", "llr config init")
            return
        yield from _mode(path)
    if subject.plan is None:
        for problem in subject.problems:
            yield Finding("config", "failed", problem, "llr config validate")
        return
    yield from _content(subject)


def _mode(path: Path) -> Iterable[Finding]:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        text = f"{path} may be read by others (mode {mode:o})"
        yield Finding("config file", "warning", text, f"chmod 600 {path}")
    else:
        yield Finding("config file", "ok", f"{path} (mode {mode:o})")


def _content(subject: Subject) -> Iterable[Finding]:
    plan = subject.plan
    assert plan is not None
    for warning in plan.warnings:
        yield Finding("config", "warning", warning, "llr config edit")
    if not plan.providers:
        yield Finding("config", "failed", "no provider is configured", "llr config provider add PROVIDER")
        return
    models = sum(len(provider.models) for provider in plan.providers)
    text = f"providers: {len(plan.providers)}, models: {models}, aliases: {len(plan.aliases)} ({plan.source})"
    yield Finding("config", "ok", text)
    yield from _default(subject)


def _default(subject: Subject) -> Iterable[Finding]:
    plan = subject.plan
    assert plan is not None
    if plan.default_model is None and not plan.aliases:
        text = "tools can ask for models by provider/model only: there is no alias and no default model"
        yield Finding("aliases", "note", text, "llr config alias add NAME --targets PROVIDER/MODEL")
