"""Specification of the common half of every decoder (addons/dialects/base.py): it never raises, and keeps the law."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from addons.core.errors import ErrorClass, RemoteDataError
from addons.core.events import Begin, Cause, Event, Failed, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.dialects.base import SseDecoder, lawful

ODD = (KeyError("x"), TypeError("x"), AttributeError("x"), ValueError("x"), IndexError("x"), RemoteDataError("x"))


class Playing(SseDecoder):
    """Says what it is told to say, or raises."""

    def __init__(self, said: Callable[[], Iterable[Event]], ending: Callable[[], Iterable[Event]]) -> None:
        super().__init__()
        self._said = said
        self._ending = ending

    def on_event(self, name: str, data: dict[str, Any]) -> Iterable[Event]:
        return self._said()

    def on_end(self, cause: Cause) -> Iterable[Event]:
        return self._ending()


def raising(error: Exception) -> Callable[[], Iterable[Event]]:
    def raises() -> Iterable[Event]:
        raise error

    return raises


def failure(events: list[Event]) -> ErrorClass:
    assert isinstance(events[-1], Failed)
    return events[-1].error.cls


@pytest.mark.parametrize("error", ODD)
def test_an_event_of_an_unknown_shape_ends_the_answer(error: Exception) -> None:
    """Promise 11."""
    assert failure(Playing(raising(error), list).feed(b"data: {}\n\n")) is ErrorClass.MALFORMED


@pytest.mark.parametrize("error", ODD)
@pytest.mark.parametrize("end", ["done", "close"])
def test_so_does_an_end_of_an_unknown_shape(error: Exception, end: str) -> None:
    """Promise 11."""
    decoder = Playing(list, raising(error))
    events = decoder.feed(b"data: [DONE]\n\n") if end == "done" else decoder.finish(Cause.COMPLETE)
    assert failure(events) is ErrorClass.MALFORMED


OPEN, MORE, END = PartOpen(0, "text"), PartDelta(0, "x"), Finish(FinishReason.END_TURN)


@pytest.mark.parametrize(
    "said", [[MORE], [OPEN, OPEN], [OPEN, PartClose(0), MORE], [OPEN, PartDelta(0, 7)]]  # type: ignore[arg-type]
)  # fmt: skip
def test_what_encoders_could_not_follow_ends_the_answer(said: list[Event]) -> None:
    assert failure(Playing(lambda: said, list).feed(b"data: {}\n\n")) is ErrorClass.MALFORMED


def test_a_lawful_answer_passes() -> None:
    said = [Begin(), OPEN, MORE, PartClose(0), END]
    assert Playing(lambda: said, list).feed(b"data: {}\n\n") == said == lawful(said)


def test_what_is_open_is_closed_before_the_end() -> None:
    assert lawful([OPEN, MORE, END]) == [Begin(), OPEN, MORE, PartClose(0), END]
