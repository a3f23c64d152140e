"""Specification of llr_cli/stats.py: what `llr stats` adds up."""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from addons.core.activity import Entry, as_line
from addons.core.activity_stats import Price
from addons.core.events import Usage
from addons.edge.appended import Appended, Rotation
from llr_cli import prices
from llr_cli.main import app

NOW = time.time()
USAGE = Usage(10_000, 500, cache_read=8000, reasoning=100)
ENTRIES = (
    Entry("req_1", NOW - 7200, "codex", served="p/m", first_event=0.2, total=2.0, usage=USAGE),
    Entry("req_2", NOW - 60, "codex", served="q/n", first_event=0.4, total=4.0, usage=USAGE, attempts=("p/m:529/x#1",)),
    Entry("req_3", NOW - 30, "pi", status=429, error="rate_limited", attempts=("p/m:429/x#1", "q/n:429/x#1")),
)


@pytest.fixture(autouse=True)
def without_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = Appended(tmp_path / "activity.jsonl", Rotation(2**30, 1))
    for entry in ENTRIES:
        file.append(as_line(entry))
    file.close()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    done = CliRunner().invoke(app, ["stats", *words], env={"LLM_ROUTER_STATE_DIR": str(folder), "NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    return done


def rows(folder: Path, *words: str) -> dict[str, list[str]]:
    """The cells of the table by the first one."""
    lines = [[cell for cell in line.split("  ") if cell.strip()] for line in run(folder, *words).stdout.splitlines()]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines if len(cells) > 5}


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    assert "empty" in run(tmp_path / "none").stdout


def test_rows_are_models_unless_it_is_said_otherwise(folder: Path) -> None:
    assert rows(folder).keys() == {"model", "p/m", "q/n", "nobody", "all"}
    assert rows(folder, "--by", "tool").keys() == {"tool", "codex", "pi", "all"}
    assert rows(folder, "--by", "provider").keys() == {"provider", "p", "q", "nobody", "all"}


def test_a_row_adds_up(folder: Path) -> None:
    found = rows(folder)
    head, whole = found["model"], found["all"]
    assert dict(zip(head, whole, strict=True)) == {
        "requests": "3", "failed": "1", "left": "0", "fallbacks": "1", "failed tries": "3", "in": "20.0k",
        "cached": "80%", "out": "1.0k", "reasoning": "200", "first p50": "200 ms", "first p95": "400 ms",
        "total p50": "2.0 s", "total p95": "4.0 s",
    }  # fmt: skip


def test_since_leaves_out_what_is_older(folder: Path) -> None:
    assert rows(folder, "--since", "1h")["all"][0] == "2"


def test_json_says_the_same(folder: Path) -> None:
    found = json.loads(run(folder, "--by", "tool", "--json").stdout)
    assert (found["by"], [each["tool"] for each in found["groups"]]) == ("tool", ["codex", "pi"])
    total = found["total"]
    assert (total["requests"], total["failures"], total["fallbacks"], total["failedAttempts"]) == (3, 1, 1, 3)
    assert total["tokens"] == {"in": 20_000, "out": 1000, "cached": 16_000, "written": 0, "reasoning": 200}
    assert (total["firstEventMs"], total["totalMs"]) == ({"p50": 200, "p95": 400}, {"p50": 2000, "p95": 4000})
    assert (total["cost"], total["unpriced"]) == (None, 0)


def test_json_of_an_empty_log_has_the_same_form(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path / "none", "--json").stdout)
    assert found["total"]["requests"] == 0 and found["groups"] == []


def test_without_the_price_lists_a_line_says_how_to_get_them(folder: Path) -> None:
    shown = run(folder).stdout
    assert "llr[prices]" in shown and "cost" not in rows(folder)["model"]


def test_costs_are_shown_where_prices_are_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists: Price = lambda entry: Decimal("1.5") if entry.served == "p/m" else None  # noqa: E731
    monkeypatch.setattr(prices, "prices", lambda: lists)
    found = rows(folder)
    assert (found["p/m"][-1], found["q/n"][-1], found["all"][-1]) == ("$1.50", "-", "$1.50")
    assert "without a price there: 1." in run(folder).stdout


def test_a_wrong_word_is_a_usage_error(folder: Path) -> None:
    done = CliRunner().invoke(app, ["stats", "--by", "colour"], env={"LLM_ROUTER_STATE_DIR": str(folder)})
    assert done.exit_code == 2
