"""Why a request for AMP's server is not passed on. First match wins."""

from ipaddress import ip_address

from addons.amp.destination import destination
from addons.amp.plan import AmpUpstream
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.gateway_key import admits
from addons.core.http import Ask
from addons.core.plan import Plan

UNAUTHORIZED = ErrorInfo(
    ErrorClass.AUTH,
    "this router wants its key",
    status=401,
    hint="Set AMP_API_KEY to the router's masterKey, and amp.upstreamApiKey to AMP's key.",
)
NOT_LOCAL = ErrorInfo(
    ErrorClass.FORBIDDEN,
    "AMP's management paths are for clients of this machine",
    status=403,
    hint="amp.restrictManagementToLocalhost says so.",
)
NO_UPSTREAM = ErrorInfo(
    ErrorClass.CONFIGURATION,
    "this path belongs to AMP's server, and amp.upstreamUrl is not set",
    status=503,
    hint='Set amp.upstreamUrl, for example to "https://ampcode.com".',
)
BAD_UPSTREAM = ErrorInfo(
    ErrorClass.CONFIGURATION,
    "amp.upstreamUrl is not an http(s) URL with a host",
    status=503,
    hint='A good one is "https://ampcode.com".',
)
BAD_KEY = ErrorInfo(
    ErrorClass.CONFIGURATION,
    "amp.upstreamApiKey has characters that no header may have",
    status=503,
    hint="Copy the key again, without line breaks.",
)


def refused(plan: Plan, upstream: AmpUpstream | None, ask: Ask, peer: str, *, management: bool) -> ErrorInfo | None:
    """What stands against passing `ask` on for a client at the address `peer`. `management` False: it is a request for
    a model, which the engine has let in already."""
    if management and plan.require_auth and not (plan.master_key and admits(plan.master_key, ask.headers, ask.query)):
        return UNAUTHORIZED
    if upstream is None or not upstream.url:
        return NO_UPSTREAM
    if management and upstream.restrict_to_localhost and not is_loopback(peer):
        return NOT_LOCAL
    if destination(upstream.url) is None:
        return BAD_UPSTREAM
    if upstream.key is not None and not upstream.key.isprintable():
        return BAD_KEY
    return None


def is_loopback(peer: str) -> bool:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
