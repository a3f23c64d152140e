"""Specification of llr_cli/prices.py with the real library and its own lists.

Prices change, so it is told what they have to do with each other, and not what they are.
"""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from addons.core.activity import Entry, as_line
from addons.core.events import Usage
from llr_cli.main import app
from llr_cli.prices import prices

AT = datetime(2025, 11, 1, tzinfo=UTC).timestamp()
SONNET = "anthropic/claude-sonnet-4-5-20250929"
THOUSAND = 1_000


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("prices come with the library")

    monkeypatch.setattr(socket.socket, "connect", refused)


def cost(served: str, **usage: int) -> Decimal | None:
    price = prices()
    assert price is not None
    return price(Entry("req_1", AT, served=served, usage=Usage(**usage)))


def known(served: str, **usage: int) -> Decimal:
    found = cost(served, **usage)
    assert found is not None and found > 0
    return found


def test_output_costs_more_than_input() -> None:
    assert known(SONNET, output=THOUSAND) > known(SONNET, input=THOUSAND)


def test_what_was_cached_is_a_cheaper_share_of_what_went_in() -> None:
    whole, cached = known(SONNET, input=THOUSAND), known(SONNET, input=THOUSAND, cache_read=THOUSAND)
    assert cached < whole / 2
    assert known(SONNET, input=2 * THOUSAND, cache_read=THOUSAND) == whole + cached


def test_what_was_written_to_the_cache_is_a_dearer_share_of_what_went_in() -> None:
    whole, written = known(SONNET, input=THOUSAND), known(SONNET, input=THOUSAND, cache_write=THOUSAND)
    assert whole < written < 2 * whole


@pytest.mark.parametrize(
    ("served", "same"),
    [
        ("mine/claude-sonnet-4-5", SONNET),
        ("openrouter/anthropic/claude-sonnet-4.5", SONNET),
        ("mine/gpt-5", "openai/gpt-5"),
        ("gateway/openai/gpt-5-mini", "openai/gpt-5-mini"),
    ],
)
def test_a_model_costs_the_same_whatever_its_provider_is_called(served: str, same: str) -> None:
    assert known(served, input=THOUSAND) == known(same, input=THOUSAND)


@pytest.mark.parametrize("served", ["p/never-heard-of-it", "p/", "/", "anthropic/m"])
def test_an_unknown_model_has_no_price(served: str) -> None:
    assert cost(served, input=THOUSAND) is None


def test_counts_that_do_not_add_up_have_no_price() -> None:
    assert cost(SONNET, input=1, cache_read=5) is None


type Stats = Callable[..., str]


@pytest.fixture
def stats(tmp_path: Path) -> Stats:
    usage = Usage(10 * THOUSAND, THOUSAND, cache_read=5 * THOUSAND)
    lines = [as_line(Entry(f"req_{n}", AT, served=served, usage=usage)) for n, served in enumerate((SONNET, "p/own"))]
    (tmp_path / "activity.jsonl").write_bytes(b"".join(lines))

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["stats", *words], env={"LLM_ROUTER_STATE_DIR": str(tmp_path), "COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_the_costs_are_shown_where_they_are_known(stats: Stats) -> None:
    shown = stats()
    (row,) = (line for line in shown.splitlines() if SONNET in line)
    assert "$" in row and "answers without a price there: 1" in shown
    (own,) = (line for line in shown.splitlines() if "p/own" in line)
    assert "$" not in own


def test_the_costs_are_numbers_for_programs(stats: Stats) -> None:
    found = json.loads(stats("--json"))
    expected = known(SONNET, input=10 * THOUSAND, output=THOUSAND, cache_read=5 * THOUSAND)
    assert found["total"]["cost"] == float(expected) and found["total"]["unpriced"] == 1
