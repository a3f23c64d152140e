"""Specification of llr_cli/lifecycle/words.py: how a router is started again as it was started."""

from pathlib import Path

import pytest

from llr_cli.lifecycle.words import config_of, in_foreground, with_options


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--detach", "--port", "9"), ("--port", "9")),
        (("-d", "--log-file", "x", "--debug"), ("--debug",)),
        (("--log-file=x", "--detach=true"), ()),
        (("--", "--detach"), ("--", "--detach")),
    ],
)
def test_what_puts_it_into_the_background_is_left_out(words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert in_foreground(words) == expected


def test_further_options_stand_before_those_of_mitmdump() -> None:
    assert with_options(("--debug", "--", "-w", "x"), "--port", "9") == ("--debug", "--port", "9", "--", "-w", "x")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), None),
        (("--config", "c.json"), Path("/there/c.json")),
        (("--config=c.json",), Path("/there/c.json")),
        (("--config", "/c.json", "--debug"), Path("/c.json")),
        (("--config", "a", "--config", "b"), Path("/there/b")),
        (("--", "--config", "x"), None),
    ],
)
def test_the_configuration_that_is_named(words: tuple[str, ...], expected: Path | None) -> None:
    assert config_of(words, "/there") == expected
