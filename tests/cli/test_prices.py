"""Specification of llr_cli/prices.py, against a library of the same form as genai-prices 0.2."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import ModuleType

import pytest

from addons.core.activity import Entry
from addons.core.events import Usage
from llr_cli.prices import prices


@dataclass
class Counted:
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


@dataclass
class Priced:
    total_price: Decimal


class Library(ModuleType):
    """Knows some models, each under the names in `known`: (provider or None, model)."""

    Usage = Counted

    def __init__(self, *known: tuple[str | None, str]) -> None:
        super().__init__("genai_prices")
        self.known = known
        self.asked: list[tuple[str | None, str, datetime]] = []

    def calc_price(
        self, usage: Counted, model_ref: str, *, provider_id: str | None = None, genai_request_timestamp: datetime
    ) -> Priced:
        self.asked.append((provider_id, model_ref, genai_request_timestamp))
        if usage.cache_read_tokens > usage.input_tokens:
            raise ValueError("more was read from the cache than went in")
        if (provider_id, model_ref) not in self.known:
            raise LookupError(model_ref)
        return Priced(Decimal(usage.input_tokens + 10 * usage.output_tokens) / 1000)


USAGE = Usage(100, 10)
type Install = Callable[..., Library]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    def installed(*known: tuple[str | None, str]) -> Library:
        library = Library(*known)
        monkeypatch.setitem(sys.modules, "genai_prices", library)
        return library

    return installed


def entry(served: str, usage: Usage = USAGE) -> Entry:
    return Entry("r", 1_700_000_000.0, served=served, usage=usage)


def cost(served: str, usage: Usage = USAGE) -> Decimal | None:
    price = prices()
    assert price is not None
    return price(entry(served, usage))


def test_without_the_library_there_are_no_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert prices() is None


@pytest.mark.parametrize(
    ("served", "known"),
    [
        ("anthropic/claude-x", ("anthropic", "claude-x")),
        ("mine/claude-x", (None, "claude-x")),
        ("openrouter/anthropic/claude-x", (None, "anthropic/claude-x")),
        ("gateway/anthropic/claude-x", (None, "claude-x")),
        ("openrouter/anthropic/claude-x:free", (None, "claude-x")),
    ],
)
def test_a_model_is_found_by_the_names_that_it_may_have(
    install: Install, served: str, known: tuple[str | None, str]
) -> None:
    install(known)
    assert cost(served) == Decimal("0.2")


def test_an_unknown_model_has_no_price(install: Install) -> None:
    install((None, "other"))
    assert cost("p/m") is None


def test_the_price_is_that_of_the_day_of_the_request(install: Install) -> None:
    library = install((None, "m"))
    cost("p/m")
    assert {asked[2].isoformat() for asked in library.asked} == {"2023-11-14T22:13:20+00:00"}


def test_counts_that_do_not_add_up_have_no_price_and_spoil_no_other(install: Install) -> None:
    install((None, "m"))
    price = prices()
    assert price is not None
    assert price(entry("p/m")) == Decimal("0.2")
    assert price(entry("p/m", Usage(1, 1, cache_read=5))) is None
    assert price(entry("p/m")) == Decimal("0.2")
