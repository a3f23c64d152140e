"""Which headers travel. Towards a provider: an allow-list. Towards the client: all but what belongs to one hop.

A client's credentials, cookies and host never reach a provider (promise 41).
"""

from collections.abc import Mapping

from addons.core.http import Headers
from addons.core.model import DialectName
from addons.core.plan import Candidate

VERSION_AGENT = "llr"
NO_HEADERS: Mapping[str, str] = {}

# Kept only when the request stays in its dialect: they describe the very body that is forwarded.
_SAME_DIALECT = frozenset(
    {"anthropic-beta", "anthropic-version", "openai-beta", "user-agent", "x-app", "originator", "x-goog-api-client"}
)
_SAME_DIALECT_PREFIXES = ("x-stainless-", "x-claude-code-", "x-codex-")
# names a model, which the router may have rewritten
_NEVER = frozenset({"x-codex-routing-hint"})

_ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length", "content-encoding", "set-cookie", "alt-svc", "date",
        "strict-transport-security",
    }
)  # fmt: skip
_REFUSED_PREFIXES = ("access-control-", "x-llm-router-")


def upstream_headers(
    candidate: Candidate,
    client: Mapping[str, str],
    client_dialect: DialectName,
    *,
    stream: bool,
    needed: Mapping[str, str] = NO_HEADERS,
) -> Headers:
    """The headers of the request to `candidate`, its credential included; `needed` are those of the body."""
    same = client_dialect is candidate.dialect
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if stream else "application/json",
        "user-agent": VERSION_AGENT,
    }
    if same:
        headers |= {name: value for name, value in client.items() if _forwarded(name)}
    if candidate.dialect is DialectName.ANTHROPIC:
        headers.setdefault("anthropic-version", candidate.provider.anthropic_version)
        betas = [headers.get("anthropic-beta"), needed.get("anthropic-beta"), candidate.provider.anthropic_beta]
        words = [word.strip() for beta in betas if beta for word in beta.split(",")]
        if words:
            headers["anthropic-beta"] = ",".join(dict.fromkeys(words))
    headers |= {name: value for name, value in needed.items() if name != "anthropic-beta"}
    headers |= credential(candidate)
    for name, value in candidate.provider.headers.items():
        headers.pop(name.lower(), None)
        if value is not None:
            headers[name.lower()] = value
    return tuple(headers.items())


def _forwarded(name: str) -> bool:
    return name not in _NEVER and (name in _SAME_DIALECT or name.startswith(_SAME_DIALECT_PREFIXES))


def credential(candidate: Candidate) -> dict[str, str]:
    """The header that carries the provider's key; none without a key."""
    auth = candidate.provider.auth.get(candidate.dialect)
    if candidate.key is None or auth is None or auth.kind == "none":
        return {}
    return {auth.header.lower(): f"{auth.prefix}{candidate.key}"}


def client_headers(upstream: Mapping[str, str]) -> Headers:
    """The headers of a forwarded answer."""
    return tuple(
        (name, value)
        for name, value in upstream.items()
        if name not in _ONE_HOP and not name.startswith(_REFUSED_PREFIXES)
    )
