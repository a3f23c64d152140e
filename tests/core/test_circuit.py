"""Specification of addons/core/circuit.py by its states; with everything around it in test_health.py (promise 26)."""

import pytest

from addons.core.circuit import Circuit
from addons.core.cooldowns import Policy

POLICY = Policy(circuit_failures=2, circuit_cooldown=30.0, probe_patience=60.0)


def opened() -> Circuit:
    circuit = Circuit(POLICY)
    circuit.failed(1, 0.0)
    circuit.failed(2, 0.0)
    return circuit


def probing() -> Circuit:
    circuit = opened()
    circuit.enter(3, 30.0)
    return circuit


def test_closed_lets_everybody_in() -> None:
    assert Circuit(POLICY).closed_until(0.0) is None


def test_open_lets_nobody_in_until_the_cooldown_is_over() -> None:
    """Promise 26."""
    assert opened().closed_until(29.0) == 30.0
    assert opened().closed_until(30.0) is None


def test_half_open_waits_for_its_probe_but_not_for_ever() -> None:
    """Promise 26."""
    assert probing().closed_until(31.0) == 90.0
    assert probing().closed_until(90.0) is None


@pytest.mark.parametrize(("attempt", "expected"), [(3, None), (4, 90.0)])
def test_only_the_probe_itself_frees_its_place(attempt: int, expected: float | None) -> None:
    """Promise 26."""
    circuit = probing()
    circuit.leave(attempt)
    assert circuit.closed_until(31.0) == expected


@pytest.mark.parametrize(("attempt", "expected"), [(3, 62.0), (4, 90.0)])
def test_only_the_failure_of_the_probe_opens_it_again(attempt: int, expected: float) -> None:
    """Promise 26."""
    circuit = probing()
    circuit.failed(attempt, 32.0)
    assert circuit.closed_until(32.0) == expected


def test_a_success_closes_it_from_every_state() -> None:
    """Promise 26."""
    for circuit in (opened(), probing()):
        circuit.succeeded()
        assert circuit.closed_until(31.0) is None
        circuit.failed(9, 31.0)
        assert circuit.closed_until(31.0) is None


def on_trial() -> Circuit:
    circuit = probing()
    circuit.began(30.0, 30.0)
    return circuit


def test_an_answer_of_the_probe_that_has_begun_lets_everybody_in() -> None:
    """Promise 26. Its end may be minutes away."""
    assert on_trial().closed_until(31.0) is None


@pytest.mark.parametrize(("attempt", "begun"), [(3, True), (4, True), (4, False)])
def test_on_trial_the_next_failure_opens_it_again(attempt: int, begun: bool) -> None:
    """Promise 26."""
    circuit = on_trial()
    circuit.failed(attempt, 40.0, begun=begun)
    assert circuit.closed_until(40.0) == 70.0


def test_a_success_ends_the_trial() -> None:
    """Promise 26."""
    circuit = on_trial()
    circuit.succeeded()
    circuit.failed(4, 41.0)
    assert circuit.closed_until(41.0) is None


def test_an_answer_that_begins_is_no_success() -> None:
    """Promise 26. It may break off, as the ones before."""
    circuit = Circuit(POLICY)
    for attempt in (1, 2):
        circuit.began(0.0, 0.0)
        circuit.failed(attempt, 1.0, begun=True)
    assert circuit.closed_until(1.0) == 31.0


def test_answers_that_run_show_that_a_few_that_never_began_were_chance() -> None:
    """Promise 26. Of two hundred at once none may have ended yet."""
    circuit = Circuit(POLICY)
    for attempt in range(4):
        circuit.began(0.0, 0.0)
        circuit.failed(attempt, 1.0)
    assert circuit.closed_until(1.0) is None


def test_ten_that_never_begin_among_ninety_that_run_are_no_half() -> None:
    """Promise 26."""
    circuit = Circuit(POLICY)
    for attempt in range(100):
        circuit.began(0.0, 0.0)
        if attempt % 10 == 0:
            circuit.failed(attempt, 1.0)
    assert circuit.closed_until(1.0) is None


def test_what_broke_off_was_never_good() -> None:
    """Promise 26. Half of what ends breaks, never two in a row."""
    circuit = Circuit(POLICY)
    for attempt in range(10):
        assert circuit.closed_until(1.0) is None
        circuit.began(0.0, 0.0)
        if attempt % 2:
            circuit.failed(attempt, 1.0, begun=True)
        else:
            circuit.succeeded()
    assert circuit.closed_until(1.0) == 31.0


def test_what_never_begins_or_breaks_off_by_turns_opens_it_at_the_second_break() -> None:
    """Promise 26."""
    circuit = Circuit(POLICY)
    for attempt in (0, 2):
        assert circuit.closed_until(1.0) is None
        circuit.failed(attempt, 1.0)
        circuit.began(0.5, 0.5)
        circuit.failed(attempt + 1, 1.0, begun=True)
    assert circuit.closed_until(1.0) == 31.0


def test_an_attempt_from_before_it_opened_begins_no_trial() -> None:
    """Promise 26."""
    circuit = Circuit(POLICY)
    circuit.failed(1, 5.0)
    circuit.failed(2, 6.0)
    circuit.began(4.0, 4.0)
    assert circuit.closed_until(7.0) == 36.0


def test_somebody_who_enters_an_open_circuit_regardless_is_no_probe() -> None:
    """Promise 26."""
    circuit = opened()
    circuit.enter(3, 10.0)
    assert circuit.closed_until(30.0) is None
