"""Specification of llr_cli/configure/flags.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llr_cli.configure.flag_table import spelt
from llr_cli.configure.flags import Flag, Kind, parsed, value_of
from llr_cli.configure.refusal import Misused

KNOWN = spelt(
    (
        Flag("text", "text", "", ("word",)),
        Flag("on", "switch", ""),
        Flag("key", "secret", ""),
        Flag("remove", "named", ""),
        Flag("list", "words", ""),
    )
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--text", "a", "--on"], {"text": "a", "on": True}),
        (["--word=a=b"], {"text": "a=b"}),
        (["--on", "false", "--text", "x"], {"on": False, "text": "x"}),
        (["--on", "--text=x"], {"on": True, "text": "x"}),
        (["--text="], {"text": ""}),
        (["--key", "-"], {"key": "-"}),
        (["--remove"], {"remove": "true"}),
        (["--remove", "--on"], {"remove": "true", "on": True}),
        (["--remove", "day"], {"remove": "day"}),
        (["--list", "a, b,a"], {"list": ["a", "b"]}),
        (["--text=1", "--text=2"], {"text": "2"}),
    ],
)
def test_both_forms_are_read(words: list[str], expected: dict[str, Any]) -> None:
    assert parsed(words, KNOWN) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["text"], "a flag is expected"),
        (["--txet=1"], "perhaps --text is meant"),
        (["--text"], "a value is expected"),
        (["--text", "--on"], "a value is expected"),
        (["--on=maybe"], "--on: expected true or false"),
    ],
)
def test_what_cannot_be_read_is_named(words: list[str], said: str) -> None:
    with pytest.raises(Misused, match=said):
        parsed(words, KNOWN)


def test_a_key_that_came_adrift_is_not_repeated() -> None:
    with pytest.raises(Misused) as refused:
        parsed(["--key=", "sk-ant-canary-0123456789"], KNOWN)
    assert "canary" not in refused.value.text


@pytest.mark.parametrize("word", ["true", "1", "yes", "on", "TRUE"])
def test_words_for_yes(word: str) -> None:
    assert parsed([f"--on={word}"], KNOWN)["on"] is True


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "Off"])
def test_words_for_no(word: str) -> None:
    assert parsed([f"--on={word}"], KNOWN)["on"] is False


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("number", "30", 30),
        ("number", "0.5", 0.5),
        ("words", '["a,b", "c"]', ["a,b", "c"]),
        ("words", "\x1b[32m- gpt-5\x1b[0m\n  * 'glm'\n", ["gpt-5", "glm"]),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("headers", '{"a": null}', {"a": None}),
        ("headers", "A: b: c\nD:", {"A": "b: c", "D": ""}),
    ],
)
def test_kinds(kind: Kind, text: str, expected: object) -> None:
    assert value_of(Flag("x", kind, ""), text) == expected


@pytest.mark.parametrize(("kind", "text"), [("number", "ten"), ("json", "{"), ("headers", "no colon")])
def test_values_of_the_wrong_kind_are_named_by_their_flag(kind: Kind, text: str) -> None:
    with pytest.raises(Misused, match="--x: expected"):
        value_of(Flag("x", kind, ""), text)


@given(st.lists(st.text(max_size=12), max_size=6))
def test_whatever_is_typed_is_read_or_refused(words: list[str]) -> None:
    try:
        found = parsed(words, KNOWN)
    except Misused:
        return
    assert found.keys() <= {flag.name for flag in KNOWN.values()}
