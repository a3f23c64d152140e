"""Reasoning effort and thinking budgets, each in terms of the other. Source: the predecessor's tables."""

from collections.abc import Mapping

from addons.core.model import Effort, Reasoning

LADDER: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# share of max_tokens that a thinking budget has → the effort it stands for
SHARES: tuple[tuple[float, Effort], ...] = ((0.97, "max"), (0.82, "xhigh"), (0.65, "high"), (0.30, "medium"))
# the same without max_tokens, in tokens
BUDGETS: tuple[tuple[int, Effort], ...] = ((31_999, "max"), (28_000, "xhigh"), (24_000, "high"), (6_000, "medium"))
# effort → share of max_tokens
BUDGET_SHARES: Mapping[Effort, float] = {"low": 0.20, "medium": 0.45, "high": 0.75, "xhigh": 0.90, "max": 0.95}
MIN_BUDGET = 1024

SYNONYMS: Mapping[str, Effort] = {
    "off": "none", "disabled": "none", "normal": "medium", "standard": "medium", "default": "medium",
    "extra high": "xhigh", "ultra": "xhigh", "maximum": "max",
    **{level: level for level in LADDER},
}  # fmt: skip


def effort_of(word: object) -> Effort | None:
    """The effort that a client's word stands for; None for an unknown one."""
    return SYNONYMS.get(word.lower().strip()) if isinstance(word, str) else None


def effort(reasoning: Reasoning, max_tokens: int | None) -> Effort | None:
    """The effort that a request asks for: said in words, or by its budget; None when it leaves it open."""
    if reasoning.effort is not None:
        return reasoning.effort
    if reasoning.enabled is False:
        return "none"
    if reasoning.budget is None:
        return None
    if max_tokens:
        share = reasoning.budget / max_tokens
        return next((level for limit, level in SHARES if share >= limit), "low")
    return next((level for tokens, level in BUDGETS if reasoning.budget >= tokens), "low")


def budget(reasoning: Reasoning, max_tokens: int) -> int | None:
    """The thinking budget in tokens, below `max_tokens`; None: no thinking (also when there is no room for it)."""
    if reasoning.enabled is False or max_tokens <= MIN_BUDGET:
        return None
    if reasoning.budget is not None:
        return max(MIN_BUDGET, min(reasoning.budget, max_tokens - 1))
    share = BUDGET_SHARES.get(reasoning.effort or "medium")
    return None if share is None else max(MIN_BUDGET, min(int(max_tokens * share), max_tokens - 1))


def clamp(wanted: Effort, supported: tuple[Effort, ...]) -> Effort:
    """The highest supported level that is not above `wanted`, else the lowest supported one."""
    fitting = [level for level in supported if LADDER.index(level) <= LADDER.index(wanted)]
    return fitting[-1] if fitting else supported[0]
