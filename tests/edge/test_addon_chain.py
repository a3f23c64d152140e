"""Specification of addons/edge/addon_chain.py: who is told of a hook, and who is not even looked at."""

import pytest
from mitmproxy import exceptions, options
from mitmproxy.master import Master
from mitmproxy.proxy.layers.http import HttpRequestHook
from mitmproxy.test import tflow

from addons.edge.addon_chain import AddonChain

type Heard = list[str]


class Deaf:
    """Listens to nothing; it counts how often it is looked at for a request."""

    def __init__(self) -> None:
        self.looks = 0

    def __getattr__(self, name: str) -> object:
        self.looks += name == "request"
        raise AttributeError(name)


class Told:
    def __init__(self, name: str, heard: Heard, problem: Exception | None = None) -> None:
        self.name = name
        self._heard = heard
        self._problem = problem

    def request(self, flow: object) -> None:
        self._heard.append(self.name)
        if self._problem is not None:
            raise self._problem


class ToldLater(Told):
    async def request(self, flow: object) -> None:  # type: ignore[override]
        super().request(flow)


class Above:
    def __init__(self, *addons: object) -> None:
        self.addons = addons


def added(*addons: object) -> AddonChain:
    found = AddonChain(Master(options.Options()))
    found.add(*addons)  # type: ignore[no-untyped-call]
    return found


async def ask(addons: AddonChain) -> None:
    await addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))


async def test_those_who_listen_are_told_in_order() -> None:
    heard: Heard = []
    await ask(added(Told("one", heard), Deaf(), Above(ToldLater("two", heard)), Told("three", heard)))
    assert heard == ["one", "two", "three"]


async def test_who_does_not_listen_is_looked_at_once() -> None:
    deaf = Deaf()
    addons = added(deaf)
    await ask(addons)
    looks = deaf.looks
    await ask(addons)
    assert deaf.looks == looks == 1


async def test_who_comes_or_goes_is_known_at_once() -> None:
    heard: Heard = []
    first, second = Told("one", heard), Told("two", heard)
    addons = added(first)
    await ask(addons)
    addons.add(second)  # type: ignore[no-untyped-call]
    await ask(addons)
    addons.remove(first)  # type: ignore[no-untyped-call]
    await ask(addons)
    assert heard == ["one", "one", "two", "two"]


@pytest.mark.parametrize(
    ("problem", "told"), [(ValueError("broken"), ["one", "two"]), (exceptions.AddonHalt(), ["one"])]
)
async def test_one_that_fails_keeps_it_from_nobody_unless_it_means_to(problem: Exception, told: Heard) -> None:
    heard: Heard = []
    await ask(added(Told("one", heard, problem), Told("two", heard)))
    assert heard == told
