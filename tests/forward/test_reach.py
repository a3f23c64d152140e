"""Specification of addons/forward/reach.py: where a forward proxy leads to, and where it does not."""

from collections.abc import Sequence

import pytest

from addons.amp.plan import AmpUpstream
from addons.core.guard import Authority
from addons.core.model import DialectName
from addons.core.plan import Plan, Provider
from addons.core.sites import ProxyPlan
from addons.forward.reach import Reach, Unreachable

LOCAL = Provider(
    "ollama", "Ollama", (DialectName.CHAT,), {DialectName.CHAT: "http://localhost:11434/v1/chat/completions"}, ()
)


def reach(addresses: Sequence[str] = (), plan: Plan | None = None) -> Reach:
    async def look_up(host: str, port: int) -> list[str]:
        if not addresses:
            raise OSError("no such name")
        return list(addresses)

    return Reach(lambda: plan or Plan(), look_up)


async def test_a_public_host_is_led_to() -> None:
    await reach(["93.184.216.34", "2606:2800:220:1::1"]).check("example.com", 443)


async def test_a_host_of_the_company_is_led_to() -> None:
    await reach(["10.1.2.3"]).check("git.corp.example", 443)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fd00:ec2::254", "100.100.100.200",
    ],
)  # fmt: skip
async def test_this_machine_its_link_and_metadata_are_not(address: str) -> None:
    """Promise 39."""
    with pytest.raises(Unreachable) as raised:
        await reach([address]).check("rebound.example", 443)
    assert raised.value.status == 403
    assert "proxy.allow" in str(raised.value)


async def test_one_such_address_among_good_ones_is_enough() -> None:
    with pytest.raises(Unreachable):
        await reach(["93.184.216.34", "127.0.0.1"]).check("rebound.example", 443)


def test_a_connection_that_led_elsewhere_than_its_name_is_found_out() -> None:
    """Promise 39: the address counts that was connected to."""
    with pytest.raises(Unreachable):
        reach(["93.184.216.34"]).check_address("rebound.example", 443, "127.0.0.1")


async def test_a_name_without_an_address_is_told() -> None:
    with pytest.raises(Unreachable) as raised:
        await reach().check("nobody.invalid", 443)
    assert raised.value.status == 502


@pytest.mark.parametrize(
    "plan",
    [
        Plan(proxy=ProxyPlan(allow=frozenset({Authority("localhost", 11434)}))),
        Plan(proxy=ProxyPlan(allow=frozenset({Authority("localhost")}))),
        Plan(providers=(LOCAL,)),
        Plan(amp_upstream=AmpUpstream("http://localhost:11434", None, False, ())),
    ],
    ids=["by host and port", "by host", "as a provider", "as AMP's server"],
)
async def test_what_the_configuration_names_is_led_to(plan: Plan) -> None:
    await reach(["127.0.0.1"], plan).check("localhost", 11434)


async def test_another_port_of_what_it_names_is_not() -> None:
    with pytest.raises(Unreachable):
        await reach(["127.0.0.1"], Plan(providers=(LOCAL,))).check("localhost", 8376)
