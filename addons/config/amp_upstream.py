"""What the `amp` block says of AMP's own server. Keys in camelCase and kebab-case are the same; source: the
predecessor's schema, and `stripFeatures`, which is ours."""

from collections.abc import Mapping
from typing import Any

from addons.amp.destination import destination
from addons.amp.plan import AmpUpstream
from addons.config.findings import Findings

DEFAULT_URL = "https://ampcode.com"


def amp_upstream(block: object, findings: Findings) -> AmpUpstream | None:
    """None without an `amp` block. A block without `upstreamUrl` means AMP's own address, an empty one none."""
    if not isinstance(block, Mapping):
        return None
    url = _text(_said(block, "upstreamUrl", "baseUrl", default=DEFAULT_URL), "upstreamUrl", findings)
    if url and destination(url) is None:
        findings.problems.append("amp.upstreamUrl: expected an http(s) URL with a host")
    key = _text(_said(block, "upstreamApiKey"), "upstreamApiKey", findings)
    if key and not key.isprintable():
        findings.problems.append("amp.upstreamApiKey: expected a key without line breaks")
    local = _said(block, "restrictManagementToLocalhost", default=False)
    if not isinstance(local, bool):
        findings.problems.append("amp.restrictManagementToLocalhost: expected true or false")
    features = _said(block, "stripFeatures", default=[])
    if not isinstance(features, list) or not all(isinstance(flag, str) for flag in features):
        findings.problems.append("amp.stripFeatures: expected a list of names")
        features = []
    return AmpUpstream(url or None, key or None, local is True, tuple(features))


def _said(block: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    spelt = [each for name in names for each in (name, _kebab(name))]
    return next((block[name] for name in spelt if name in block), default)


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def _text(value: object, name: str, findings: Findings) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    findings.problems.append(f"amp.{name}: expected a text")
    return ""
