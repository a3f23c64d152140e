"""Who may speak to the router: a decision table over what a request says about where it comes from.

A web page can make its reader's browser send requests to loopback, and by DNS rebinding even read the answers. What
gives it away is what it cannot forge: the Host header names the page's own server, and Origin and Sec-Fetch-Site name
the page. The router has no page that other sites may read, so nothing is ever allowed by CORS; there are no exceptions
to be configured but further names of the router itself.

Sources: RFC 9112 §3.2 (Host, request target), §2.2 and §5.2 (bare CR, line folding); RFC 9110 §15.5.20 (421),
§15.6.6 (505); RFC 6454 §7 (Origin); the Fetch Standard (CORS preflight); W3C Fetch Metadata Request Headers §2.3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from addons.core.errors import ErrorClass, ErrorInfo

ALLOWED_HOSTS = "LLM_ROUTER_ALLOWED_HOSTS"

_AUTHORITY = re.compile(r"(?P<name>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?", re.ASCII)
_ORIGIN = re.compile(r"https?://(?P<authority>[^/?#@]+)", re.ASCII)
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_EVERYWHERE = frozenset({"0.0.0.0", "[::]"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
_VERSIONS = frozenset({"HTTP/1.0", "HTTP/1.1", ""})
_NO_VALUE = re.compile(r"[\r\n\0]")
# names and addresses that are kept, taken apart: nearly every request says the same few
KEPT = 128


@dataclass(frozen=True, slots=True)
class Authority:
    """A name and a port, in one spelling: lower case, IPv6 addresses compressed and in brackets. `port` None: none was
    said."""

    name: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as far as it tells who sends it.

    `fields` are its headers in order, names in lower case. `target` is the authority that an HTTP/1 request line
    names (absolute form), or to which a tunnel leads, `authority` that of HTTP/2. `address` and `port` are the end of
    the connection that is ours, `listens` what the router was told to listen on. `tls`: a Host without a port means
    443, and not 80; `tls_only`: nothing else is served. `reads_json`: a body is for the router itself. `version` is
    what an HTTP/1 request line says; of HTTP/2 and later it is "".
    """

    method: str
    fields: tuple[tuple[str, str], ...]
    port: int
    address: str = ""
    listens: str = ""
    target: str = ""
    authority: str = ""
    version: str = "HTTP/1.1"
    tls: bool = False
    tls_only: bool = False
    reads_json: bool = True
    allowed: frozenset[Authority] = field(default_factory=frozenset)
    _by_name: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[str]] = {}
        for name, value in self.fields:
            by_name.setdefault(name, []).append(value)
        object.__setattr__(self, "_by_name", by_name)

    def all(self, name: str) -> list[str]:
        """The values of every header called `name`."""
        return self._by_name.get(name, [])

    @property
    def hosts(self) -> list[str]:
        """Every different name that the request gives to the router. HTTP/2 has one of its own, beside which a Host
        header may repeat it (RFC 9113 §8.3.1)."""
        said = self.all("host")
        return list(dict.fromkeys([self.authority, *said])) if self.authority else said


@lru_cache(maxsize=KEPT)
def authority(text: str) -> Authority | None:
    """`text` as a name or an address with or without a port; None for anything else."""
    found = _AUTHORITY.fullmatch(text.lower()) if text.isascii() else None
    if found is None:
        return None
    name, port = found["name"], int(found["port"]) if found["port"] else None
    if port is not None and port > 65535:
        return None
    if name.startswith("["):
        try:
            name = f"[{IPv6Address(name[1:-1]).compressed}]"
        except ValueError:
            return None
    return Authority(name, port)


def allowed_hosts(text: str) -> tuple[frozenset[Authority], list[str]]:
    """What LLM_ROUTER_ALLOWED_HOSTS says, names with or without a port between commas or spaces; and the words of it
    that are no names. One without a port stands for every port."""
    found: set[Authority] = set()
    strange: list[str] = []
    for word in re.split(r"[,\s]+", text.strip()):
        named = authority(word)
        if named is not None:
            found.add(named)
        elif word:
            strange.append(word)
    return frozenset(found), strange


def refusal(arrival: Arrival, rules: "Rules | None" = None) -> ErrorInfo | None:
    """Why the router does not answer, by RULES unless others are named; None when it does."""
    return next((info for applies, info in rules or RULES if applies(arrival)), None)


def is_own(arrival: Arrival) -> bool:
    """Whether it names the router itself."""
    return len(arrival.hosts) == 1 and not _is_misdirected(arrival)


def is_from_a_page(arrival: Arrival) -> bool:
    """Whether a web page has sent it, of whichever origin."""
    return bool(arrival.all("origin") or arrival.all("sec-fetch-site"))


def _is_in_the_clear(arrival: Arrival) -> bool:
    return arrival.tls_only and not arrival.tls


def _is_of_another_version(arrival: Arrival) -> bool:
    return arrival.version not in _VERSIONS


def _is_malformed(arrival: Arrival) -> bool:
    return _NO_VALUE.search("".join(value for _, value in arrival.fields)) is not None


