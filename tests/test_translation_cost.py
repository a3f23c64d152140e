"""Translating stays cheap: its cost grows in proportion to the size, and is a small multiple of reading and writing
the JSON. Ratios only, so that a slow or busy machine changes nothing; bench/translate.py shows the numbers."""

import pytest

from addons.core.model import DialectName
from addons.dialects import DIALECTS
from harness import long_requests
from harness.stopwatch import side_by_side
from harness.translation_work import Growth, Translating, growths

GROWTH_BAR = 1.5
# 15 ms for 500 KB on the machine that the bar was set for, where plain JSON work takes 3 ms
COST_BAR = 5.0
ATTEMPTS = 4


@pytest.mark.parametrize("growth", list(growths()), ids=lambda growth: growth.name)
def test_the_cost_grows_like_the_size(growth: Growth) -> None:
    """Promise 12. What is quadratic shows a factor of four or five here."""
    factors = []
    for _ in range(ATTEMPTS):
        factors.append(growth.measured(rounds=2)[1])
        if factors[-1] <= GROWTH_BAR:
            return
    pytest.fail(f"{growth.name}: {factors} times what is linear")


@pytest.mark.parametrize("target", [name for name in DIALECTS if name is not DialectName.ANTHROPIC])
def test_half_a_megabyte_of_claude_code_is_translated_in_a_few_times_what_its_json_takes(target: DialectName) -> None:
    work = Translating(long_requests.claude_code(500_000), target)
    factors = []
    for _ in range(ATTEMPTS):
        took, plain = side_by_side([work.run, work.json_of_the_same], rounds=3)
        factors.append(took / plain)
        if factors[-1] <= COST_BAR:
            return
    pytest.fail(f"{factors} times the cost of plain JSON")
