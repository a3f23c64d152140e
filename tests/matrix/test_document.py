"""The table, what tries it out, and what is written of it belong together."""

import pytest
from matrix.behaviours import BEHAVIOURS
from matrix.document import DOCUMENT, PAIRS, README, ROWS, document, spliced
from matrix.outcomes import CHAT, CLAUDE, Outcome, Row, approximated, no_form, row

STALE = "run `make matrix`"


def test_the_page_shows_the_table() -> None:
    assert DOCUMENT.read_text() == document(), STALE


def test_the_readme_shows_the_summary() -> None:
    text = README.read_text()

    assert text == spliced(text), STALE


def test_a_text_without_markers_is_not_touched() -> None:
    with pytest.raises(ValueError, match="markers"):
        spliced("# a readme without any")


def test_every_row_is_tried_out_and_every_trial_has_its_row() -> None:
    assert sorted(one.key for one in ROWS) == sorted(BEHAVIOURS)


def test_there_are_at_least_thirty_behaviours() -> None:
    assert len(ROWS) >= 30


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one.key)
def test_no_exception_is_hidden_behind_another(one: Row) -> None:
    """A row that no cell comes to would say what is not so."""
    covering = [one.exception(*pair) for pair in PAIRS]

    assert all(any(but is found for found in covering) for but in one.exceptions)


def test_the_first_exception_that_covers_a_cell_counts() -> None:
    one = row("x", "X", no_form("a", clients=CHAT), approximated("b", pairs="other"))

    assert one.outcome(CHAT, CLAUDE) is Outcome.NONE
    assert one.outcome(CLAUDE, CHAT) is Outcome.APPROXIMATED
    assert one.outcome(CLAUDE, CLAUDE) is Outcome.YES
