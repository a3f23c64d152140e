"""What a client asks for, and what of it goes to one candidate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from addons.core import jsonio
from addons.core.client_words import in_client_words
from addons.core.effort_headers import with_effort
from addons.core.errors import BadRequest
from addons.core.http import Ask
from addons.core.mends import Body
from addons.core.model import NO_EXTRAS, DialectName, Effort, Extras, Loss, Request
from addons.core.plan import Candidate
from addons.core.rectify import Remembered, loss
from addons.core.splice import JsonObject
from addons.core.tools import ToolNames
from addons.dialects import DIALECTS
from addons.dialects.base import Dialect

# The fields that a capability switched off (`capabilities` of a model) takes out of the body.
CAPABILITY_FIELDS: Mapping[str, frozenset[str]] = {
    "supportsReasoning": frozenset({"reasoning_effort", "reasoning"}),
    "supportsThinking": frozenset({"thinking"}),
    "supportsResponseFormat": frozenset({"response_format"}),
    "supportsLogprobs": frozenset({"logprobs", "top_logprobs"}),
    "supportsServiceTier": frozenset({"service_tier"}),
    "supportsPrediction": frozenset({"prediction", "predicted_output"}),
    "supportsStreamOptions": frozenset({"stream_options"}),
}
# its requests name neither the model nor the way of answering: the path does
_MODEL_IN_PATH = frozenset({DialectName.GEMINI})


@dataclass(slots=True)
class Job:
    """What a client asks for, as far as the router has understood it. `model` and `stream` come from the body or from
    the path. `expanded` is the body with what the router has stored of its conversation, and `answer` is that of the
    request. The canonical request is parsed once, and only when some candidate speaks another dialect."""

    ask: Ask
    dialect: Dialect
    body: JsonObject
    model: str
    stream: bool
    expanded: Body | None = None
    answer: Extras = NO_EXTRAS
    # what the client is known to expect: a window of so many tokens, and an effort where it asks for none
    at_least: int = 0
    effort: Effort | None = None
    _parsed: Request | None = field(default=None, init=False)

    @property
    def value(self) -> Body:
        """The body, whole."""
        return self.body.value if self.expanded is None else self.expanded

    def request(self) -> Request:
        """Raises BadRequest."""
        if self._parsed is None:
            if jsonio.is_deep(self.value):
                raise BadRequest("", "the JSON body is nested too deeply")
            parsed = self.dialect.parse_request(
                {**self.value, "model": self.model, "stream": self.stream}
                if self.dialect.name in _MODEL_IN_PATH
                else self.value
            )
            parsed = with_effort(parsed, self.ask.headers, self.effort)
            self._parsed = replace(parsed, answer=self.answer) if self.answer else parsed
        return self._parsed

    def stays_in_dialect(self, candidate: Candidate) -> bool:
        return self.dialect.name is candidate.dialect


@dataclass(frozen=True, slots=True)
class Draft:
    """The request to one candidate, before it is sent: `value` is its body. `original` is set when the body is the
    client's own: then only what differs from it is written anew. `headers` are those that the body needs."""

    value: Body
    names: ToolNames
    losses: tuple[Loss, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    original: JsonObject | None = None

    def data(self) -> bytes:
        """The body as it is sent."""
        if self.original is None:
            return jsonio.dumps(self.value)
        known = self.original.value
        changes = {key: item for key, item in self.value.items() if known.get(key, _ABSENT) is not item}
        return self.original.bytes_with(changes, frozenset(known.keys() - self.value.keys()))

    def mended(self, value: Body, mends: list[tuple[str, str]]) -> "Draft":
        """The same with `value` for a body, and `mends` told as losses."""
        told = tuple(found for mend in mends if (found := loss(mend)) not in self.losses)
        return replace(self, value=value, losses=self.losses + tuple(dict.fromkeys(told)))


_ABSENT = object()


def draft(job: Job, candidate: Candidate, request: Request | None, remembered: Remembered) -> Draft:
    """What `candidate` is asked; `request` is the canonical form when it speaks another dialect than the client.
    Raises BadRequest."""
    found = _own(job, candidate) if request is None else _foreign(request, candidate)
    disabled = candidate.model.disabled_capabilities
    off = {name for capability in disabled for name in CAPABILITY_FIELDS.get(capability, ())} & found.value.keys()
    if off:
        kept = {key: item for key, item in found.value.items() if key not in off}
        dropped = tuple(Loss(name, "the model's capabilities exclude it") for name in sorted(off))
        found = replace(found, value=kept, losses=found.losses + dropped)
    value, mends = remembered.apply(target(candidate), found.value)
    return found.mended(value, mends) if mends else found


def target(candidate: Candidate) -> str:
    """What is learnt about, when a candidate refuses something."""
    return f"{candidate.ref} {candidate.dialect}"


def _own(job: Job, candidate: Candidate) -> Draft:
    value: dict[str, Any] = dict(job.value)
    if candidate.dialect not in _MODEL_IN_PATH:
        value["model"] = candidate.model.id
    elif "model" in value or "stream" in value:  # said to the unified endpoint, and no fields of the dialect
        value = {key: item for key, item in value.items() if key not in ("model", "stream")}
    changes, losses = job.dialect.residue(job.body.raw, job.value)
    return Draft(value | changes, ToolNames(()), tuple(losses), original=job.body)


def _foreign(request: Request, candidate: Candidate) -> Draft:
    names = ToolNames.of(request)
    rendered = DIALECTS[candidate.dialect].render_request(request, candidate.model.traits, names)
    losses = tuple(in_client_words(each, request.dialect) for each in rendered.losses)
    return Draft(rendered.body, names, losses, rendered.headers)
