"""Specification of addons/core/attempt.py."""

from dataclasses import replace

import pytest

from addons.core.attempt import Attempts, GiveUp, Try
from addons.core.errors import POLICY, ErrorClass, ErrorInfo
from addons.core.model import DialectName
from addons.core.plan import Candidate, Model, Provider, RetryPolicy


def candidate(name: str) -> Candidate:
    provider = Provider(name, name, (DialectName.CHAT,), {DialectName.CHAT: "http://x"}, ())
    return Candidate(provider, Model("m"), DialectName.CHAT)


A, B, C = candidate("a"), candidate("b"), candidate("c")
BUSY = ErrorInfo(ErrorClass.TEMPORARY, "busy", 500)
LIMITED = ErrorInfo(ErrorClass.RATE_LIMITED, "slow down", 429)
INVALID = ErrorInfo(ErrorClass.INVALID_REQUEST, "bad field", 400)


def attempts(*candidates: Candidate, chance: float = 1.0, **policy: float) -> Attempts:
    return Attempts(candidates, replace(RetryPolicy(), **policy), lambda: chance)


def test_the_origin_is_tried_again_with_growing_delays() -> None:
    play = attempts(A, B)
    assert play.first() == Try(A)
    assert play.failed(BUSY) == Try(A, 2, 0.25)
    assert play.failed(BUSY) == Try(A, 3, 0.5)
    assert play.failed(BUSY) == Try(B)


def test_jitter_halves_the_delay_at_most() -> None:
    assert attempts(A, chance=0.0).failed(BUSY) == Try(A, 2, 0.125)


def test_a_fallback_has_one_try() -> None:
    play = attempts(A, B, C)
    play.failed(LIMITED)
    assert play.failed(BUSY) == Try(C)


def test_a_rate_limit_goes_straight_on() -> None:
    assert attempts(A, B).failed(LIMITED) == Try(B)


def test_an_invalid_request_is_tried_nowhere_else() -> None:
    assert attempts(A, B).failed(INVALID) == GiveUp(INVALID, 0)


def test_the_most_useful_error_is_returned_not_the_last() -> None:
    play = attempts(A, B, C)
    play.failed(LIMITED)
    play.failed(ErrorInfo(ErrorClass.AUTH, "no key", 401))
    assert play.failed(ErrorInfo(ErrorClass.TIMEOUT, "slow", 504)) == GiveUp(LIMITED, 0)


def test_the_total_of_attempts_is_limited() -> None:
    """Promise 24."""
    play = attempts(*[A, B, C] * 4, limit=4)
    steps = [play.failed(BUSY) for _ in range(4)]
    assert isinstance(steps[-1], GiveUp) and not any(isinstance(step, GiveUp) for step in steps[:-1])


def test_a_short_retry_after_is_honoured() -> None:
    """Promise 24."""
    assert attempts(A, B).failed(replace(BUSY, retry_after=2.0)) == Try(A, 2, 2.0)


def test_a_long_retry_after_moves_on_instead_of_waiting() -> None:
    """Promise 24."""
    assert attempts(A, B).failed(replace(BUSY, retry_after=60.0)) == Try(B)


@pytest.mark.parametrize("cls", list(ErrorClass))
def test_every_class_leads_where_its_policy_says(cls: ErrorClass) -> None:
    """Promise 24."""
    action = POLICY[cls]
    step = attempts(A, B).failed(ErrorInfo(cls, "x", 500))
    expected = A if action.retry else B if action.next_target else None
    assert (step.candidate if isinstance(step, Try) else None) == expected


def test_the_log_names_every_failure() -> None:
    play = attempts(A, B)
    play.failed(BUSY)
    play.failed(LIMITED)
    assert [str(entry) for entry in play.log] == ["a/m:500/temporary_error#1", "a/m:429/rate_limited#2"]
