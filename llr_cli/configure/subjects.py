"""Providers as the router would see them, saved or not, for those who call them."""

from collections.abc import Mapping
from dataclasses import dataclass

from addons.config import ConfigProblem, load
from addons.config.document import INLINE
from addons.config.models import ModelNode, ProviderNode
from addons.core.plan import Candidate, Provider
from llr_cli.configure import places, providers
from llr_cli.configure.call import Call
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.spelling import write
from llr_cli.configure.text import MISSING, Config
from llr_cli.tools.spans.common import BOM

# tried where nobody says what a provider speaks
FORMATS = ("openai", "openai-responses", "claude")
GOOGLE_FORMATS = ("gemini", "openai")
GOOGLE = "generativelanguage.googleapis.com"
UNSAVED = "unsaved"
# stands for the models of a provider that are not known yet
NO_MODEL = "-"


@dataclass(frozen=True, slots=True)
class Subject:
    """A provider; `endpoint` is the base URL that is on trial, where several are."""

    provider: Provider
    endpoint: str = ""

    def candidates(self, models: list[str] | None) -> list[Candidate]:
        """Every model (or these) in every format that it speaks."""
        return [
            Candidate(self.provider, model, dialect)
            for model in self.provider.models
            if models is None or model.id in models
            for dialect in self.provider.dialects
            if dialect in self.provider.endpoints and (model.dialects is None or dialect in model.dialects)
        ]


def of_call(call: Call, *, every_format: bool, saving: bool = False) -> tuple[Config, str, list[Subject]]:
    """The configuration with the provider in it that the flags mean, its id, and how to reach it. One that is not
    saved is told by its endpoints. `saving`: the models that are given are those that it will have. Raises Refused."""
    given = call.given
    config = call.store.read()
    name = places.slug(str(given.get("provider-id") or ""))
    if name in places.providers(config):
        config = providers.edit(config, given if saving else given.without("models"))
    else:
        if not any(given.get(flag) for flag in ("preset", "endpoints", *providers.BASES, "base-url")):
            if name:
                places.provider(config, name)
            raise Misused("--provider-id is expected, or --endpoints, --base-url or --preset")
        name = name or UNSAVED
        config = providers.add(Config("{}\n"), Given({"models": [NO_MODEL], **given, "provider-id": name}))
    spoken = given.get("formats") or ([given["format"]] if given.get("format") else [])
    known = providers.known_formats(config, places.provider(config, name))
    if spoken or every_format or not known:
        config = speaking(config, name, spoken or formats_to_try(given))
    return config, name, subjects(config, name, given.get("endpoints") or [], call.env)


def formats_to_try(given: Given) -> list[str]:
    urls = " ".join(str(given.get(flag, "")) for flag in ("base-url", "endpoints", "gemini-base-url"))
    return list(GOOGLE_FORMATS if GOOGLE in urls else FORMATS)


def speaking(config: Config, name: str, formats: list[str]) -> Config:
    """With a provider whose every model is said to speak `formats`."""
    path = places.provider(config, name)
    config = write(config, path, ProviderNode, "format", MISSING)
    config = write(config, path, ProviderNode, "formats", formats)
    for where in places.models(config, path).values():
        if isinstance(config.get(where), dict):
            config = write(config, where, ModelNode, "formats", MISSING)
    return config


def subjects(config: Config, name: str, endpoints: list[str], env: Mapping[str, str]) -> list[Subject]:
    """The provider by each of its endpoints. Raises Refused when the router would not take it."""
    if len(endpoints) < 2:
        return [Subject(planned(config, name, env))]
    path = places.provider(config, name)
    return [Subject(planned(write(config, path, ProviderNode, "base_url", url), name, env), url) for url in endpoints]


def planned(config: Config, name: str, env: Mapping[str, str]) -> Provider:
    """The provider as the router sees it. Raises Refused."""
    alone = _alone(config, name)
    try:
        plan = load(None, {**env, INLINE[0]: alone.text.removeprefix(BOM)}).plan
    except ConfigProblem as problem:
        raise Refused(f"the provider {name!r} is not usable like this", problems=problem.problems) from problem
    found = plan.provider(name)
    if found is None:
        raise Refused(f"the provider {name!r} is left out by the router: it is switched off, or of a later version")
    return found


def _alone(config: Config, name: str) -> Config:
    """Nothing but the provider: what else is wrong does not matter here."""
    value = config.get(places.provider(config, name))
    kept = {key: item for key, item in value.items() if key not in ("rateLimits", "rate-limits")}
    models = kept.get("models")
    if isinstance(models, list):
        kept["models"] = [_without_fallbacks(each) for each in models]
    return Config("{}\n").set(("providers",), [kept])


def _without_fallbacks(model: object) -> object:
    if not isinstance(model, dict):
        return model
    return {key: item for key, item in model.items() if "allback" not in key}