def _is_absolute(arrival: Arrival) -> bool:
    return bool(arrival.target)


def _has_no_single_host(arrival: Arrival) -> bool:
    return len(arrival.hosts) != 1


def _is_misdirected(arrival: Arrival) -> bool:
    named = authority(arrival.hosts[0])
    if named is None:
        return True
    port = named.port or (443 if arrival.tls else 80)
    if port == arrival.port and named.name in _own_names(arrival.address, arrival.listens):
        return False
    return not {named, Authority(named.name), Authority(named.name, port)} & arrival.allowed


@lru_cache(maxsize=KEPT)
def _own_names(address: str, listens: str) -> frozenset[str]:
    """Names for which nobody else can be asked. An address is never rebound, so the one that the client has reached is
    among them."""
    further = (_bracketed(address), _bracketed(listens))
    return _OWN_NAMES.union(name for name in further if name and name not in _EVERYWHERE)


def _bracketed(host: str) -> str:
    """`host` as it stands in a Host header; an IPv4 address inside an IPv6 one as IPv4."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower()
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped) if address.ipv4_mapped else f"[{address.compressed}]"
    return str(address)


def _names_another(arrival: Arrival) -> bool:
    """Whether it names another host than `target`, to which the client has had a tunnel made."""
    wanted, scheme_port = authority(arrival.target), 443 if arrival.tls else 80
    return any(_with_port(said, scheme_port) != wanted for said in arrival.hosts)


def _with_port(text: str, port: int) -> Authority | None:
    found = authority(text)
    return Authority(found.name, found.port or port) if found else None


def _is_preflight(arrival: Arrival) -> bool:
    return arrival.method == "OPTIONS" and bool(arrival.all("access-control-request-method"))


def _is_of_another_origin(arrival: Arrival) -> bool:
    own = authority(arrival.hosts[0])
    return any(_origin(said) != own for said in arrival.all("origin"))


def _origin(text: str) -> Authority | None:
    found = _ORIGIN.fullmatch(text.strip().lower())
    return authority(found["authority"]) if found else None


def _is_of_another_site(arrival: Arrival) -> bool:
    changes = arrival.method not in _SAFE_METHODS or bool(arrival.all("upgrade"))
    return changes and any(said.strip().lower() not in _OWN_SITES for said in arrival.all("sec-fetch-site"))


def _is_plain_text(arrival: Arrival) -> bool:
    """Plain text is what a page may send anywhere without asking first; old browsers do so without an Origin."""
    kinds = (kind.partition(";")[0].strip().lower() for kind in arrival.all("content-type"))
    return arrival.reads_json and arrival.method not in _SAFE_METHODS and "text/plain" in kinds


_NAMES = f"Use the address that `llr start` shows, or add the name to {ALLOWED_HOSTS}."
_PAGES = "No web page may use the router through its reader's browser; call it from a program."


def _misdirected(message: str) -> ErrorInfo:
    return ErrorInfo(ErrorClass.FORBIDDEN, message, status=421, hint=_NAMES)


def _foreign(message: str) -> ErrorInfo:
    return ErrorInfo(ErrorClass.FORBIDDEN, message, status=403, hint=_PAGES)


type Rules = tuple[tuple[Callable[[Arrival], bool], ErrorInfo], ...]

_WELL_FORMED: Rules = (
    (
        _is_malformed,
        ErrorInfo(
            ErrorClass.INVALID_REQUEST,
            "a header has a line break or a NUL in its value",
            status=400,
            hint="Headers must not be folded over several lines.",
        ),
    ),
    (
        _is_of_another_version,
        ErrorInfo(
            ErrorClass.INVALID_REQUEST,
            "the request line names a version of HTTP that is not written like this",
            status=505,
            hint="Speak HTTP/1.1.",
        ),
    ),
)
# first match wins; the later ones rely on there being one host
RULES: Rules = (
    *_WELL_FORMED,
    (
        _is_in_the_clear,
        ErrorInfo(
            ErrorClass.INVALID_REQUEST,
            "this router speaks HTTPS only (it was started with --tls)",
            status=400,
            hint="Use https://.",
        ),
    ),
    (_is_absolute, _misdirected("the request line names a host: this router is no forward proxy")),
    (_has_no_single_host, _misdirected("a request must have exactly one Host header")),
    (_is_misdirected, _misdirected("the Host header is not a name of this router")),
    (_is_preflight, _foreign("this router allows no request across origins")),
    (_is_of_another_origin, _foreign("the request comes from a web page of another origin")),
    (_is_of_another_site, _foreign("the request comes from a web page of another site")),
    (
        _is_plain_text,
        ErrorInfo(
            ErrorClass.INVALID_REQUEST,
            "the body is said to be plain text",
            status=415,
            hint="Send `Content-Type: application/json`.",
        ),
    ),
)
# for what comes through the forward proxy, where the client names the host that it means
FORWARDED: Rules = (
    *_WELL_FORMED,
    (_names_another, ErrorInfo(ErrorClass.FORBIDDEN, "the Host header names another host than the tunnel", status=421)),
)
