"""JSON that is written while its values come in."""

from typing import Any

import pytest

from addons.dialects._gemini_written import Key, Written


def written(*values: tuple[list[Key], Any], whole: Any = None) -> str:
    found = Written()
    return "".join(found.put(keys, value) for keys, value in values) + found.end(whole or {})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([(["a"], 1)], '{"a":1}'),
        ([(["a"], "x"), (["b"], None)], '{"a":"x","b":null}'),
        ([(["a", "b"], 1), (["a", "c"], 2), (["d"], 3)], '{"a":{"b":1,"c":2},"d":3}'),
        ([(["a", 0], 1), (["a", 1, "b"], 2)], '{"a":[1,{"b":2}]}'),
        ([(["a", 2], 1)], '{"a":[null,null,1]}'),
        ([(['"', "\n"], "\u2028\\")], '{"\\"":{"\\n":"\u2028\\\\"}}'),
    ],
)
def test_values_in_order_make_the_object(values: list[tuple[list[Key], Any]], text: str) -> None:
    assert written(*values) == text


def test_nothing_is_an_empty_object() -> None:
    assert written() == "{}"


def test_a_text_goes_on_until_it_is_settled() -> None:
    found = Written()
    pieces = [found.put(["a"], "x"), found.more("y"), found.settled(), found.more("z"), found.end({})]
    assert pieces == ['{"a":"x', "y", '"', "", "}"]


@pytest.mark.parametrize("keys", [["a"], ["a", "b"], ["a", "c"]])
def test_what_belongs_into_what_is_closed_is_written_whole_at_the_end(keys: list[Key]) -> None:
    whole = {"a": {"told": "by the caller"}, "d": 2}
    text = written((["a", "b"], 1), (["d"], 2), (keys, 3), whole=whole)
    assert text == '{"a":{"b":1},"d":2,"a":{"told":"by the caller"}}'
