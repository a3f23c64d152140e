"""Specification of every `--help`: what it says is in tests/cli/help, so that a change of it is seen. `make help-texts`
writes it anew."""

import pytest
from cli.help_texts import FOLDER, commands, place, said

COMMANDS = list(commands())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_says_what_is_written_down(words: tuple[str, ...]) -> None:
    file = place(words)
    assert file.exists(), "a new command: `make help-texts` writes its text down"
    assert said(words) == file.read_text(), "`make help-texts` writes the new text down"


def test_nothing_is_written_down_of_commands_that_are_gone() -> None:
    assert set(FOLDER.glob("*.txt")) == {place(words) for words in COMMANDS}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_in_whole_sentences(words: tuple[str, ...]) -> None:
    lines = said(words).splitlines()
    summary = next(line.strip() for line in lines[1:] if line.strip())
    assert summary[0].isupper() or summary.startswith("`")
    assert not any(line.rstrip().endswith("...") for line in lines if line.startswith("  --"))
