"""The expectation: what every behaviour comes to, for every client and provider. Data alone; docs/capabilities.md is
made of it, and tests/system/test_capabilities.py holds the router to it.

A cell is YES unless a row says otherwise; of several rows the first that matches counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI,
)  # fmt: skip
DIALECTS = (CLAUDE, CHAT, RESPONSES, GEMINI)

type Dialects = DialectName | Iterable[DialectName]


class Outcome(StrEnum):
    YES = "yes"
    APPROXIMATED = "approximated"  # by another means, or with a part of it on the list of losses
    REFUSED = "refused"  # with a 400 that says why; nothing is sent
    NONE = "none"  # the client or the provider has no form for it: there is nothing to carry


@dataclass(frozen=True)
class But:
    """An exception: these clients with these providers come to `outcome`, because of `why`."""

    outcome: Outcome
    why: str
    clients: tuple[DialectName, ...] = DIALECTS
    providers: tuple[DialectName, ...] = DIALECTS


@dataclass(frozen=True)
class Row:
    """`key` is the name of the function that tries the behaviour out."""

    key: str
    title: str
    exceptions: tuple[But, ...] = ()

    def exception(self, client: DialectName, provider: DialectName) -> But | None:
        """The exception that a cell is; None for a plain yes."""
        return next((but for but in self.exceptions if client in but.clients and provider in but.providers), None)

    def outcome(self, client: DialectName, provider: DialectName) -> Outcome:
        but = self.exception(client, provider)
        return but.outcome if but is not None else Outcome.YES


def _some(dialects: Dialects) -> tuple[DialectName, ...]:
    return (dialects,) if isinstance(dialects, DialectName) else tuple(dialects)


def approximated(why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS) -> But:
    return But(Outcome.APPROXIMATED, why, _some(clients), _some(providers))


def refused(why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS) -> But:
    return But(Outcome.REFUSED, why, _some(clients), _some(providers))


def no_form(why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS) -> But:
    return But(Outcome.NONE, why, _some(clients), _some(providers))


TABLE: dict[str, tuple[Row, ...]] = {
    "Text": (
        Row("plain_text", "Text"),
        Row("system_prompt", "System prompt"),
    ),
    "Tools": (Row("tool_call", "Tool call"),),
}
