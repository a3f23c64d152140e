"""`llr stats`: what the activity log adds up to."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llr_cli import render, units
from llr_cli.config import AsJson
from llr_cli.exits import Exit
from llr_cli.logs import Since, began, log_path, tell_of_nothing

if TYPE_CHECKING:
    from addons.core.activity_stats import Stats

COUNTS = ("requests", "failed", "left", "fallbacks", "failed tries", "in", "cached", "out", "reasoning")
LATENCIES = ("first p50", "first p95", "total p50", "total p95")


class By(StrEnum):
    TOOL = "tool"
    MODEL = "model"
    PROVIDER = "provider"


def stats(
    since: Since = None,
    by: Annotated[By, typer.Option(help="What the rows are.")] = By.MODEL,
    as_json: AsJson = False,
) -> None:
    """Add up the activity log.

    Requests, failures, fallbacks, tokens, latencies and costs.

    `in` and `out` are tokens, `cached` is the share of `in` that came from a prompt cache, `reasoning` a share of
    `out`. `first` is the time until an answer began; half of all whole answers took no longer than p50, 95 in a
    hundred no longer than p95. Costs are those of the providers' price lists.
    """
    from addons.core.activity_stats import summed
    from addons.edge.activity_files import entries
    from llr_cli.prices import HINT, prices

    path, price = log_path(), prices()
    try:
        whole, groups = summed(entries(path, began(since)), by.value, price)
    except OSError as error:
        render.error(f"{path} cannot be read: {error.strerror}")
        raise typer.Exit(Exit.FAILURE) from None
    if as_json:
        named = [{by.value: name, **_members(group)} for name, group in groups.items()]
        render.json({"by": by.value, "total": _members(whole), "groups": named})
        return
    if not whole.requests:
        tell_of_nothing(path)
        return
    _show(by.value, whole, groups, priced=price is not None)
    render.line(HINT if price is None else _unpriced(whole))


def _show(by: str, whole: "Stats", groups: dict[str, "Stats"], *, priced: bool) -> None:
    rows = [(name, *_row(group)) for name, group in groups.items()]
    if len(rows) > 1:
        rows.append(("all", *_row(whole)))
    columns = (by, *COUNTS, *LATENCIES, *(("cost",) if priced else ()))
    render.table(columns, [row[: len(columns)] for row in rows])


def _row(stats: "Stats") -> tuple[str, ...]:
    return (
        *(str(number) for number in (stats.requests, stats.failures, stats.left, stats.fallbacks, stats.refusals)),
        units.count(stats.input),
        units.share(stats.cached, stats.input),
        units.count(stats.output),
        units.count(stats.reasoning),
        *(units.duration(stats.first_event(percent)) for percent in (50, 95)),
        *(units.duration(stats.total(percent)) for percent in (50, 95)),
        units.money(stats.cost),
    )


def _unpriced(whole: "Stats") -> str:
    lists = "Costs are those of the price lists of genai-prices"
    return f"{lists}; answers without a price there: {whole.unpriced}." if whole.unpriced else f"{lists}."


def _members(stats: "Stats") -> dict[str, Any]:
    return {
        "requests": stats.requests,
        "failures": stats.failures,
        "left": stats.left,
        "fallbacks": stats.fallbacks,
        "failedAttempts": stats.refusals,
        "tokens": {
            "in": stats.input,
            "out": stats.output,
            "cached": stats.cached,
            "written": stats.written,
            "reasoning": stats.reasoning,
        },
        "firstEventMs": _percentiles(stats.first_event(50), stats.first_event(95)),
        "totalMs": _percentiles(stats.total(50), stats.total(95)),
        "cost": None if stats.cost is None else float(stats.cost),
        "unpriced": stats.unpriced,
    }


def _percentiles(p50: float | None, p95: float | None) -> dict[str, float | None]:
    return {"p50": _milliseconds(p50), "p95": _milliseconds(p95)}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
