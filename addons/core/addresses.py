"""Which addresses a stranger's URL may lead to: public ones only.

Sources: the IANA special-purpose registries as Python's `ipaddress` knows them (`is_global`), and RFC 6052, RFC 3056,
RFC 4380 for IPv6 addresses that carry an IPv4 one: what counts is the address inside.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Whether `text`, an IP address, is one that anybody on the internet could reach."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (address, *_inside(address)))


def _inside(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


# documented by clouds, and neither link-local nor loopback (AWS over IPv6, Alibaba)
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})


def is_near(text: str) -> bool:
    """Whether `text`, an IP address, leads to this machine, to its own link or to a cloud's metadata."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return True
    return any(
        each.is_loopback or each.is_link_local or each.is_unspecified or each.is_multicast or each in _METADATA
        for each in (address, *_inside(address))
    )
