"""What is kept or shared of a ledger besides counts, as text: rests, rotations, conversations, subscription windows."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from math import isfinite
from typing import Any, NamedTuple

from addons.core.cooldowns import Cooling
from addons.core.errors import ErrorClass
from addons.core.provider_limits import SubscriptionWindow
from addons.ledger import Ledger

WEEK = 7 * 86_400.0

type Place = tuple[str, str]  # its kind and its key


class Fact(NamedTuple):
    """`value` can be written as JSON; `until` in Unix seconds."""

    value: Any
    until: float


def cooling(found: Cooling) -> Fact:
    return Fact(str(found.cls), found.until)


def coolings(key: str, fact: Fact) -> list[Cooling]:
    """The rest that `fact` tells of; none when it makes no sense."""
    try:
        return [Cooling(key, _number(fact.until), ErrorClass(fact.value))]
    except (ValueError, TypeError):
        return []


def windows(found: tuple[SubscriptionWindow, ...]) -> Fact:
    """Forgotten with the last reset that is known."""
    return Fact([asdict(window) for window in found], max((window.resets_at or 0.0 for window in found), default=0.0))


def known(ledger: Ledger, now: float) -> Iterator[tuple[Place, Fact]]:
    """Everything that is to be kept of `ledger`."""
    for rest in ledger.health.resting(now):
        yield ("cooling", rest.key), cooling(rest)
    for group, currents in ledger.rotations.items():
        yield ("rotation", group), Fact(dict(currents), now + WEEK)
    for key, ref, until in ledger.bindings.items(now):
        yield ("binding", key), Fact(ref, until)
    for credential, found in ledger.windows.items():
        yield ("windows", credential), windows(found)


def restore(ledger: Ledger, place: Place, fact: Fact, now: float) -> None:
    """One fact of an earlier run. What the ledger has learnt meanwhile stays, what makes no sense is left out. A clock
    that was ahead when it was written binds nothing for longer than a week (promise 52)."""
    kind, key = place
    if fact.until <= now:
        return
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        match kind:
            case "cooling":
                ledger.health.cool(Cooling(key, fact.until, ErrorClass(fact.value)), now)
            case "rotation" if key not in ledger.rotations:
                ledger.rotations[key] = levels(fact.value)
            case "binding" if ledger.bindings.find((key,), now) is None:
                ledger.bindings.bind((key,), str(fact.value), now, min(fact.until - now, WEEK))
            case "windows" if key not in ledger.windows:
                ledger.windows[key] = tuple(_window(window) for window in fact.value)


def levels(value: Mapping[str, Any]) -> dict[str, float]:
    """Raises what a wrong type or number raises."""
    return {str(name): _number(level) for name, level in value.items()}


def said_windows(text: str) -> tuple[SubscriptionWindow, ...]:
    """Raises what a wrong type or number raises."""
    return tuple(_window(window) for window in json.loads(text))


def _window(value: Mapping[str, Any]) -> SubscriptionWindow:
    resets_at, length = value["resets_at"], value["length"]
    return SubscriptionWindow(
        str(value["name"]),
        _number(value["used"]),
        None if resets_at is None else _number(resets_at),
        None if length is None else _number(length),
    )


def _number(value: Any) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError(value)
    return number


class Elsewhere:
    """The rests that other routers tell of: learnt by this one, and ended when the others end them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen: set[str] = set()

    def told_others(self, keys: Iterable[str]) -> None:
        """This router's own rests of `keys` are shared: others may end them."""
        self._seen |= set(keys)

    def told(self, found: Collection[Cooling], mine: Collection[str], now: float) -> None:
        """`found` are all the rests that are shared, `mine` the keys of which this router has still something to say:
        what it has learnt itself is newer."""
        fresh = {rest.key: rest for rest in found if rest.until > now and rest.key not in mine}
        for rest in fresh.values():
            self._ledger.health.cool(rest, now)
        for key in self._seen - fresh.keys() - set(mine):
            self._ledger.health.warm(key)
        self._seen = set(fresh)
