"""Specification of addons/core/buckets.py."""

import pytest

from addons.core.buckets import Bucket
from addons.core.windows import Window


def test_a_bucket_covers_its_models_or_all() -> None:
    assert Bucket("b", {}, None, None).covers("m")
    assert Bucket("b", {}, None, frozenset({"m"})).covers("m")
    assert not Bucket("b", {}, None, frozenset({"m"})).covers("n")


def test_only_concurrency_is_capped_without_a_window() -> None:
    with pytest.raises(ValueError, match="goes without a window"):
        Bucket("b", {"requests": 1}, None)


def test_a_cap_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Bucket("b", {"requests": -1}, Window("day"))
