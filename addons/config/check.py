"""What a person wrote that llr does not understand: unknown keys, and references that lead nowhere."""

import difflib
from collections.abc import Iterator

from pydantic import AliasChoices, BaseModel

from addons.config.models import Document
from addons.core.plan import Plan
from addons.core.resolve import ALIAS_PREFIX, model_ids

# open-ended blocks of later versions: kept, and said once
LATER = {
    "rate_limits": "rateLimits are read but not enforced yet",
    "quota_probe": "quotaProbe is kept but not used yet",
}


def unknown_keys(document: Document) -> list[str]:
    """A warning for each key that no model knows, with the name that was perhaps meant."""
    return [
        f"{path}: unknown key{_perhaps(path.rpartition('.')[2], names)} (kept, without effect)"
        for path, names in _unknown(document, "")
    ]


def _perhaps(key: str, names: list[str]) -> str:
    near = difflib.get_close_matches(key, names, n=1)
    return f"; perhaps {near[0]!r} is meant" if near else ""


def _unknown(node: BaseModel, path: str) -> Iterator[tuple[str, list[str]]]:
    known = [str(name) for info in type(node).model_fields.values() for name in _spellings(info.validation_alias)]
    known += list(type(node).model_fields)
    for key in node.model_extra or {}:
        yield f"{path}{key}", known
    for name, info in type(node).model_fields.items():
        label = next(iter(_spellings(info.validation_alias)), name)
        yield from _below(getattr(node, name), f"{path}{label}")


def _below(value: object, path: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, BaseModel):
        yield from _unknown(value, f"{path}.")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _below(item, f"{path}[{n}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, f"{path}.{key}")


def _spellings(alias: object) -> list[str]:
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else []


def later_blocks(document: Document) -> list[str]:
    """A warning for each known block whose effect comes with a later version."""
    found = [
        f"providers[{n}]: {text}"
        for n, provider in enumerate(document.providers)
        for name, text in LATER.items()
        if getattr(provider, name)
    ]
    blocks = (("amp", document.amp), ("ampRouting", document.amp_routing), ("webSearch", document.web_search))
    return found + [f"{name} is kept but not used yet" for name, value in blocks if value]


def dangling(plan: Plan, disabled: frozenset[str]) -> list[str]:
    """A problem for each reference that names nothing. References to what is switched off are no problem."""
    known = [entry.id for entry in model_ids(plan)] + list(plan.aliases)
    out = []
    for path, ref in _references(plan):
        if _leads_somewhere(plan, ref, disabled):
            continue
        near = difflib.get_close_matches(ref, known, n=3, cutoff=0.4)
        out.append(
            f"{path}: there is no provider/model or alias {ref!r}" + (f"; near it: {', '.join(near)}" if near else "")
        )
    return out + list(_cycles(plan))


def _references(plan: Plan) -> Iterator[tuple[str, str]]:
    for name, alias in plan.aliases.items():
        for kind, targets in (("targets", alias.targets), ("fallbackTargets", alias.fallbacks)):
            for n, target in enumerate(targets):
                yield f"modelAliases.{name}.{kind}[{n}]", target.ref
    for provider in plan.providers:
        for model in provider.models:
            for ref in model.fallbacks:
                yield f"providers.{provider.id}.models.{model.id}.fallbackModels", ref
    if plan.default_model is not None:
        yield "defaultModel", plan.default_model


def _leads_somewhere(plan: Plan, ref: str, disabled: frozenset[str]) -> bool:
    provider_id, slash, model = ref.partition("/")
    provider = plan.provider(provider_id)
    if provider_id in disabled or ref in disabled:
        return True
    if ref.removeprefix(ALIAS_PREFIX) in plan.aliases or ref in ("smart", "default"):
        return True
    if slash and provider is not None:
        return provider.model(model) is not None
    return any(each.model(ref) is not None for each in plan.providers)


def _cycles(plan: Plan) -> Iterator[str]:
    for name in plan.aliases:
        if _reaches(plan, name, name, set()):
            yield f"modelAliases.{name}: the alias contains itself"


def _reaches(plan: Plan, start: str, goal: str, seen: set[str]) -> bool:
    alias = plan.aliases.get(start)
    for target in (*alias.targets, *alias.fallbacks) if alias else ():
        ref = target.ref.removeprefix(ALIAS_PREFIX)
        if ref == goal:
            return True
        if ref not in seen and ref in plan.aliases:
            seen.add(ref)
            if _reaches(plan, ref, goal, seen):
                return True
    return False
