"""What AMP is known to ask for: its modes and helpers (*entities*), the kinds of models that they use (*signatures*),
and which model each version of its client was seen to use for what. Data; the preset `builtin` of the configuration.

Sources: the predecessor's preset; recordings and the code of AMP 0.0.1770734955 and 0.0.1777897475, the two that run
their inference on the client's side. Where the predecessor's patterns overlapped (an image model is no text model, a
date is no variant), they are apart here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from addons.amp.selectors import Match, Pattern, Selector, canonical, pattern

type EntityKind = Literal["mode", "feature", "agent", "system"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A kind of models. `id` begins with `@`."""

    id: str
    matches: tuple[Match, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that AMP asks models for. Its models are told by `signatures` and `matches`; one without either is
    told only by what a request says of itself. `like`: whose route it takes when it has none of its own."""

    id: str
    kind: EntityKind
    signatures: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    description: str = ""
    like: str | None = None


def _claude(family: str) -> tuple[Match, ...]:
    return (Selector(vendor="anthropic", family=family, variant_absent=True),)


SIGNATURES: tuple[Signature, ...] = (
    Signature("@anthropic-opus", _claude("opus"), "Claude Opus"),
    Signature("@anthropic-sonnet", _claude("sonnet"), "Claude Sonnet"),
    Signature("@anthropic-haiku-shared", _claude("haiku"), "Claude Haiku"),
    Signature("@openai-gpt-base", (Selector(vendor="openai", family="gpt", variant_absent=True),), "GPT"),
    Signature(
        "@openai-gpt-codex",
        (Selector(vendor="openai", family="gpt", variant_prefix="codex"), pattern("gpt-*-codex*")),
        "GPT Codex",
    ),
    Signature("@google-gemini-pro", (pattern(r"/^gemini-[\d.]+-pro(?!.*-image)/"),), "Gemini Pro, for text"),
    Signature("@google-gemini-pro-image", (pattern("gemini-*-image*"),), "Gemini, for images"),
    Signature("@google-gemini-flash-shared", (pattern(r"/^gemini-[\d.]+-flash(?!.*-image)/"),), "Gemini Flash"),
)

ENTITIES: tuple[Entity, ...] = (
    Entity("smart", "mode", ("@anthropic-opus",), description="the usual agent"),
    Entity("rush", "mode", ("@anthropic-haiku-shared",), description="the quick agent"),
    Entity("deep", "mode", ("@openai-gpt-codex",), description="the agent that thinks long"),
    Entity("large", "mode", description="the agent with the large window", like="smart"),
    Entity("free", "mode", description="the agent that is paid by advertisements", like="rush"),
    Entity("bombadil", "mode", description="an experiment of AMP's", like="smart"),
    Entity("frontier", "mode", description="the agent of AMP's employees", like="deep"),
    Entity("review", "feature", ("@google-gemini-pro",), ("code-review", "codereview"), description="code review"),
    Entity("search", "agent", ("@google-gemini-flash-shared",), ("finder",), description="finds code"),
    Entity("oracle", "agent", ("@openai-gpt-base",), description="gives advice"),
    Entity("librarian", "agent", ("@anthropic-sonnet",), description="reads other repositories"),
    Entity("task", "agent", (), ("subagent",), description="does a part of the work, with the agent's own model"),
    Entity("look-at", "system", ("@google-gemini-flash-shared",), ("look at", "lookat"), description="looks at a file"),
    Entity(
        "read-thread", "system", (), ("readthread",), description="finds what matters in another thread", like="search"
    ),
    Entity("painter", "system", ("@google-gemini-pro-image",), description="makes images"),
    Entity("handoff", "system", ("@google-gemini-flash-shared",), description="sums a thread up for a new one"),
    Entity("title", "system", ("@anthropic-haiku-shared",), ("titling",), description="names a thread"),
)
BY_ID: Mapping[str, Entity] = {entity.id: entity for entity in ENTITIES}
BY_NAME: Mapping[str, str] = {name: each.id for each in ENTITIES for name in (each.id, *each.aliases)}

# how the legacy schema knows its helpers
LEGACY_HELPERS: Mapping[str, tuple[Pattern, ...]] = {
    name: tuple(pattern(text) for text in texts)
    for name, texts in {
        "oracle": (r"/^gpt-\d+(\.\d+)?$/",),
        "librarian": (r"/^(claude-)?sonnet-\d+(\.\d+)?$/",),
        "title": (r"/^(claude-)?haiku-\d+(\.\d+)?$/",),
        "painter": ("gemini-3-pro-image*",),
        "search": ("gemini-2.5-flash*", "gemini-3-flash*"),
        "look-at": ("gemini-2.5-flash*", "gemini-3-flash*"),
        "handoff": ("gemini-3-flash*",),
    }.items()
}

FEBRUARY, MAY = "0.0.1770734955", "0.0.1777897475"


@dataclass(frozen=True, slots=True)
class Observed:
    """A model that a version of AMP uses for an entity. `measured`: it was seen on the wire, not only in the code."""

    version: str
    entity: str
    model: str
    measured: bool = True


OBSERVED: tuple[Observed, ...] = (
    Observed(FEBRUARY, "smart", "claude-opus-4-6"),
    Observed(FEBRUARY, "rush", "claude-haiku-4-5-20251001"),
    Observed(FEBRUARY, "free", "claude-haiku-4-5-20251001", measured=False),
    Observed(FEBRUARY, "large", "claude-sonnet-4-5-20250929"),
    Observed(FEBRUARY, "deep", "gpt-5.2-codex"),
    Observed(FEBRUARY, "bombadil", "accounts/fireworks/models/kimi-k2p5", measured=False),
    Observed(FEBRUARY, "search", "claude-haiku-4-5-20251001", measured=False),
    Observed(FEBRUARY, "search", "gemini-3-flash-preview"),
    Observed(FEBRUARY, "search", "zai-glm-4.7", measured=False),
    Observed(FEBRUARY, "oracle", "gpt-5.2"),
    Observed(FEBRUARY, "librarian", "claude-haiku-4-5-20251001"),
    Observed(FEBRUARY, "review", "claude-sonnet-4-5-20250929", measured=False),
    Observed(FEBRUARY, "review", "claude-haiku-4-5-20251001"),
    Observed(FEBRUARY, "painter", "gemini-3-pro-image-preview"),
    Observed(FEBRUARY, "look-at", "gemini-3-flash-preview"),
    Observed(FEBRUARY, "read-thread", "gemini-3-flash-preview"),
    Observed(FEBRUARY, "review", "gemini-3-pro-preview"),
    Observed(FEBRUARY, "review", "gemini-3-flash-preview"),
    Observed(FEBRUARY, "title", "claude-haiku-4-5-20251001"),
    Observed(FEBRUARY, "task", "claude-opus-4-6"),
    Observed(FEBRUARY, "handoff", "claude-opus-4-6"),
    Observed(MAY, "smart", "claude-opus-4-7"),
    Observed(MAY, "rush", "claude-haiku-4-5-20251001"),
    Observed(MAY, "large", "claude-opus-4-6"),
    Observed(MAY, "deep", "gpt-5.4"),
    Observed(MAY, "frontier", "gpt-5.5", measured=False),
    Observed(MAY, "search", "gemini-3-flash-preview"),
    Observed(MAY, "oracle", "gpt-5.4"),
    Observed(MAY, "librarian", "claude-sonnet-4-6"),
    Observed(MAY, "review", "gemini-3.1-pro-preview"),
    Observed(MAY, "review", "gemini-3-flash-preview"),
    Observed(MAY, "review", "claude-haiku-4-5-20251001"),
    Observed(MAY, "painter", "gemini-3-pro-image-preview"),
    Observed(MAY, "painter", "gpt-image-2", measured=False),
    Observed(MAY, "look-at", "gemini-3-flash-preview"),
    Observed(MAY, "read-thread", "gemini-3-flash-preview"),
    Observed(MAY, "title", "claude-haiku-4-5-20251001"),
    Observed(MAY, "task", "claude-opus-4-7"),
    Observed(MAY, "handoff", "claude-opus-4-7"),
)


def observed(model: str, version: str | None = None) -> tuple[str, ...]:
    """The entities that a model was seen in, in this version of the client (None: in any)."""
    wanted = canonical(model)
    rows = (row for row in OBSERVED if version is None or row.version == version)
    return tuple(dict.fromkeys(row.entity for row in rows if canonical(row.model) == wanted))


def mode_of(model: str, version: str | None) -> str | None:
    """The mode of an agent that asks for `model`, by the version of the client where that tells (opus 4.6 was `smart`
    first and `large` later), else by its kind."""
    known = version is not None and any(row.version == version for row in OBSERVED)
    modes = [name for name in observed(model, version if known else None) if BY_ID[name].kind == "mode"]
    paid = [name for name in modes if name != "free"]
    if len(paid) == 1:
        return paid[0]
    kinds = {signature.id for signature in SIGNATURES if any(match.matches(model) for match in signature.matches)}
    return next((each.id for each in ENTITIES if each.kind == "mode" and kinds & set(each.signatures)), None)
