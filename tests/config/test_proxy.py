"""Specification of addons/config/proxy.py: the `proxy` block."""

import pytest

from addons.config.findings import Findings
from addons.config.proxy import ProxyNode, proxy_plan
from addons.core.guard import Authority
from addons.core.sites import ProxyPlan, Treatment


def read(block: dict[str, object] | None) -> tuple[ProxyPlan, list[str]]:
    findings = Findings()
    plan = proxy_plan(None if block is None else ProxyNode.model_validate(block), findings)
    return plan, findings.problems


def test_without_a_block_the_table_holds() -> None:
    assert read(None) == (ProxyPlan(), [])


def test_hosts_and_what_becomes_of_them_are_read() -> None:
    plan, problems = read({"hosts": {"Api.OpenAI.com": "pass", "[::1]:8443": "route", "chatgpt.com": "tunnel"}})
    assert problems == []
    assert plan.hosts == {
        Authority("api.openai.com"): Treatment.PASS,
        Authority("[::1]", 8443): Treatment.ROUTE,
        Authority("chatgpt.com"): Treatment.TUNNEL,
    }


def test_what_may_be_reached_is_read() -> None:
    assert read({"allow": ["127.0.0.1:11434"]})[0].allow == {Authority("127.0.0.1", 11434)}


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"hosts": {"https://api.openai.com": "pass"}}, "proxy.hosts.https://api.openai.com"),
        ({"hosts": {"api.openai.com": "decrypt"}}, "proxy.hosts.api.openai.com"),
        ({"allow": ["127.0.0.1", "a b"]}, "proxy.allow[1]"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_path(block: dict[str, object], path: str) -> None:
    (problem,) = read(block)[1]
    assert problem.startswith(f"{path}: expected")
