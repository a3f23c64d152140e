"""The page that people read is made from the table."""

from pathlib import Path

from addons.core.fidelity.rendering import rendered

PAGE = Path(__file__).parents[3] / "docs" / "translation.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered(), "run `make docs`"


def test_no_cell_breaks_its_table() -> None:
    lines = rendered().splitlines()
    width = 0
    for line in lines:
        width = line.count("|") if line.startswith("|---") else width if line.startswith("|") else 0
        assert not width or line.count("|") == width, line
