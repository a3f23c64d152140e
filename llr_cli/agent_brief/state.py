"""How things are now, as an agent has to know it: no key, only whether there is one."""

from typing import Any

from addons.config.document import config_path, is_inline
from addons.core.plan import Plan
from addons.edge.probe import authority, health
from llr_cli.doctor.checks import Subject


def facts(subject: Subject) -> dict[str, Any]:
    """By the predecessor's names, with what it had not after them."""
    plan, instance = subject.plan or Plan(), subject.instance
    scheme, host = ("http", "127.0.0.1") if instance is None else (instance.scheme, instance.host)
    answers = instance is not None and health(instance.host, instance.port, scheme=instance.scheme) is not None
    inline = is_inline(subject.config, subject.env)
    return {
        "config_path": "(environment)" if inline else str(config_path(subject.config, subject.env).absolute()),
        "config_valid": subject.plan is not None,
        "config_problems": list(subject.problems),
        "providers": [_provider(each) for each in plan.providers],
        "models": [f"{each.id}/{model.id}" for each in plan.providers for model in each.models],
        "model_aliases": {
            name: {
                "strategy": alias.strategy,
                "targets": [target.ref for target in alias.targets],
                "fallback_targets": [target.ref for target in alias.fallbacks],
            }
            for name, alias in plan.aliases.items()
        },
        "rate_limit_buckets": [_bucket(each.id, bucket) for each in plan.providers for bucket in each.buckets],
        "default_model": plan.default_model,
        "master_key_configured": plan.master_key is not None,
        "require_auth": plan.require_auth,
        "local_server_running": answers,
        "local_server_url": f"{scheme}://{authority(host, subject.port)}",
        "version": subject.version,
    }


def _provider(provider: Any) -> dict[str, Any]:
    missing, keyed = provider.key_problem is not None, provider.key is not None or bool(provider.keys)
    return {
        "id": provider.id,
        "formats": [str(dialect) for dialect in provider.dialects],
        "models": [model.id for model in provider.models],
        "key": "missing" if missing else "configured" if keyed else "none",
    }


def _bucket(provider: str, bucket: Any) -> dict[str, Any]:
    window = None if bucket.window is None else f"{bucket.window.unit}:{bucket.window.size}"
    return {"provider": provider, "id": bucket.id, "window": window, "caps": dict(bucket.caps)}
