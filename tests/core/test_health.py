"""Specification of addons/core/health.py, cooldowns.py and circuit.py as they work together."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.cooldowns import Cooling, Policy, Where
from addons.core.errors import POLICY, ErrorClass, ErrorInfo
from addons.core.health import COUNTED, Exclusion, Health, Turn

A = Where("p", "m")
NO_CIRCUIT = Policy(circuit_failures=0)


def failure(cls: ErrorClass, retry_after: float | None = None) -> ErrorInfo:
    return ErrorInfo(cls, "it failed", retry_after=retry_after)


DOWN = failure(ErrorClass.NETWORK)
CLIENTS = failure(ErrorClass.INVALID_REQUEST)


def begun(health: Health, where: Where = A, now: float = 0.0, *, revived: bool = False) -> Turn:
    turn = health.begin(where, now, revived=revived)
    assert turn is not None, "it may be asked"
    return turn


def fails(health: Health, info: ErrorInfo, now: float = 0.0, where: Where = A) -> tuple[Cooling, ...]:
    turn = begun(health, where, now)
    coolings = health.failed(turn, info, now)
    health.end(turn)
    return coolings


def works(health: Health, now: float = 0.0, where: Where = A, first_event: float = 0.5) -> tuple[str, ...]:
    turn = begun(health, where, now)
    ended = health.answered(turn, now, first_event)
    health.succeeded(turn)
    health.end(turn)
    return ended


def opened(now: float = 0.0, policy: Policy | None = None) -> Health:
    health = Health(policy or Policy())
    fails(health, DOWN, now)
    fails(health, DOWN, now)
    return health


# --- rests ---

SAME_KEY, OTHER_KEY = Where("p", "m", "one"), Where("p", "m", "two")
OTHER_MODEL = Where("p", "n", "one")


@pytest.mark.parametrize(
    ("cls", "seconds", "other_key_too", "other_model_too"),
    [
        (ErrorClass.RATE_LIMITED, 30.0, False, False),
        (ErrorClass.BILLING, 900.0, False, True),
        (ErrorClass.AUTH, 600.0, False, True),
        (ErrorClass.FORBIDDEN, 600.0, False, False),
        (ErrorClass.POLICY, 120.0, True, False),
        (ErrorClass.MODEL_NOT_FOUND, 3600.0, True, False),
        (ErrorClass.NOT_FOUND, 45.0, True, False),
        (ErrorClass.CONFIGURATION, 45.0, True, False),
        (ErrorClass.VRAM, 45.0, True, False),
    ],
)
def test_a_class_of_failure_closes_its_scope_for_the_documented_time(
    cls: ErrorClass, seconds: float, other_key_too: bool, other_model_too: bool
) -> None:
    health = Health(Policy())
    fails(health, failure(cls), 100.0, SAME_KEY)
    assert health.excluded(SAME_KEY, 100.0) == Exclusion(f"cooling:{cls}", 100.0 + seconds)
    assert (health.excluded(OTHER_KEY, 100.0) is not None) == other_key_too
    assert (health.excluded(OTHER_MODEL, 100.0) is not None) == other_model_too
    assert health.excluded(SAME_KEY, 100.0 + seconds) is None


@pytest.mark.parametrize("cls", [cls for cls in ErrorClass if POLICY[cls].cooldown == 0])
def test_a_class_without_a_documented_time_closes_nothing(cls: ErrorClass) -> None:
    health = Health(NO_CIRCUIT)
    assert fails(health, failure(cls)) == ()
    assert health.excluded(A, 0.0) is None


@pytest.mark.parametrize("cls", list(ErrorClass))
def test_the_times_are_those_of_the_table_of_failures(cls: ErrorClass) -> None:
    coolings = fails(Health(NO_CIRCUIT), failure(cls))
    assert [cooling.until for cooling in coolings] == [POLICY[cls].cooldown] * (POLICY[cls].cooldown > 0)


@pytest.mark.parametrize(
    ("cls", "said", "seconds"),
    [
        (ErrorClass.RATE_LIMITED, 5.0, 5.0),
        (ErrorClass.RATE_LIMITED, 90.0, 90.0),
        (ErrorClass.RATE_LIMITED, 1e12, 86_400.0),
        (ErrorClass.RATE_LIMITED, float("inf"), 86_400.0),
        (ErrorClass.RATE_LIMITED, -7.0, 30.0),
        (ErrorClass.RATE_LIMITED, float("nan"), 30.0),
        (ErrorClass.TEMPORARY, 12.0, 12.0),
        (ErrorClass.OVERLOADED, 12.0, 12.0),
        (ErrorClass.BILLING, 12.0, 900.0),
        (ErrorClass.BILLING, 7835.0, 7835.0),
        (ErrorClass.AUTH, 12.0, 600.0),
    ],
)
def test_retry_after_is_honoured_where_it_means_a_wait_and_is_capped_at_a_day(
    cls: ErrorClass, said: float, seconds: float
) -> None:
    """Promise 24."""
    assert [cooling.until for cooling in fails(Health(Policy()), failure(cls, said))] == [seconds]


def test_a_provider_that_says_to_come_at_once_does_not_rest() -> None:
    health = Health(Policy())
    assert fails(health, failure(ErrorClass.RATE_LIMITED, 0.0)) == ()


def test_the_knobs_change_the_numbers() -> None:
    policy = Policy(rate_limit_cooldown=1, billing_cooldown=2, auth_cooldown=3, policy_cooldown=4, fallback_cooldown=5)
    classes = (ErrorClass.RATE_LIMITED, ErrorClass.BILLING, ErrorClass.AUTH, ErrorClass.POLICY, ErrorClass.NOT_FOUND)
    assert [fails(Health(policy), failure(cls))[0].until for cls in classes] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_of_several_rests_the_longest_excludes() -> None:
    health = Health(Policy())
    fails(health, failure(ErrorClass.BILLING))
    fails(health, failure(ErrorClass.RATE_LIMITED))
    assert health.excluded(A, 0.0) == Exclusion("cooling:billing_exhausted", 900.0)


def test_a_shorter_rest_does_not_shorten_one_that_runs() -> None:
    health = Health(Policy())
    fails(health, failure(ErrorClass.RATE_LIMITED, 60.0))
    fails(health, failure(ErrorClass.RATE_LIMITED, 1.0))
    assert health.excluded(A, 30.0) == Exclusion("cooling:rate_limited", 60.0)


def test_a_success_ends_the_rest_of_its_keys_and_names_them() -> None:
    health = Health(Policy())
    fails(health, failure(ErrorClass.MODEL_NOT_FOUND), 0.0, SAME_KEY)
    fails(health, failure(ErrorClass.AUTH), 0.0, SAME_KEY)
    assert works(health, 1.0, SAME_KEY) == ("p/m", "p#one")
    assert health.excluded(SAME_KEY, 1.0) is None


def test_a_success_of_an_attempt_from_before_the_rest_does_not_end_it() -> None:
    health = Health(Policy())
    early = begun(health, now=0.0)
    fails(health, failure(ErrorClass.RATE_LIMITED), 1.0)
    assert health.answered(early, 2.0, 2.0) == ()
    assert health.excluded(A, 2.0) == Exclusion("cooling:rate_limited", 31.0)


def test_a_rest_learnt_elsewhere_excludes_as_well() -> None:
    health = Health(Policy())
    health.cool(Cooling("p#one", 40.0, ErrorClass.AUTH), 0.0)
    assert health.excluded(SAME_KEY, 39.0) == Exclusion("cooling:auth_failed", 40.0)
    assert health.resting(39.0) == (Cooling("p#one", 40.0, ErrorClass.AUTH),)
    assert health.resting(40.0) == ()


def test_a_rest_that_was_ended_elsewhere_is_over() -> None:
    health = Health(Policy())
    fails(health, failure(ErrorClass.AUTH))
    health.warm("p#")
    health.warm("never heard of")
    assert health.excluded(A, 0.0) is None


def test_a_rest_that_comes_back_from_a_wrong_clock_lasts_a_day_at_most() -> None:
    """Promise 52."""
    health = Health(Policy())
    health.cool(Cooling("p/m", 1e9, ErrorClass.NOT_FOUND), 50.0)
    assert health.excluded(A, 50.0) == Exclusion("cooling:not_found", 86_450.0)


def test_a_rest_is_persisted_in_the_time_of_the_wall() -> None:
    cooling = Cooling("p/m", 1045.0, ErrorClass.NOT_FOUND)
    stored = cooling.shifted(1_795_248_611.0 - 1000.0)
    assert stored.until == 1_795_248_656.0
    assert stored.shifted(3.0 - 1_795_248_611.0).until == 48.0


# --- the circuit ---


def test_two_failures_in_a_row_open_the_circuit_for_thirty_seconds() -> None:
    """Promise 26."""
    health = Health(Policy())
    fails(health, DOWN)
    assert health.excluded(A, 0.0) is None
    fails(health, DOWN)
    assert health.excluded(A, 29.9) == Exclusion("circuit-open", 30.0)
    assert health.begin(A, 29.9) is None


def test_the_circuit_is_that_of_the_target_whatever_the_key() -> None:
    """Promise 26."""
    health = Health(Policy())
    fails(health, DOWN, where=SAME_KEY)
    fails(health, DOWN, where=OTHER_KEY)
    assert health.excluded(SAME_KEY, 0.0) is not None
    assert health.excluded(OTHER_MODEL, 0.0) is None


def test_a_success_between_two_failures_keeps_it_closed() -> None:
    """Promise 26."""
    health = Health(Policy())
    for _ in range(4):
        fails(health, DOWN)
        works(health)
    assert health.excluded(A, 0.0) is None


def test_half_of_at_least_ten_outcomes_opens_it_even_when_never_two_in_a_row_failed() -> None:
    """Promise 26."""
    health = Health(Policy())
    for _ in range(4):
        works(health)
        fails(health, DOWN)
    works(health)
    assert health.excluded(A, 0.0) is None
    fails(health, DOWN)
    assert health.excluded(A, 0.0) == Exclusion("circuit-open", 30.0)


def test_outcomes_from_before_the_window_do_not_count_for_the_share() -> None:
    """Promise 26."""
    health = Health(Policy())
    for second in range(0, 1000, 20):
        works(health, second)
        fails(health, DOWN, second)
        assert health.excluded(A, second) is None


@pytest.mark.parametrize("cls", [cls for cls in ErrorClass if cls not in COUNTED])
def test_what_the_client_did_and_what_has_a_rest_of_its_own_never_opens_it(cls: ErrorClass) -> None:
    """Promise 26."""
    health = Health(Policy())
    for _ in range(50):
        turn = begun(health)
        health.failed(turn, failure(cls), 0.0)
        health.end(turn)
    assert health.begin(A, 0.0) is not None


def test_what_is_counted_is_what_the_provider_did_without_a_rest_of_its_own() -> None:
    """Promise 26."""
    assert {cls.name for cls in COUNTED} == {
        "NETWORK", "TIMEOUT", "TRUNCATED", "MALFORMED", "OVERLOADED", "TEMPORARY", "UNKNOWN",
    }  # fmt: skip


def test_after_the_cooldown_exactly_one_attempt_is_the_probe() -> None:
    """Promise 26."""
    health = opened()
    assert health.excluded(A, 30.0) is None
    begun(health, now=30.0)
    assert health.begin(A, 30.0) is None
    assert health.excluded(A, 31.0) == Exclusion("circuit-open", 90.0)


def test_a_probe_that_works_closes_the_circuit() -> None:
    """Promise 26."""
    health = opened()
    works(health, 30.0)
    fails(health, DOWN, 31.0)
    assert health.excluded(A, 31.0) is None


def test_the_failures_from_before_are_forgotten_when_it_closes() -> None:
    """Promise 26."""
    health = Health(Policy(circuit_failures=100))
    for _ in range(10):
        fails(health, DOWN)
    works(health, 30.0)
    fails(health, DOWN, 30.0)
    assert health.excluded(A, 30.0) is None


def test_a_probe_that_fails_opens_it_again() -> None:
    """Promise 26."""
    health = opened()
    fails(health, DOWN, 30.0)
    assert health.excluded(A, 30.0) == Exclusion("circuit-open", 60.0)


def test_a_probe_that_tells_nothing_makes_room_for_the_next() -> None:
    """Promise 26."""
    health = opened()
    health.end(begun(health, now=30.0))
    fails(health, CLIENTS, 30.0)
    begun(health, now=30.0)
    assert health.begin(A, 30.0) is None


def test_a_probe_that_is_never_heard_of_again_is_given_up() -> None:
    """Promise 26."""
    health = opened()
    lost = begun(health, now=30.0)
    assert health.begin(A, 89.9) is None
    begun(health, now=90.0)
    health.end(lost)
    assert health.begin(A, 90.0) is None


def test_attempts_from_before_it_opened_do_not_keep_it_open() -> None:
    """Promise 26."""
    health = Health(Policy())
    turns = [begun(health) for _ in range(10)]
    for turn in turns:
        health.failed(turn, DOWN, float(turn.id))
    assert health.excluded(A, 10.0) == Exclusion("circuit-open", 32.0)


def test_when_nobody_else_is_left_an_open_target_is_asked_and_may_close_its_circuit() -> None:
    """Promise 26."""
    health = opened()
    turn = begun(health, now=1.0, revived=True)
    assert health.begin(A, 1.0) is None
    health.answered(turn, 1.5, 0.5)
    assert health.excluded(A, 1.5) is None


def breaks(health: Health, now: float = 0.0) -> None:
    """An answer begins well, and breaks off."""
    turn = begun(health, now=now)
    health.answered(turn, now, 0.5)
    health.failed(turn, failure(ErrorClass.TRUNCATED), now, begun=True)
    health.end(turn)


def test_two_streams_in_a_row_that_break_open_it_although_they_began_well() -> None:
    """Promise 26."""
    health = Health(Policy())
    breaks(health)
    assert health.excluded(A, 0.0) is None
    breaks(health)
    assert health.excluded(A, 0.0) == Exclusion("circuit-open", 30.0)


def test_a_long_answer_of_the_probe_keeps_nobody_out() -> None:
    """Promise 26."""
    health = opened()
    probe = begun(health, now=30.0)
    health.answered(probe, 31.0, 1.0)
    works(health, 32.0)
    fails(health, DOWN, 33.0)
    health.succeeded(probe)
    assert health.excluded(A, 400.0) is None


def test_a_probe_whose_answer_breaks_opens_it_again() -> None:
    """Promise 26."""
    health = opened()
    breaks(health, 30.0)
    assert health.excluded(A, 30.0) == Exclusion("circuit-open", 60.0)


def test_a_probe_whose_client_leaves_its_answer_leaves_a_trial_behind() -> None:
    """Promise 26."""
    health = opened()
    left = begun(health, now=30.0)
    health.answered(left, 31.0, 1.0)
    health.end(left)
    assert health.excluded(A, 32.0) is None
    fails(health, DOWN, 32.0)
    assert health.excluded(A, 32.0) == Exclusion("circuit-open", 62.0)


def test_a_break_costs_as_much_health_as_any_failure() -> None:
    broken, failed = Health(NO_CIRCUIT), Health(NO_CIRCUIT)
    breaks(broken)
    fails(failed, DOWN)
    assert broken.score(A, 0.0) == failed.score(A, 0.0)


def test_the_breaker_can_be_switched_off() -> None:
    health = Health(NO_CIRCUIT)
    for _ in range(50):
        fails(health, DOWN)
    assert health.excluded(A, 0.0) is None


def test_its_knobs_change_its_numbers() -> None:
    health = Health(Policy(circuit_failures=1, circuit_cooldown=7.0))
    fails(health, DOWN)
    assert health.excluded(A, 0.0) == Exclusion("circuit-open", 7.0)


@given(st.lists(st.tuples(st.sampled_from("bsfxe"), st.floats(0, 40)), max_size=60))
def test_no_two_probes_ever_run_at_once(steps: list[tuple[str, float]]) -> None:
    """Promise 26. Over any course of attempts: while half-open, a second attempt starts only when the first has
    reported, has ended or is given up."""
    health, now, running = opened(policy=replace(Policy(), probe_patience=25.0)), 30.0, list[tuple[Turn, float]]()
    half_open = True
    for step, seconds in steps:
        now += seconds
        running = [(turn, began) for turn, began in running if now < began + 25.0] if half_open else running
        if step == "b":
            turn = health.begin(A, now)
            assert not half_open or (turn is None) == bool(running)
            running += [(turn, now)] if turn else []
        elif running:
            turn = running.pop(0)[0]
            if step == "s":
                health.answered(turn, now, 0.1)
                health.succeeded(turn)
                half_open = False
            elif step == "x":
                health.failed(turn, CLIENTS, now)
            elif step == "f" and half_open:
                health.failed(turn, DOWN, now)
                now += 30.0
            health.end(turn)


# --- score, latency, busy ---


def test_an_unknown_target_is_perfectly_well() -> None:
    health = Health(Policy())
    assert (health.score(A, 0.0), health.latency(A, 0.0), health.busy(A)) == (1.0, None, 0)


def test_each_failure_lowers_the_score_as_it_did_in_the_predecessor() -> None:
    health, scores = Health(NO_CIRCUIT), []
    for _ in range(3):
        fails(health, DOWN)
        scores.append(health.score(A, 0.0))
    assert scores == pytest.approx([1 / 1.5, 1 / 2, 1 / 2.5])


def test_the_score_never_falls_below_a_twentieth() -> None:
    health = Health(NO_CIRCUIT)
    for _ in range(1000):
        fails(health, DOWN)
    assert health.score(A, 0.0) == 0.05


def test_the_score_recovers_with_successes_and_with_time() -> None:
    health = Health(NO_CIRCUIT)
    for _ in range(8):
        fails(health, DOWN)
    low = health.score(A, 0.0)
    works(health)
    assert low < health.score(A, 0.0) < 1.0
    assert health.score(A, 301.0) == 1.0


def test_client_errors_cost_no_health() -> None:
    health = Health(Policy())
    fails(health, CLIENTS)
    fails(health, failure(ErrorClass.CONTEXT))
    assert health.score(A, 0.0) == 1.0


def test_the_score_is_that_of_the_key_too() -> None:
    health = Health(NO_CIRCUIT)
    fails(health, DOWN, where=SAME_KEY)
    assert health.score(SAME_KEY, 0.0) < health.score(OTHER_KEY, 0.0) == 1.0


def test_a_slow_target_scores_less() -> None:
    health = Health(Policy())
    works(health, first_event=20.0)
    assert health.score(A, 0.0) == 0.5


def test_the_latency_is_smoothed_and_forgotten_after_the_window() -> None:
    health = Health(Policy())
    works(health, first_event=1.0)
    works(health, first_event=2.0)
    assert health.latency(A, 300.0) == pytest.approx(1.3)
    assert health.latency(A, 301.0) is None
    works(health, 301.0, first_event=4.0)
    assert health.latency(A, 301.0) == 4.0


def test_busy_counts_the_attempts_that_run() -> None:
    health = Health(Policy())
    first, second = begun(health, SAME_KEY), begun(health, OTHER_KEY)
    health.answered(first, 0.0, 0.5)
    assert health.busy(A) == 2
    health.end(first)
    health.end(first)
    assert health.busy(A) == 1
    health.end(second)
    assert health.busy(A) == 0
