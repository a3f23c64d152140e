"""What the router's own response headers mean, in words for people.

A header that addons/core/debug.py can write and that is not in HEADERS fails a test.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from addons.core.debug import PREFIX
from addons.core.errors import ErrorClass

# by the name without the beginning
HEADERS: Mapping[str, str] = {
    "request-id": "the id of the request: `llr logs --json` and the router's own log have it too",
    "requested-model": "the model's name as the client gave it",
    "route-type": "what the name was taken for: an alias, a model named with its provider, or a bare model name",
    "route-ref": "the alias or the provider/model that the name leads to",
    "route-strategy": "how its targets are put in order; (overridden): all of them rested, and one was asked anyway",
    "selected-candidate": "who answered, and the dialect that it was spoken to in",
    "credential": "the id of the key that was used, of a provider with several",
    "skipped-candidates": "who was not asked, and why",
    "attempts": "the attempts that failed before somebody answered",
    "losses": "fields of the request that the provider's dialect has no place for; answer.…: what the answer said and "
    "the client's has no place for (of a stream that is not known yet: the log has it)",
    "context-required": "the tokens that the request needs of a model's window, answer included",
    "context-hint-source": "where that number comes from",
    "context-risk": "whether the window of who answered is large enough; unknown: its size is not configured",
    "tool-types": "the types of the tools that the client offered",
    "tool-routing": "whether those tools were passed on as they were, or translated",
    "joined": "the answer of an equal request that was under way is shared",
    "timing": "how long it took until the answer, or the refusal, began",
    "estimate": "the count of tokens is the router's own estimate: the provider cannot count",
    "amp-detected": "the request was taken for one of AMP's",
    "amp-mode": "the mode of AMP that it belongs to",
    "amp-agent": "the agent of AMP that it comes from",
    "amp-application": "what AMP's agent wants the model for",
    "amp-requested-model": "the model's name as AMP gave it",
    "amp-matched-by": "which rule of the AMP configuration chose the route",
    "amp-matched-ref": "the alias or model that this rule names",
}
UNEXPLAINED = "a header of another version of llr"

# of those that were not asked; what follows a colon is a name
REASONS: Mapping[str, str] = {
    "quota-exhausted": "its limit is used up",
    "cooling": "it rests after a failure",
    "circuit-open": "it failed too often, and is tried again later",
    "busy": "as many requests as it may have are running",
    "context-too-small": "its window is too small for the request",
}

CLASSES: Mapping[ErrorClass, str] = {
    ErrorClass.NETWORK: "it could not be reached",
    ErrorClass.TIMEOUT: "it did not answer in time",
    ErrorClass.TRUNCATED: "its answer was cut off",
    ErrorClass.MALFORMED: "its answer could not be read",
    ErrorClass.RATE_LIMITED: "its rate limit was met",
    ErrorClass.OVERLOADED: "it has too much to do",
    ErrorClass.BILLING: "the account has no credit or quota left",
    ErrorClass.AUTH: "it does not accept the key",
    ErrorClass.FORBIDDEN: "the key may not do this",
    ErrorClass.POLICY: "its policy forbids the content",
    ErrorClass.MODEL_NOT_FOUND: "it does not know the model",
    ErrorClass.NOT_FOUND: "there is nothing at this address",
    ErrorClass.CONTEXT: "the request is too long for the model",
    ErrorClass.VRAM: "its memory is full",
    ErrorClass.TEMPORARY: "it had a fault of its own",
    ErrorClass.INVALID_REQUEST: "it does not accept the request",
    ErrorClass.NOT_SUPPORTED: "it cannot do what is asked for",
    ErrorClass.CONFIGURATION: "the router's configuration does not fit",
    ErrorClass.CLIENT: "the request cannot be understood",
    ErrorClass.UNKNOWN: "it failed, and nothing says why",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A header, what it means, and what each part of its value says."""

    name: str
    value: str
    meaning: str
    parts: tuple[str, ...] = ()


def explained(headers: Mapping[str, str]) -> list[Explained]:
    """The router's own among `headers`, in the order of HEADERS."""
    ours = {name.lower().removeprefix(PREFIX): value for name, value in headers.items() if is_ours(name)}
    order = [*(name for name in HEADERS if name in ours), *sorted(ours.keys() - HEADERS.keys())]
    return [
        Explained(f"{PREFIX}{name}", ours[name], HEADERS.get(name, UNEXPLAINED), _parts(name, ours[name]))
        for name in order
    ]


def is_ours(name: str) -> bool:
    return name.lower().startswith(PREFIX)


def _parts(name: str, value: str) -> tuple[str, ...]:
    tell = _PARTS.get(name)
    return () if tell is None else tuple(tell(value))


# a value may have been cut in the middle of its last part
_ATTEMPT = re.compile(r"(?P<ref>.+):(?P<status>\d{3})/(?P<cls>[a-z_]+)#(?P<number>\d+)")
_SKIPPED = re.compile(rf"(?P<ref>.+?):(?P<reason>{'|'.join(REASONS)})(?::(?P<name>.+))?")


def _attempts(value: str) -> Iterator[str]:
    for part in value.split(", "):
        found = _ATTEMPT.fullmatch(part)
        if found is None:
            yield part
            continue
        known = found["cls"] in {str(cls) for cls in ErrorClass}
        why = CLASSES[ErrorClass(found["cls"])] if known else found["cls"]
        yield f"{found['ref']}, try {found['number']}: {why} (told as {found['status']})"


def _skipped(value: str) -> Iterator[str]:
    for part in value.split(", "):
        found = _SKIPPED.fullmatch(part)
        if found is None:
            yield part
        else:
            named = f" ({found['name']})" if found["name"] else ""
            yield f"{found['ref']}: {REASONS[found['reason']]}{named}"


_PARTS: Mapping[str, Callable[[str], Iterator[str]]] = {"attempts": _attempts, "skipped-candidates": _skipped}
