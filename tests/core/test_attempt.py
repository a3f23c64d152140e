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


TOO_LONG = ErrorInfo(ErrorClass.CONTEXT, "too long", 400)
POLICY_REFUSAL = ErrorInfo(ErrorClass.POLICY, "not that", 403)
FULL = ErrorInfo(ErrorClass.RATE_LIMITED, "no room", 429)


def with_window(name: str, window: int | None) -> Candidate:
    return replace(candidate(name), model=Model("m", context_window=window))


def test_what_was_too_long_for_a_window_is_sent_to_a_larger_one_alone() -> None:
    small, same, unknown, large = (with_window(n, w) for n, w in (("a", 8), ("b", 8), ("c", None), ("d", 9)))
    play = attempts(small, same, unknown, large)
    assert play.failed(TOO_LONG) == Try(unknown)
    assert play.failed(TOO_LONG) == Try(large)
    assert play.failed(TOO_LONG) == GiveUp(TOO_LONG, 0)


@pytest.mark.parametrize(("allowed", "expected"), [(False, GiveUp(POLICY_REFUSAL, 0)), (True, Try(B))])
def test_a_refusal_for_policy_goes_on_only_where_that_is_allowed(allowed: bool, expected: Try | GiveUp) -> None:
    assert attempts(A, B, policy_fallback=allowed).failed(POLICY_REFUSAL) == expected


def test_nothing_is_tried_again_without_a_budget_and_everything_else_goes_on() -> None:
    play = Attempts((A, B), RetryPolicy(), lambda: 1.0, lambda _: False)
    assert play.failed(BUSY) == Try(B)


def test_the_budget_is_asked_only_before_a_retry() -> None:
    asked: list[Candidate] = []

    def budget(target: Candidate) -> bool:
        asked.append(target)
        return True

    play = Attempts((A, B, C), RetryPolicy(), lambda: 1.0, budget)
    play.failed(BUSY)
    play.failed(LIMITED)
    play.failed(BUSY)
    assert asked == [A]


def test_a_candidate_without_room_is_passed_over_and_is_no_attempt() -> None:
    play = attempts(A, B)
    assert play.passed_over(FULL) == Try(B)
    assert play.log == []
    assert play.failed(BUSY) == GiveUp(FULL, 0)


def test_one_that_is_accompanied_is_not_tried_again() -> None:
    play = attempts(A, B, C)
    assert play.following == B
    play.accompanied()
    assert play.failed(BUSY) == Try(B)
    assert play.failed(BUSY) == Try(C)
    assert play.following is None


def test_when_everybody_has_failed_the_one_that_rests_is_asked_once() -> None:
    play = Attempts((A, B), RetryPolicy(), lambda: 1.0, last_resort=C)
    assert play.failed(LIMITED) == Try(B)
    assert play.failed(BUSY) == Try(C, revived=True)
    assert play.failed(BUSY) == GiveUp(LIMITED, 0)


def test_a_clients_mistake_is_not_taken_to_the_last_resort() -> None:
    assert Attempts((A,), RetryPolicy(), lambda: 1.0, last_resort=B).failed(INVALID) == GiveUp(INVALID, 0)


def test_one_that_has_begun_to_rest_in_the_meantime_is_the_last_resort() -> None:
    play = attempts(A, B)
    assert play.passed_over(FULL, rests=True) == Try(B)
    assert play.failed(LIMITED) == Try(A, revived=True)
    assert play.passed_over(FULL, rests=True) == GiveUp(FULL, 0)
