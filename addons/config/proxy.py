"""What the `proxy` block says of the forward proxy."""

from pydantic import Field

from addons.config.fields import Node, Words
from addons.config.findings import Findings
from addons.core.guard import Authority, authority
from addons.core.sites import ProxyPlan, Treatment

_HOST = "expected a host name or an address, with or without a port"


class ProxyNode(Node):
    hosts: dict[str, str] = Field(default_factory=dict)
    allow: Words = Field(default_factory=list)


def proxy_plan(node: ProxyNode | None, findings: Findings) -> ProxyPlan:
    if node is None:
        return ProxyPlan()
    hosts: dict[Authority, Treatment] = {}
    for name, word in node.hosts.items():
        named = authority(name)
        if named is None:
            findings.problems.append(f"proxy.hosts.{name}: {_HOST}")
        elif word not in Treatment:
            known = ", ".join(Treatment)
            findings.problems.append(f"proxy.hosts.{name}: expected one of {known}, got {word!r}")
        else:
            hosts[named] = Treatment(word)
    allowed: list[Authority] = []
    for position, name in enumerate(node.allow):
        named = authority(name)
        if named is None:
            findings.problems.append(f"proxy.allow[{position}]: {_HOST}")
        else:
            allowed.append(named)
    return ProxyPlan(hosts, frozenset(allowed))
