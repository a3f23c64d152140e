"""The page that people read is made from the table."""

from pathlib import Path

from addons.core.fidelity.rendering import rendered

PAGE = Path(__file__).parents[3] / "docs" / "translation.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered(), "run `make docs`"


def test_no_cell_breaks_its_table() -> None:
    lines = rendered().splitlines()
    for head, rule in zip(lines, lines[1:], strict=False):
        if rule.startswith("|---"):
            width = rule.count("|")
            body = lines[lines.index(rule, lines.index(head)) + 1 :]
            table = body[: next((n for n, line in enumerate(body) if not line.startswith("|")), len(body))]
            assert all(line.count("|") - line.count("\\|") == width for line in table), head
