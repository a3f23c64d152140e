"""What a field becomes in another dialect: the words of the fidelity table."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    SAME = "same"  # the same path and value
    MAPPED = "mapped"  # says the same under another name or in another form
    APPROXIMATED = "approximated"  # says nearly the same
    LOST = "lost"  # nothing of it is sent
    HANDLED = "handled"  # the router itself does what it asks for
    FAILED = "failed"  # of an answer: it is none, and another provider is asked


class Anything:
    """Stands for any value that is there."""


@dataclass(frozen=True, slots=True)
class Words:
    """Stands for any text that holds `text`."""

    text: str


SAMPLE = object()
ANYTHING = Anything()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`to` is the path in the target's body ("" is the row's own) and `value` what stands there (the row's sample, if
    unsaid). `told`: it is on the list of losses; `content`: as what the model should have read, which refuses the
    request without leave. `model` is a provider's model for which this holds, when it does not for every one."""

    kind: Kind
    to: str = ""
    why: str = ""
    value: Any = SAMPLE
    told: bool = False
    content: bool = False
    model: str | None = None


def same(*, model: str | None = None) -> Outcome:
    return Outcome(Kind.SAME, model=model)


def mapped(to: str, value: Any = SAMPLE, why: str = "", *, model: str | None = None) -> Outcome:
    return Outcome(Kind.MAPPED, to, why, value, model=model)


def approximated(
    to: str, value: Any, why: str, *, told: bool = False, content: bool = False, model: str | None = None
) -> Outcome:
    return Outcome(Kind.APPROXIMATED, to, why, value, told or content, content, model)


def lost(why: str, *, model: str | None = None) -> Outcome:
    """A tuning knob that is dropped, and told."""
    return Outcome(Kind.LOST, why=why, told=True, model=model)


def unsent(why: str, *, model: str | None = None) -> Outcome:
    """Content that cannot be said: without leave the request is refused."""
    return Outcome(Kind.LOST, why=why, told=True, content=True, model=model)


def gone(why: str) -> Outcome:
    """Of an answer: the client does not see it, and the loss is told."""
    return Outcome(Kind.LOST, why=why, told=True)


def failed(why: str) -> Outcome:
    """The answer counts as a failure of its provider."""
    return Outcome(Kind.FAILED, why=why)


def handled(why: str) -> Outcome:
    """Nothing of it is sent and nothing is lost."""
    return Outcome(Kind.HANDLED, why=why)
