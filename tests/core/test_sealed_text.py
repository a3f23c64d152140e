"""Specification of addons/core/sealed_text.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.sealed_text import LIMIT, MARK, is_sealed, seal, unseal


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_what_was_sealed_is_read_again(text: str) -> None:
    assert unseal(seal(text)) == text and is_sealed(seal(text))


@given(st.text(max_size=50))
def test_what_is_torn_or_of_others_reads_as_nothing(text: str) -> None:
    assert unseal(f"{MARK}{text}") in (None, "")
    assert unseal(text if not text.startswith(MARK) else "") is None


@pytest.mark.parametrize("value", [None, 3, {}, b"llr1.", "", "EqQBCk"])
def test_what_is_not_ours_is_not_sealed(value: object) -> None:
    assert not is_sealed(value) and unseal(value) is None


def test_a_little_does_not_unpack_into_a_lot() -> None:
    bomb = seal("x" * (4 * LIMIT))
    assert len(unseal(bomb) or "") <= LIMIT
