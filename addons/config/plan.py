"""The document resolved into a plan.

The default route: an alias `smart` answers a request that names no model, or `smart`. Without one, `defaultModel`
answers that, and `default`. Only where there is no `defaultModel` does an alias `default` count: the predecessor wrote
one beside it, which then hid every later edit of `defaultModel`. A `default` without targets is left out.
"""

import re
from collections.abc import Callable, Mapping

from addons.config import knobs, references
from addons.config.amp import amp_plan
from addons.config.amp_upstream import amp_upstream
from addons.config.findings import Findings
from addons.config.models import AffinityNode, AliasNode, Document, TargetNode
from addons.config.providers import providers
from addons.config.proxy import proxy_plan
from addons.config.web_search import searches, web_search
from addons.core.plan import Alias, Plan, Target
from addons.core.strategy import STRATEGY_NAMES, Strategy

__all__ = ["Findings", "build"]

# `/` because clients ask for names with one
ALIAS_ID = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._:\-\[\]*?/]*")
# seconds
AFFINITY_TTL = 3600.0
HOLD = 600.0


def build(document: Document, env: Mapping[str, str], source: str, findings: Findings) -> Plan:
    """The plan of `document`; what is wrong with it goes to `findings`."""
    found = providers(document, env, knobs.deadlines(env, findings), findings)
    known = references.known(document)
    aliases = {name: _alias(name, node, known, findings) for name, node in document.model_aliases.items()}
    if "default" in aliases and not (aliases["default"].targets or aliases["default"].fallbacks):
        del aliases["default"]
    return Plan(
        providers=tuple(found),
        aliases=aliases,
        default_model=(document.default_model or "").strip() or None,
        master_key=knobs.master_key(env, findings) or document.master_key,
        require_auth=document.metadata.local_server.require_auth,
        retry=knobs.retry(env, findings),
        cooldowns=knobs.cooldowns(env, findings),
        max_body=knobs.max_body(env, findings),
        keepalive=knobs.keepalive(env, findings),
        websocket=knobs.websocket(env),
        responses_age=knobs.responses_age(env, findings),
        responses_bytes=knobs.responses_bytes(env, findings),
        fetches=knobs.fetches(env),
        web_search=web_search(
            searches(document.web_search, document.amp, findings), document.claude_code, found, env, findings
        ),
        amp=amp_plan(document.amp, document.amp_routing, findings),
        amp_upstream=amp_upstream(None if document.amp is None else document.amp.server, findings),
        proxy=proxy_plan(document.proxy, findings),
        activity=knobs.activity(env, document.metadata.activity_log.enabled),
        activity_bytes=knobs.activity_bytes(env, findings),
        activity_keep=knobs.activity_keep(env, findings),
        large_requests=knobs.large_requests(env, findings),
        debug=knobs.debug(env),
        source=source,
    )


def _alias(name: str, node: AliasNode, known: Callable[[str], bool], findings: Findings) -> Alias:
    path = f"modelAliases.{name}"
    if not ALIAS_ID.fullmatch(name):
        findings.problems.append(f"{path}: expected letters, digits and . _ : - [ ] / (* and ? make a glob)")
    strategy = STRATEGY_NAMES.get(node.strategy.strip().lower())
    if strategy is None:
        words = ", ".join(dict.fromkeys(STRATEGY_NAMES.values()))
        findings.problems.append(f"{path}.strategy: expected one of {words}, got {node.strategy!r}")
    if not node.targets and not node.fallback_targets:
        findings.warnings.append(f"{path}: an alias without targets leads nowhere")
    return Alias(
        name,
        strategy or "ordered",
        _targets(node.targets, known),
        _targets(node.fallback_targets, known),
        affinity=_affinity(node.affinity, strategy),
        hedge=None if node.hedge is None else node.hedge / 1000,
        hold=_hold(node.hold_until_reset),
        joins=node.join_duplicates,
    )


def _targets(nodes: list[TargetNode], known: Callable[[str], bool]) -> tuple[Target, ...]:
    """Each reference once, where it stands first."""
    unique: dict[str, Target] = {}
    for node in nodes:
        ref, behind = references.split(node.ref, known)
        weight = node.weight if behind is None else behind
        # the predecessor reads a weight of 0 as 1 too
        unique.setdefault(ref, Target(ref, weight if weight > 0 else 1.0))
    return tuple(unique.values())


def _affinity(node: AffinityNode | None, strategy: Strategy | None) -> float:
    """Seconds. Unless it is said otherwise, `auto` alone keeps conversations where they are."""
    if node is None:
        return AFFINITY_TTL if strategy == "auto" else 0.0
    if not node.enabled:
        return 0.0
    return AFFINITY_TTL if node.ttl is None else node.ttl / 1000


def _hold(value: bool | float) -> float:
    """`true` stands for ten minutes; a number counts milliseconds."""
    if isinstance(value, bool):
        return HOLD if value else 0.0
    return max(0.0, value) / 1000
