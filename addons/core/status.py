"""What a router tells of itself to its owner: who is well, who rests, what is used up. No key, no header, no content.

Every duration is in seconds, and counted from the moment of the answer: the reader's clock need not be ours.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from addons.core.buckets import Bucket
from addons.core.cooldowns import Where
from addons.core.plan import Alias, Credential, Model, Plan, Provider

if TYPE_CHECKING:
    from addons.ledger import Ledger

PATH = "/llr/status"
_ONLY = Credential("", "")


def status(plan: Plan, ledger: "Ledger", now: float) -> dict[str, Any]:
    """`now` in Unix seconds of the router's clock."""
    return {
        "providers": [_provider(provider, ledger, now) for provider in plan.providers],
        "aliases": [_alias(alias) for alias in plan.aliases.values()],
        "defaultModel": plan.default_model,
        "requireAuth": plan.require_auth,
    }


def _provider(provider: Provider, ledger: "Ledger", now: float) -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": provider.name,
        "formats": [str(dialect) for dialect in provider.dialects],
        "keyProblem": provider.key_problem,
        "targets": [_target(provider, model, key, ledger, now) for model, key in _targets(provider)],
        "buckets": [_bucket(bucket, key, credential, ledger, now) for bucket, key, credential in _buckets(provider)],
    }


def _targets(provider: Provider) -> Iterable[tuple[Model, Credential]]:
    for model in provider.models:
        for key in provider.keys or (_ONLY,):
            yield model, key


def _target(provider: Provider, model: Model, key: Credential, ledger: "Ledger", now: float) -> dict[str, Any]:
    where, health = Where(provider.id, model.id, key.id), ledger.health
    excluded, latency = health.excluded(where, now), health.latency(where, now)
    return {
        "model": model.id,
        "credential": key.id,
        "health": round(health.score(where, now), 3),
        "firstEvent": None if latency is None else round(latency, 3),
        "running": health.busy(where),
        "rests": None
        if excluded is None
        else {"why": excluded.reason, "for": round(max(0.0, excluded.until - now), 1)},
    }


def _buckets(provider: Provider) -> Iterable[tuple[Bucket, str, str]]:
    """Each count with its key, as the dispatcher names it, and the credential that it is for ("": for all)."""
    for bucket in provider.buckets:
        if not bucket.per_key:
            yield bucket, f"{provider.id}:{bucket.id}", ""
            continue
        for key in provider.keys or (_ONLY,):
            yield bucket, f"{Where(provider.id, '', key.id).account}:{bucket.id}", key.id


def _bucket(bucket: Bucket, key: str, credential: str, ledger: "Ledger", now: float) -> dict[str, Any]:
    used = ledger.counters.usage(key, bucket, now)
    return {
        "id": bucket.id,
        "name": bucket.name,
        "credential": credential,
        "models": None if bucket.models is None else sorted(bucket.models),
        "window": None if bucket.window is None else f"{bucket.window.unit}:{bucket.window.size}",
        "caps": [{"measure": measure, "cap": cap, "used": used[measure]} for measure, cap in bucket.caps.items()],
        "left": round(ledger.counters.remaining(key, bucket, now), 4),
    }


def _alias(alias: Alias) -> dict[str, Any]:
    return {
        "id": alias.id,
        "strategy": alias.strategy,
        "targets": [target.ref for target in alias.targets],
        "fallbackTargets": [target.ref for target in alias.fallbacks],
    }
