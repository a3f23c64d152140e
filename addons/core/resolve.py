"""From a model name to the ordered candidates. Pure; `llr route explain` and the engine call this very function.

Order of reading a name (the predecessor's, mended): nothing, `smart` or `default` → the default route; `alias:ID`;
`provider/model` (split at the first slash); an alias; a glob alias, the most specific one; a bare model name, looked
up in all providers in the order of the configuration. A `[1m]` suffix that names nothing is dropped.
"""

import difflib
import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from addons.core.model import DialectName
from addons.core.ordering import Group, Member
from addons.core.plan import Alias, Candidate, Model, Plan, Provider, Route, Target

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI, COMPLETIONS = DialectName.GEMINI, DialectName.COMPLETIONS

# client dialect → the order in which a provider's dialects are preferred; a provider's native form comes before its
# imitation of Chat Completions where both are foreign to the client
PREFERENCE: Mapping[DialectName, tuple[DialectName, ...]] = {
    CLAUDE: (CLAUDE, RESPONSES, GEMINI, CHAT),
    CHAT: (CHAT, RESPONSES, CLAUDE, GEMINI),
    RESPONSES: (RESPONSES, CHAT, CLAUDE, GEMINI),
    GEMINI: (GEMINI, RESPONSES, CLAUDE, CHAT),
    COMPLETIONS: (COMPLETIONS, CHAT, RESPONSES, CLAUDE, GEMINI),
}
DEFAULT_NAMES = frozenset({"", "smart", "default"})
ALIAS_PREFIX = "alias:"
NEAREST = 5
_WILD = re.compile(r"[*?]")
_WINDOW = re.compile(r"\[1m\]$", re.IGNORECASE)

type Tier = Literal["primary", "fallback"]
type Kind = Literal["direct", "alias", "bare-model"]


class UnknownModel(Exception):
    """Nothing has this name; `nearest` are the names that come closest."""

    def __init__(self, name: str, nearest: list[str]) -> None:
        hint = f" (near it: {', '.join(nearest)})" if nearest else ""
        super().__init__(f"no model or alias is called {name!r}{hint}")
        self.name = name
        self.nearest = nearest


class NoCandidate(Exception):
    """The name is known, but nothing behind it can be asked; the text says why."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A line of the model list. `created` is in Unix seconds."""

    id: str
    owner: str
    created: int
    context_window: int | None


def model_ids(plan: Plan) -> list[ModelEntry]:
    """Everything that a client can ask for by name: aliases (globs aside), then `provider/model`."""
    aliases = [ModelEntry(name, "llr", 0, None) for name in plan.aliases if not _WILD.search(name)]
    models = [
        ModelEntry(f"{provider.id}/{model.id}", provider.id, 0, model.context_window)
        for provider in plan.providers
        for model in provider.models
    ]
    return aliases + models


def resolve(plan: Plan, model: str | None, dialect: DialectName) -> Route:
    """The route of `model` for a client of `dialect`. Raises UnknownModel or NoCandidate."""
    name = (model or "").strip()
    route = _found(plan, name, dialect)
    if route is None:
        known = [entry.id for entry in model_ids(plan)] + [m.id for p in plan.providers for m in p.models]
        raise UnknownModel(name, difflib.get_close_matches(name, dict.fromkeys(known), n=NEAREST, cutoff=0.4))
    if not route.candidates:
        why = "; ".join(route.skipped) or "it has no targets"
        raise NoCandidate(f"nothing behind {name or 'the default route'!r} can be asked: {why}")
    return replace(route, requested=model or "")


def is_known(plan: Plan, model: str, dialect: DialectName) -> bool:
    """Whether `resolve` knows the name, though nobody may be there to answer. Without a search for what comes near."""
    try:
        return _found(plan, model.strip(), dialect) is not None
    except NoCandidate:
        return True


def _found(plan: Plan, name: str, dialect: DialectName) -> Route | None:
    route = _find(plan, name, dialect)
    if route is None and _WINDOW.search(name):
        return _find(plan, _WINDOW.sub("", name), dialect)
    return route


def _find(plan: Plan, name: str, dialect: DialectName) -> Route | None:
    if name in DEFAULT_NAMES:
        return _default(plan, name, dialect)
    if name.startswith(ALIAS_PREFIX):
        alias = plan.aliases.get(name.removeprefix(ALIAS_PREFIX))
        return _alias_route(plan, alias, dialect) if alias else None
    direct = _direct(plan, name, dialect)
    if direct is not None:
        return direct
    alias = plan.aliases.get(name) or _glob(plan, name)
    if alias is not None:
        return _alias_route(plan, alias, dialect)
    return _bare(plan, name, dialect)


def _default(plan: Plan, name: str, dialect: DialectName) -> Route | None:
    """An alias `smart` (unless `default` is asked for by name), else `defaultModel`, else an alias `default`: so
    editing `defaultModel` takes effect although the predecessor left an alias `default` behind."""
    smart = plan.aliases.get("smart")
    if smart is not None and name != "default":
        return _alias_route(plan, smart, dialect)
    if plan.default_model and plan.default_model not in DEFAULT_NAMES:
        route = _find(plan, plan.default_model, dialect)
        if route is None:
            raise NoCandidate(f"defaultModel is {plan.default_model!r}, which is switched off or does not exist")
        return route
    alias = plan.aliases.get("default")
    if alias is not None and (alias.targets or alias.fallbacks):
        return _alias_route(plan, alias, dialect)
    raise NoCandidate("the request names no model, and the configuration has no defaultModel")


