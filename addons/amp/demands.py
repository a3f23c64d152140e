"""What AMP expects of a model without saying so: room, and how long it thinks. Source: the predecessor's tables, for
requests of the agent itself; what helpers ask is small."""

from collections.abc import Mapping

from addons.amp.hints import AmpHints
from addons.amp.selectors import canonical
from addons.core.model import Effort

# tokens
BY_MODE: Mapping[str, int] = {
    "free": 136_000,
    "rush": 136_000,
    "smart": 168_000,
    "deep": 272_000,
    "large": 936_000,
}
BY_MODEL: Mapping[str, int] = {
    "claude-haiku-4.5": 136_000,
    "claude-opus-4.6": 168_000,
    "claude-sonnet-4.6": 936_000,
    "gpt-5.3-codex": 968_000,
}
ANTHROPIC = 200_000
# Anthropic's beta of a million tokens
MILLION, MILLION_BETA = 1_000_000, "context-1m"

EFFORTS: Mapping[str, Effort] = {"rush": "low", "deep": "high"}


def window(hints: AmpHints, mode: str | None, model: str, headers: Mapping[str, str]) -> int:
    """The tokens that a window has to hold (0: what the request needs). `headers` have lower-case names."""
    if MILLION_BETA in headers.get("anthropic-beta", ""):
        return MILLION
    if hints.agent is not None:
        return 0
    floor = ANTHROPIC if hints.provider == "anthropic" else 0
    return BY_MODE.get(mode or "", 0) or BY_MODEL.get(canonical(model), floor)


def effort(hints: AmpHints, mode: str | None) -> Effort | None:
    """How long the agent thinks in `mode`, where its request does not say."""
    return None if hints.agent is not None or mode is None else EFFORTS.get(mode)
