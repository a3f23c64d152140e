"""Specification of addons/core/checked.py: what encoders may rely on, whatever a provider said."""

from typing import Any

import pytest

from addons.core.checked import checked, counted
from addons.core.errors import RemoteDataError
from addons.core.events import (
    Begin,
    Event,
    Finish,
    FinishReason,
    PartClose,
    PartDelta,
    PartOpen,
    Ping,
    Usage,
    UsageReport,
)

ODD: list[Any] = [7, 1.5, True, ["x"], {"x": 1}]


@pytest.mark.parametrize(
    "event",
    [
        Begin("id", "m", 1), Begin(), PartOpen(0, "tool_call", "id", "f", "ns"), PartDelta(0, "x", "s"), PartDelta(0),
        UsageReport(Usage(1, 2, 3, 4, 5)), Finish(FinishReason.END_TURN, "stop"), PartClose(0), Ping(),
    ],
)  # fmt: skip
def test_what_is_in_order_stays_the_very_same(event: Event) -> None:
    assert checked(event) is event


@pytest.mark.parametrize("odd", ODD)
def test_what_nobody_needs_is_left_out(odd: Any) -> None:
    assert checked(Begin(odd, odd, "now")) == Begin()  # type: ignore[arg-type]
    assert checked(PartOpen(0, "tool_call", odd, "f", odd)) == PartOpen(0, "tool_call", None, "f")
    assert checked(PartDelta(0, "x", odd)) == PartDelta(0, "x")
    assert checked(Finish(FinishReason.END_TURN, odd)) == Finish(FinishReason.END_TURN)


@pytest.mark.parametrize("odd", ["7", -1, -2.0, 1.5, True, [7], {"x": 7}, float("inf"), float("nan")])
def test_what_is_no_count_is_not_reported(odd: Any) -> None:
    assert counted(Usage(odd, odd, odd, odd, odd, {"kept": 1})) == Usage(extras={"kept": 1})
    assert checked(UsageReport(Usage(odd, 2))) == UsageReport(Usage(None, 2))


def test_some_servers_count_in_floats() -> None:
    assert counted(Usage(7.0, 0)) == Usage(7, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [*ODD, None])
def test_text_that_is_none_makes_an_answer_unreadable(odd: Any) -> None:
    with pytest.raises(RemoteDataError):
        checked(PartDelta(0, odd))


@pytest.mark.parametrize("odd", [*ODD, None, ""])
def test_so_does_a_call_without_a_name(odd: Any) -> None:
    with pytest.raises(RemoteDataError):
        checked(PartOpen(0, "tool_call", "id", odd))
