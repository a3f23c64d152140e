"""The document resolved into a plan.

The default route: an alias `smart` answers a request that names no model, or `smart`. Without one, `defaultModel`
answers that, and `default`. Only where there is no `defaultModel` does an alias `default` count: the predecessor wrote
one beside it, which then hid every later edit of `defaultModel`. A `default` without targets is left out.
"""

import re
from collections.abc import Mapping

from addons.config import knobs
from addons.config.findings import Findings
from addons.config.models import AliasNode, Document, TargetNode
from addons.config.providers import providers
from addons.core.plan import Alias, Plan, Strategy, Target

__all__ = ["Findings", "build"]

# `/` because clients ask for names with one
ALIAS_ID = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._:\-\[\]*?/]*")
# the words for a strategy. Source: the predecessor's synonyms
STRATEGIES: Mapping[str, Strategy] = {
    "": "ordered",
    "ordered": "ordered",
    "auto": "quota-aware-weighted-rr",
    "automatic": "quota-aware-weighted-rr",
    "smart": "quota-aware-weighted-rr",
    "rr": "round-robin",
    "round-robin": "round-robin",
    "weighted-rr": "weighted-rr",
    "weighted_rr": "weighted-rr",
    "weighted-round-robin": "weighted-rr",
    "quota-aware-weighted-rr": "quota-aware-weighted-rr",
    "quota-aware-weighted-round-robin": "quota-aware-weighted-rr",
}


def build(document: Document, env: Mapping[str, str], source: str, findings: Findings) -> Plan:
    """The plan of `document`; what is wrong with it goes to `findings`."""
    aliases = {name: _alias(name, node, findings) for name, node in document.model_aliases.items()}
    if "default" in aliases and not (aliases["default"].targets or aliases["default"].fallbacks):
        del aliases["default"]
    return Plan(
        providers=tuple(providers(document, env, knobs.deadlines(env, findings), findings)),
        aliases=aliases,
        default_model=(document.default_model or "").strip() or None,
        master_key=knobs.master_key(env, findings) or document.master_key,
        require_auth=document.metadata.local_server.require_auth,
        retry=knobs.retry(env, findings),
        max_body=knobs.max_body(env, findings),
        keepalive=knobs.keepalive(env, findings),
        websocket=knobs.websocket(env),
        responses_age=knobs.responses_age(env, findings),
        responses_bytes=knobs.responses_bytes(env, findings),
        fetches=knobs.fetches(env),
        debug=knobs.debug(env),
        source=source,
    )


def _alias(name: str, node: AliasNode, findings: Findings) -> Alias:
    path = f"modelAliases.{name}"
    if not ALIAS_ID.fullmatch(name):
        findings.problems.append(f"{path}: expected letters, digits and . _ : - [ ] / (* and ? make a glob)")
    strategy = STRATEGIES.get(node.strategy.strip().lower())
    if strategy is None:
        findings.problems.append(f"{path}.strategy: expected 'ordered' or another strategy, got {node.strategy!r}")
    elif strategy != "ordered":
        findings.warnings.append(f"{path}.strategy: {node.strategy!r} comes in a later version; the order counts")
    if not node.targets and not node.fallback_targets:
        findings.warnings.append(f"{path}: an alias without targets leads nowhere")
    return Alias(name, strategy or "ordered", _targets(node.targets), _targets(node.fallback_targets))


def _targets(nodes: list[TargetNode]) -> tuple[Target, ...]:
    """Each reference once, where it stands first."""
    unique: dict[str, Target] = {}
    for node in nodes:
        # the predecessor reads a weight of 0 as 1 too
        unique.setdefault(node.ref, Target(node.ref, node.weight if node.weight > 0 else 1.0))
    return tuple(unique.values())
