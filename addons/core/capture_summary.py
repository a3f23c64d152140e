"""What a capture amounts to: the model labels that were asked for, and the counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1
_CONTEXT = ("mode", "feature", "forced", "entity")
_OBSERVED = ("tool", *_CONTEXT, "model")


@dataclass(slots=True)
class Observed:
    """One model label, as one tool asks for it on one occasion. `verdict` is the latest."""

    client: str
    first: str
    last: str
    requests: int = 0
    failed: int = 0
    paths: set[str] = field(default_factory=set)
    verdict: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Summary:
    """Folds lines, one after another."""

    requests: int = 0
    failed: int = 0
    first: str = ""
    last: str = ""
    tools: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    models: dict[tuple[str, ...], Observed] = field(default_factory=dict)

    def add(self, value: Mapping[str, Any]) -> None:
        """Counts one line."""
        response, routed, time = value["response"], value["routed"], str(value.get("time", ""))
        bad = has_failed(response)
        self.requests += 1
        self.failed += bad
        self.first = min(filter(None, (self.first, time)), default="")
        self.last = max(self.last, time)
        self.tools[str(value.get("tool"))] += 1
        self.statuses[str(response.get("status"))] += 1
        if routed.get("served"):
            self.served[routed["served"]] += 1
        self.errors.update(each for each in (response.get("error"), response.get("broken")) if each)
        self.losses.update(routed.get("losses") or ())
        self.tokens.update({name: n for name, n in (response.get("tokens") or {}).items() if isinstance(n, int)})
        if value.get("requested"):
            self._observe(value, time, bad)

    def _observe(self, value: Mapping[str, Any], time: str, bad: bool) -> None:
        context = value["context"]
        key = (
            str(value.get("tool")),
            *(str(context.get(name, "")) for name in _CONTEXT),
            str(value["requested"]),
        )
        seen = self.models.setdefault(key, Observed(str(value.get("client")), time, time))
        seen.requests += 1
        seen.failed += bad
        seen.first, seen.last = min(seen.first, time), max(seen.last, time)
        seen.paths.add(str(value["request"].get("path")))
        seen.verdict = value.get("verdict") or seen.verdict

    def as_json(self) -> dict[str, Any]:
        """`summary.json`."""
        return {
            "v": SCHEMA,
            "requests": self.requests,
            "failed": self.failed,
            "first": self.first,
            "last": self.last,
            "models": len({key[-1] for key in self.models}),
            **{
                name: dict(getattr(self, name).most_common())
                for name in ("tools", "statuses", "served", "errors", "losses")
            },
            "tokens": dict(self.tokens),
        }

    def models_as_json(self) -> dict[str, Any]:
        """`observed-models.json`: one entry for each tool, mode, feature, forced tool, entity and label."""
        entries = [
            {
                **dict(zip(_OBSERVED, key, strict=True)),
                "client": seen.client,
                "requests": seen.requests,
                "failed": seen.failed,
                "first": seen.first,
                "last": seen.last,
                "paths": sorted(seen.paths),
                "verdict": seen.verdict,
            }
            for key, seen in sorted(self.models.items())
        ]
        return {"v": SCHEMA, "models": entries}


def has_failed(response: Mapping[str, Any]) -> bool:
    """Whether a client that waited got no whole answer."""
    status = response.get("status")
    if status == 499:
        return False
    bad = isinstance(status, int) and status >= 400
    return bad or bool(response.get("error")) or bool(response.get("broken"))
