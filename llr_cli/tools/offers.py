"""What a plan has to offer to coding tools: its aliases and models, with their true context windows."""

from addons.core.plan import Alias, Model, Plan
from llr_cli.tools.tool import Offer

GLOB = frozenset("*?[")
# what a router without keys of its own is shown: every tool wants some
PLACEHOLDER = "llm-router"


def offers(plan: Plan) -> tuple[Offer, ...]:
    """Every alias that is a name, then every model by `provider/model`."""
    aliases = [alias for name, alias in plan.aliases.items() if name != "default" and not GLOB & set(name)]
    found = [_alias(plan, alias) for alias in aliases]
    found += [_model(f"{provider.id}/{model.id}", model) for provider in plan.providers for model in provider.models]
    return tuple(found)


def shown_key(plan: Plan) -> str:
    return plan.master_key or PLACEHOLDER


def _alias(plan: Plan, alias: Alias) -> Offer:
    """Whoever answers for the alias: what fits the smallest of its models fits it."""
    models = _models(plan, alias, frozenset())
    windows = [model.context_window for model in models if model.context_window is not None]
    outputs = [model.traits.max_output for model in models]
    return Offer(alias.id, min(windows, default=None), min(outputs, default=None))


def _model(name: str, model: Model) -> Offer:
    return Offer(name, model.context_window, model.traits.max_output)


def _models(plan: Plan, alias: Alias, seen: frozenset[str]) -> list[Model]:
    found: list[Model] = []
    for target in (*alias.targets, *alias.fallbacks):
        name = target.ref.removeprefix("alias:")
        inner = plan.aliases.get(name)
        if inner is not None:
            found += _models(plan, inner, seen | {alias.id}) if name not in seen | {alias.id} else []
            continue
        provider_id, _, model_id = name.partition("/")
        provider = plan.provider(provider_id)
        model = provider.model(model_id) if provider is not None else None
        found += [model] if model is not None else []
    return found
