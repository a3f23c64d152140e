"""The words of the table: what a behaviour can come to, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from addons.core.model import DialectName

CLAUDE, CHAT, RESPONSES, GEMINI = (
    DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES, DialectName.GEMINI,
)  # fmt: skip
DIALECTS = (CLAUDE, CHAT, RESPONSES, GEMINI)

BOTH, STREAMED, WHOLE = (True, False), (True,), (False,)

type Dialects = DialectName | Iterable[DialectName]
type Pairs = Literal["all", "same", "other"]  # "other": the request is translated


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
    pairs: Pairs = "all"

    def covers(self, client: DialectName, provider: DialectName) -> bool:
        if client not in self.clients or provider not in self.providers:
            return False
        return self.pairs == "all" or (client is provider) == (self.pairs == "same")


@dataclass(frozen=True)
class Row:
    """`key` is the name of the function that tries the behaviour out; `modes`: streamed or not."""

    key: str
    title: str
    exceptions: tuple[But, ...] = ()
    modes: tuple[bool, ...] = BOTH

    def exception(self, client: DialectName, provider: DialectName) -> But | None:
        """The exception that a cell is; None for a plain yes."""
        return next((but for but in self.exceptions if but.covers(client, provider)), None)

    def outcome(self, client: DialectName, provider: DialectName) -> Outcome:
        but = self.exception(client, provider)
        return but.outcome if but is not None else Outcome.YES


def _some(dialects: Dialects) -> tuple[DialectName, ...]:
    return (dialects,) if isinstance(dialects, DialectName) else tuple(dialects)


def approximated(
    why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS, pairs: Pairs = "all"
) -> But:
    return But(Outcome.APPROXIMATED, why, _some(clients), _some(providers), pairs)


def refused(why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS, pairs: Pairs = "all") -> But:
    return But(Outcome.REFUSED, why, _some(clients), _some(providers), pairs)


def no_form(why: str, *, clients: Dialects = DIALECTS, providers: Dialects = DIALECTS, pairs: Pairs = "all") -> But:
    return But(Outcome.NONE, why, _some(clients), _some(providers), pairs)


def row(key: str, title: str, *exceptions: But, modes: tuple[bool, ...] = BOTH) -> Row:
    """A cell is YES unless an exception covers it; the first one that does counts."""
    return Row(key, title, exceptions, modes)
