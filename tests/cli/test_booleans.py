"""Specification of llr_cli/booleans.py: the predecessor's way of writing a switch."""

import pytest
import typer

from llr_cli.booleans import plain

app = typer.Typer()


@app.command()
def command(dry: bool = False, watch: bool = typer.Option(True, "--watch/--no-watch"), name: str = "") -> None:
    pass


PARAMS = typer.main.get_command(app).params


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--watch=true"], ["--watch"]),
        (["--watch=false"], ["--no-watch"]),
        (["--watch=0", "--name=true"], ["--no-watch", "--name=true"]),
        (["--watch", "off"], ["--no-watch"]),
        (["--watch", "--name", "x"], ["--watch", "--name", "x"]),
        (["--watch", "stray"], ["--watch", "stray"]),
        (["--dry"], ["--dry"]),
        (["--watch=perhaps"], ["--watch=perhaps"]),
        (["--", "--watch=true"], ["--", "--watch=true"]),
        (["--watch", "--", "true"], ["--watch", "--", "true"]),
    ],
)
def test_switches_with_a_value(words: list[str], expected: list[str]) -> None:
    assert list(plain(words, PARAMS)) == expected


def test_one_that_is_off_and_has_no_opposite_is_left_out() -> None:
    params = [each for each in PARAMS if "--dry" in each.opts]
    params[0].secondary_opts = []
    assert list(plain(["--dry=no", "--name", "x"], params)) == ["--name", "x"]
