"""Where a forward proxy leads to, and where it does not: itself, this machine and its link, unless it is configured.

A name is looked up and every address of it is looked at; and when a connection is there, its other end is looked at
before anything is sent, because a name may have another address by then.

Sources: RFC 6890 (special addresses), RFC 3927 (link-local); the metadata addresses that clouds document.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from addons.core.addresses import is_near
from addons.core.guard import Authority
from addons.core.plan import Plan

LOOK_UP_SECONDS = 5.0

type LookUp = Callable[[str, int], Awaitable[list[str]]]


class Unreachable(Exception):
    """A host that is not led to; the text says why. `status` is for whoever asked."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of `host`. Raises OSError and TimeoutError."""
    async with asyncio.timeout(LOOK_UP_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class Reach:
    """Asked for every connection that is not the router's own. `plan` gives the current plan."""

    def __init__(self, plan: Callable[[], Plan], look_up: LookUp = look_up) -> None:
        self._plan = plan
        self._look_up = look_up

    async def check(self, host: str, port: int) -> None:
        """Raises Unreachable."""
        if self.names(host, port):
            return
        try:
            addresses = await self._look_up(host, port)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise Unreachable(f"{host} cannot be resolved", 502) from error
        for address in addresses:
            self.check_address(host, port, address)

    def check_address(self, host: str, port: int, address: str) -> None:
        """`address` is what `host` was found at. Raises Unreachable."""
        if not self.names(host, port) and (is_near(address) or is_ours(address)):
            where = f"{host}:{port}"
            raise Unreachable(f"{where} is on this machine or its link; add it to proxy.allow if that is meant")

    def names(self, host: str, port: int) -> bool:
        """Whether the configuration names `host` with this port."""
        plan = self._plan()
        asked = Authority(bracketed(host), port)
        return bool({asked, Authority(asked.name)} & plan.proxy.allow) or asked in _of_servers(plan)


def bracketed(host: str) -> str:
    """`host` as it stands in a URL, in lower case."""
    name = host.lower()
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def is_ours(address: str) -> bool:
    """Whether this machine has the address: nothing else can be bound to."""
    with suppress(OSError, ValueError):
        family = socket.AF_INET6 if ip_address(address.partition("%")[0]).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
            return True
    return False


def _of_servers(plan: Plan) -> frozenset[Authority]:
    """The servers of the configuration."""
    urls = [url for provider in plan.providers for url in provider.endpoints.values()]
    if plan.amp_upstream is not None and plan.amp_upstream.url:
        urls.append(plan.amp_upstream.url)
    found = (urlsplit(url) for url in urls)
    return frozenset(
        Authority(bracketed(each.hostname), each.port or (443 if each.scheme == "https" else 80))
        for each in found
        if each.hostname
    )
