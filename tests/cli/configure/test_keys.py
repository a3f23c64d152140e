"""Specification of `llr config key` and `set-master-key`."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.configuring import KEY, Cli
from llr_cli.configure.flags import Given
from llr_cli.configure.keys import generated, weaknesses


def test_a_key_is_set_from_standard_input(cli: Cli) -> None:
    done = cli.config("key", "set", stdin=f"{KEY}\n")
    assert cli.document["masterKey"] == KEY and "canary" not in done.output
    assert cli.run("config", "key", "set", stdin="").exit_code == 2


def test_a_key_is_made_and_shown_nowhere(cli: Cli) -> None:
    done = cli.config("key", "generate", "--length", 64, "--prefix", "llr_")
    key = cli.document["masterKey"]
    assert len(key) == 64 and key.startswith("llr_") and key not in done.output
    cli.op("set-master-key", "--generate-master-key=true")
    assert len(cli.document["masterKey"]) == 48 and cli.document["masterKey"].startswith("gw_")


def test_the_key_of_a_provider(cli: Cli) -> None:
    cli.config("key", "set", "--provider", "q", stdin=f"{KEY}\n")
    assert cli.document["providers"][1]["apiKey"] == KEY and "apiKeyEnv" not in cli.document["providers"][1]
    cli.config("key", "set", "--provider", "p", "--env", "MY_KEY")
    assert cli.document["providers"][0]["apiKeyEnv"] == "MY_KEY" and "apiKey" not in cli.document["providers"][0]
    cli.config("key", "clear", "--provider", "p")
    assert "apiKeyEnv" not in cli.document["providers"][0]


def test_a_variable_needs_a_provider(cli: Cli) -> None:
    assert cli.run("config", "key", "set", "--env", "X").exit_code == 2


def test_the_master_key_is_cleared(cli: Cli) -> None:
    cli.config("key", "set", KEY)
    cli.config("key", "clear")
    assert "masterKey" not in cli.document


@pytest.mark.parametrize(
    "flags", [("--master-key-length=23",), ("--master-key-length=257",), ("--master-key-prefix=a b",)]
)
def test_what_makes_no_key_is_a_mistake_of_the_command(cli: Cli, flags: tuple[str, ...]) -> None:
    done = cli.run("config", "--operation=set-master-key", "--generate-master-key", *flags)
    assert done.exit_code == 2 and flags[0].partition("=")[0] in done.stderr


def test_an_operation_without_a_key_is_a_mistake_of_the_command(cli: Cli) -> None:
    done = cli.run("config", "--operation=set-master-key")
    assert done.exit_code == 2 and "--generate-master-key" in done.stderr


@given(st.integers(24, 256), st.integers())
def test_a_made_key_is_never_weak(length: int, seed: int) -> None:
    drawn = random.Random(seed)
    key = generated(Given({"master-key-length": length}), drawn.choice)
    assert len(key) == length and not weaknesses(key)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("Short1-", "shorter than 24"),
        ("alllowercaseletterswithoutanything", "fewer than three"),
        ("Abcdefgh-Password-0123abcdefg", "common word (password)"),
        ("Abcdefgh-aaaaaa-0987-abcdefgh", "repeats a character"),
    ],
)
def test_weaknesses_are_named(key: str, word: str) -> None:
    """Source: the predecessor's policy."""
    assert any(word in each for each in weaknesses(key))


def test_a_weak_key_is_set_with_a_warning(cli: Cli) -> None:
    done = cli.config("key", "set", "password-1")
    assert cli.document["masterKey"] == "password-1"
    assert "the masterKey is weak: it is shorter than 24 characters" in done.stderr and "password-1" not in done.output
