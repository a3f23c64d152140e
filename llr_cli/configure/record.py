"""What trials say about a provider, as the predecessor keeps it in `lastProbe`, and what follows for its formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from addons.config.models import ModelNode, ProviderNode
from llr_cli.configure import places
from llr_cli.configure.providers import as_object
from llr_cli.configure.spelling import place, write
from llr_cli.configure.text import MISSING, Config
from llr_cli.configure.trial import Trial

CLAUDE = "claude"


@dataclass(frozen=True, slots=True)
class Record:
    """`trials` of one provider; `at` in Unix seconds."""

    trials: tuple[Trial, ...]
    at: float

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(trial.model for trial in self.trials))

    @property
    def formats(self) -> list[str]:
        """Those that work for some model, in the order in which they were tried."""
        tried = dict.fromkeys(trial.format for trial in self.trials)
        return [word for word in tried if any(trial.ok and trial.format == word for trial in self.trials)]

    def supported(self, model: str) -> list[str]:
        return list(dict.fromkeys(trial.format for trial in self.trials if trial.ok and trial.model == model))

    @property
    def failing(self) -> list[str]:
        """The models that answer in no format."""
        return [model for model in self.models if not self.supported(model)]

    def preferred(self, model: str) -> str | None:
        """Claude's own format for its own models, else the first that works."""
        found = self.supported(model)
        return CLAUDE if CLAUDE in found and CLAUDE in model.lower() else next(iter(found), None)

    def bases(self) -> dict[str, str]:
        """The endpoint of each format that works, where several endpoints were on trial."""
        found: dict[str, str] = {}
        for trial in self.trials:
            if trial.ok and trial.endpoint:
                found.setdefault(trial.format, trial.endpoint)
        return found

    def as_json(self) -> dict[str, Any]:
        """Source: the members of the predecessor's `lastProbe`."""
        return {
            "at": datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ok": not self.failing,
            "formats": self.formats,
            "workingFormats": self.formats,
            "models": [model for model in self.models if self.supported(model)],
            "modelSupport": {model: self.supported(model) for model in self.models},
            "modelPreferredFormat": {model: word for model in self.models if (word := self.preferred(model))},
            "endpointMatrix": [_entry(trial) for trial in self.trials],
            "warnings": [f"{trial.model} in {trial.format}: {trial.text}" for trial in self.trials if not trial.ok],
        }


def recorded(config: Config, provider_id: str, record: Record, *, formats: bool) -> Config:
    """With what was found in `lastProbe`; with `formats` also as the formats of the provider, and of each model that
    speaks fewer."""
    path = places.provider(config, provider_id)
    config = write(config, path, ProviderNode, "last_probe", record.as_json())
    if not formats or not record.formats:
        return config
    config = write(config, path, ProviderNode, "format", MISSING)
    config = write(config, path, ProviderNode, "formats", record.formats)
    for name, where in places.models(config, path).items():
        own = record.supported(name)
        if own and set(own) < set(record.formats):
            config = write(as_object(config, where), where, ModelNode, "formats", own)
        elif own and isinstance(config.get(where), dict):
            config = write(config, where, ModelNode, "formats", MISSING)
    return _with_bases(config, path, record.bases())


def _with_bases(config: Config, path: Any, bases: dict[str, str]) -> Config:
    """One base URL for every format, or one for each."""
    if len(set(bases.values())) == 1:
        return write(config, path, ProviderNode, "base_url", next(iter(bases.values())))
    for word, url in bases.items():
        config = config.set((*place(config, path, ProviderNode, "base_url_by_format"), word), url)
    return config


def rows(trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    return [
        (each.model, each.format, "works" if each.ok else str(each.kind), _status(each), each.text) for each in trials
    ]


def _status(trial: Trial) -> str:
    return f"{trial.status} in {trial.seconds:.1f} s" if trial.status else "no answer"


def _entry(trial: Trial) -> dict[str, Any]:
    found = {"model": trial.model, "format": trial.format, "endpoint": trial.url, "ok": trial.ok}
    return found | {"status": trial.status} | ({} if trial.ok else {"error": trial.kind, "message": trial.text})
