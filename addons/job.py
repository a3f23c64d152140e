"""What a client asks for, and what of it goes to one candidate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from addons.continued import SPELT_OUT, Continued, refuses_ids
from addons.core import jsonio
from addons.core.client_words import in_client_words
from addons.core.effort_headers import with_effort
from addons.core.errors import BadRequest, ErrorInfo
from addons.core.http import Ask
from addons.core.mends import Body
from addons.core.model import NO_EXTRAS, DialectName, Effort, Extras, Loss, Request
from addons.core.plan import Candidate
from addons.core.rectify import Remembered, loss, remedy
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
    the path. `continued` is what the router knows of its conversation, and `answer` is that of the request. The
    canonical request is parsed once, and only when some candidate speaks another dialect."""

    ask: Ask
    dialect: Dialect
    body: JsonObject
    model: str
    stream: bool
    continued: Continued | None = None
    answer: Extras = NO_EXTRAS
    # what the client is known to expect: a window of so many tokens, and an effort where it asks for none
    at_least: int = 0
    effort: Effort | None = None
    _parsed: Request | None = field(default=None, init=False)

    @property
    def value(self) -> Body:
        """The body, whole."""
        return self.body.value if self.continued is None else self.continued.whole

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
    client's own: then only what differs from it is written anew. `headers` are those that the body needs. `bare`:
    nothing is named that the provider should remember."""

    value: Body
    names: ToolNames
    losses: tuple[Loss, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    original: JsonObject | None = None
    bare: bool = True

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


def draft(
    job: Job, candidate: Candidate, request: Request | None, remembered: Remembered, *, bare: bool = False
) -> Draft:
    """What `candidate` is asked; `request` is the canonical form when it speaks another dialect than the client.
    `bare`: it has refused what the request goes on from. Raises BadRequest."""
    if request is None:
        found = _own(job, candidate, bare=bare or remembered.knows(target(candidate), SPELT_OUT))
    else:
        found = _foreign(request, candidate)
    disabled = candidate.model.disabled_capabilities
    off = {name for capability in disabled for name in CAPABILITY_FIELDS.get(capability, ())} & found.value.keys()
    if off:
        kept = {key: item for key, item in found.value.items() if key not in off}
        dropped = tuple(Loss(name, "the model's capabilities exclude it") for name in sorted(off))
        found = replace(found, value=kept, losses=found.losses + dropped)
    value, mends = remembered.apply(target(candidate), found.value)
    return found.mended(value, mends) if mends else found


def remedied(
    prepared: Draft, job: Job, candidate: Candidate, refused: ErrorInfo, remembered: Remembered
) -> tuple[Draft, list[tuple[str, str]]] | None:
    """What `candidate` might take after it has refused `prepared`, and the mends that are to be remembered if it does;
    None: nothing is known to help."""
    if not prepared.bare and refuses_ids(refused):
        return draft(job, candidate, None, remembered, bare=True), [SPELT_OUT]
    found = remedy(candidate.dialect, prepared.value, refused)
    return None if found is None else (prepared.mended(*found), found[1])


def target(candidate: Candidate) -> str:
    """What is learnt about, when a candidate refuses something."""
    return f"{candidate.ref} {candidate.dialect}"


def _own(job: Job, candidate: Candidate, *, bare: bool) -> Draft:
    told: tuple[Mapping[str, Any], tuple[Loss, ...]] = job.value, ()
    if job.continued is not None:
        told = job.continued.told(candidate.provider.id, keeps=candidate.memory == "keeps", bare=bare)
    value: dict[str, Any] = dict(told[0])
    if candidate.dialect not in _MODEL_IN_PATH:
        value["model"] = candidate.model.id
    elif "model" in value or "stream" in value:  # said to the unified endpoint, and no fields of the dialect
        value = {key: item for key, item in value.items() if key not in ("model", "stream")}
    changes, losses = job.dialect.residue(job.body.raw, value)
    return Draft(
        value | changes,
        ToolNames(()),
        (*told[1], *losses),
        original=job.body,
        bare=bare or job.continued is None,
    )


def _foreign(request: Request, candidate: Candidate) -> Draft:
    names = ToolNames.of(request)
    rendered = DIALECTS[candidate.dialect].render_request(request, candidate.model.traits, names)
    losses = tuple(in_client_words(each, request.dialect) for each in rendered.losses)
    return Draft(rendered.body, names, losses, rendered.headers)
