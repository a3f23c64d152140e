"""Specification of addons/core/taught.py; how it limits requests is specified in test_limits.py."""

from addons.core.taught import FURTHEST, Lesson, Lessons


def lesson(left: int, until: float, since: float = 0.0, born: int = 0) -> Lesson:
    return Lesson(left, 100, until, since, born)


def only(lessons: Lessons, now: float) -> Lesson:
    ((measure, known),) = lessons.of("k", now)
    assert measure == "requests"
    return known


def test_measures_and_keys_are_held_apart() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(1, 60.0))
    lessons.learn("k", "tokens", lesson(2, 60.0))
    assert {measure: known.left for measure, known in lessons.of("k", 0.0)} == {"requests": 1, "tokens": 2}
    assert lessons.of("another", 0.0) == []


def test_a_lesson_is_forgotten_at_its_reset() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(1, 60.0))
    assert only(lessons, 59.9).left == 1
    assert lessons.of("k", 60.0) == []


def test_of_one_reset_the_lower_report_holds_and_the_later_end() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(3, 60.0))
    lessons.learn("k", "requests", lesson(7, 59.5, since=1.0))
    assert (only(lessons, 1.0).left, only(lessons, 1.0).until) == (3, 60.0)


def test_a_later_reset_is_a_new_window() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(3, 60.0))
    lessons.learn("k", "requests", lesson(7, 90.0, since=1.0))
    assert only(lessons, 1.0).left == 7


def test_a_lesson_that_is_over_does_not_hold_the_next_one_down() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(0, 60.0))
    lessons.learn("k", "requests", lesson(7, 60.5, since=60.0))
    assert only(lessons, 60.0).left == 7


def test_no_lesson_lasts_longer_than_a_month() -> None:
    lessons = Lessons()
    lessons.learn("k", "requests", lesson(0, 1e12, since=5.0))
    assert only(lessons, 5.0).until == 5.0 + FURTHEST


def test_only_leases_from_after_the_lesson_give_back() -> None:
    known = lesson(5, 60.0, born=7)
    known.give_back(7, 1)
    assert known.left == 5
    known.give_back(8, 1)
    assert known.left == 6


def test_a_clock_put_back_moves_the_reset_along() -> None:
    """Promise 52."""
    known = lesson(5, 1060.0, since=1000.0)
    assert known.alive(100.0)
    assert known.until == 160.0


def test_the_share_is_of_the_limit_as_far_as_that_is_known() -> None:
    assert lesson(25, 60.0).share == 0.25
    assert lesson(-3, 60.0).share == 0.0
    assert lesson(500, 60.0).share == 1.0
    assert Lesson(1, None, 60.0, 0.0, 0).share == 1.0
    assert Lesson(0, None, 60.0, 0.0, 0).share == 0.0