def _direct(plan: Plan, name: str, dialect: DialectName) -> Route | None:
    provider_id, slash, model_name = name.partition("/")
    provider = plan.provider(provider_id) if slash else None
    model = provider.model(model_name) if provider else None
    if provider is None or model is None:
        return None
    chosen = _Chosen(plan, dialect)
    group = chosen.with_fallbacks(provider, model)
    return chosen.route("direct", group.key, group)


def _alias_route(plan: Plan, alias: Alias, dialect: DialectName) -> Route:
    chosen = _Chosen(plan, dialect)
    return chosen.route("alias", alias.id, chosen.alias(alias, "primary"), alias)


def _bare(plan: Plan, name: str, dialect: DialectName) -> Route | None:
    found = _offers(plan, name)
    if not found:
        return None
    chosen = _Chosen(plan, dialect)
    return chosen.route("bare-model", name, chosen.models(name, found))


def _offers(plan: Plan, name: str) -> list[tuple[Provider, Model]]:
    """Who offers a model of this bare name: by its id first, then by an alias of it."""
    exact = [(p, m) for p in plan.providers for m in p.models if m.id == name]
    return exact + [(p, m) for p in plan.providers for m in p.models if name in m.aliases and m.id != name]


def _glob(plan: Plan, name: str) -> Alias | None:
    """The most specific glob alias: the most literal characters, then the fewest wildcards. A `[1m]` is left to the
    patterns that name it: `claude-*` must not keep `claude-x[1m]` from the exact alias `claude-x`."""
    fitting = [
        alias
        for pattern, alias in plan.aliases.items()
        if _WILD.search(pattern)
        and bool(_WINDOW.search(pattern)) >= bool(_WINDOW.search(name))
        and fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
    ]
    return max(fitting, key=lambda alias: _specificity(alias.id), default=None)


def _specificity(pattern: str) -> tuple[int, int]:
    wild = len(_WILD.findall(pattern))
    return len(pattern) - wild, -wild


class _Chosen:
    """Gathers candidates in order, each `provider/model` once, and the tree that they are balanced in."""

    def __init__(self, plan: Plan, dialect: DialectName) -> None:
        self._plan = plan
        self._dialect = dialect
        self._found: dict[str, Candidate] = {}
        self._skipped: dict[str, None] = {}

    def route(self, kind: Kind, ref: str, group: Group, alias: Alias | None = None) -> Route:
        candidates = tuple(self._found.values())
        return Route("", kind, ref, group.strategy, candidates, tuple(self._skipped), group, alias)

    def alias(self, alias: Alias, tier: Tier, inside: tuple[str, ...] = ()) -> Group:
        within = (*inside, alias.id)
        members = [member for target in alias.targets for member in self._target(target, tier, within)]
        fallbacks = [member for target in alias.fallbacks for member in self._target(target, "fallback", within)]
        return Group(alias.id, alias.strategy, tuple(members), tuple(fallbacks))

    def models(self, key: str, offers: Iterable[tuple[Provider, Model]], tier: Tier = "primary") -> Group:
        """Those that can be asked, in their order."""
        found = [self._candidate(provider, model, tier) for provider, model in offers]
        return Group(key, "ordered", tuple(Member(candidate) for candidate in found if candidate is not None))

    def with_fallbacks(self, provider: Provider, model: Model) -> Group:
        """One model by its full name, and its own fallbacks."""
        group = self.models(f"{provider.id}/{model.id}", [(provider, model)])
        targets = [Target(ref) for ref in model.fallbacks]
        return replace(
            group, fallbacks=tuple(each for target in targets for each in self._target(target, "fallback", ()))
        )

    def _target(self, target: Target, tier: Tier, inside: tuple[str, ...]) -> Iterator[Member]:
        """The member that a reference stands for; nothing when it leads nowhere."""
        ref = target.ref
        alias = self._plan.aliases.get(ref.removeprefix(ALIAS_PREFIX))
        provider_id, _, model_name = ref.partition("/")
        provider = self._plan.provider(provider_id)
        model = provider.model(model_name) if provider else None
        if provider is not None and model is not None:
            yield from (
                replace(each, weight=target.weight) for each in self.models(ref, [(provider, model)], tier).members
            )
        elif alias is not None and alias.id in inside:
            self._skip(alias.id, "the alias contains itself")
        elif alias is not None:
            yield Member(self.alias(alias, tier, inside), target.weight)
        elif offers := _offers(self._plan, ref):
            yield Member(self.models(ref, offers, tier), target.weight)
        else:
            self._skip(ref, "there is no such provider/model or alias, or it is switched off")

    def _candidate(self, provider: Provider, model: Model, tier: Tier) -> Candidate | None:
        ref = f"{provider.id}/{model.id}"
        if ref in self._found:
            return self._found[ref]
        offered = provider.dialects if model.dialects is None else model.dialects
        spoken = [name for name in PREFERENCE[self._dialect] if name in offered and name in provider.endpoints]
        if provider.key_problem:
            self._skip(ref, provider.key_problem)
        elif not spoken:
            self._skip(ref, "it is offered in no format that llr speaks")
        else:
            return self._found.setdefault(ref, Candidate(provider, model, spoken[0], tier, self._why(spoken[0])))
        return None

    def _why(self, dialect: DialectName) -> str:
        if dialect is self._dialect:
            return "same dialect: forwarded unchanged but for the model"
        return f"translated: {self._dialect} -> {dialect}"

    def _skip(self, ref: str, why: str) -> None:
        self._skipped[f"{ref}: {why}"] = None
