"""Specification of llr_cli/doctor/versions.py: libraries within the bounds of the package."""

import pytest

from llr_cli.doctor.versions import libraries, within


@pytest.mark.parametrize(
    ("found", "bounds", "expected"),
    [
        ("12.2.3", "<13,>=12.2.3", True),
        ("12.3", "<13,>=12.2.3", True),
        ("12.2.2", "<13,>=12.2.3", False),
        ("13.0.0", "<13,>=12.2.3", False),
        ("13.0.0.dev1", "<13", False),
        ("1.2", "==1.2.0", True),
        ("1.2", "!=1.2", False),
        ("1.0", "", True),
    ],
)
def test_bounds(found: str, bounds: str, expected: bool) -> None:
    assert within(found, bounds) is expected


def test_a_library_that_is_missing_or_out_of_bounds_fails_and_an_extra_may_be_missing() -> None:
    found = libraries(["no-such-library>=1", "typer<0.1", "mitmproxy>=12", "nothing-either>=1; extra == 'redis'"])
    assert [(each.check, each.state) for each in found] == [
        ("no-such-library", "failed"),
        ("typer", "failed"),
        ("mitmproxy", "ok"),
    ]
