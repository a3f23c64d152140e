"""Specification of addons/core/debug_meanings.py: every header that the router writes is explained."""

import ast
import re
from pathlib import Path

import pytest

import addons
from addons.core.attempt import Attempt
from addons.core.debug import PREFIX, Decision, debug_headers, told
from addons.core.debug_meanings import CLASSES, HEADERS, REASONS, UNEXPLAINED, Explained, explained, is_ours
from addons.core.errors import ErrorClass
from addons.core.plan import Route

ROUTE = Route("fast", "alias", "fast", "ordered", ())
SOURCES = Path(addons.__file__).parent
# what stands in the sources and is the beginning of a header only
BEGINNINGS = {""}


def test_every_header_of_a_decision_is_explained() -> None:
    assert told(Decision(route=ROUTE), ROUTE).keys() <= HEADERS.keys()


def test_every_table_of_headers_is_explained() -> None:
    """Whatever else addons/core/debug.py can write: its tables have the names of headers for keys, and no others."""
    tables = [
        node for node in ast.walk(ast.parse((SOURCES / "core/debug.py").read_text())) if isinstance(node, ast.Dict)
    ]
    names = {key.value for table in tables for key in table.keys if isinstance(key, ast.Constant)}
    assert names <= HEADERS.keys()
    assert "requested-model" in names


def test_every_header_that_is_named_anywhere_is_explained() -> None:
    text = "\n".join(path.read_text() for path in SOURCES.rglob("*.py"))
    named = set(re.findall(rf"[\"']{PREFIX}([a-z-]*)[\"']", text))
    assert named - BEGINNINGS <= HEADERS.keys()
    assert "request-id" in named


@pytest.mark.parametrize(
    "mode", ["detected", "mode", "agent", "application", "requested-model", "matched-by", "matched-ref"]
)
def test_the_headers_of_the_predecessor_for_amp_are_explained(mode: str) -> None:
    assert f"amp-{mode}" in HEADERS


def test_every_class_of_failure_has_words() -> None:
    assert set(CLASSES) == set(ErrorClass)


@pytest.mark.parametrize("cls", ErrorClass)
def test_an_attempt_is_told_in_words(cls: ErrorClass) -> None:
    headers = dict(debug_headers(Decision(ROUTE, failed=[Attempt("p/llama3:8b", 529, str(cls), 2)])))
    (found,) = [each for each in explained(headers) if each.name.endswith("-attempts")]
    assert found.parts == (f"p/llama3:8b, try 2: {CLASSES[cls]} (told as 529)",)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("p/m:quota-exhausted:daily", "p/m: its limit is used up (daily)"),
        ("p/llama3:8b:busy", "p/llama3:8b: as many requests as it may have are running"),
        ("p/m:cooling:rate_limited", "p/m: it rests after a failure (rate_limited)"),
        ("p/m:circuit-open", "p/m: it failed too often, and is tried again later"),
        ("p/m: the variable KEY is not set", "p/m: the variable KEY is not set"),
    ],
)
def test_a_reason_is_told_in_words(part: str, words: str) -> None:
    (found,) = explained({"x-llm-router-skipped-candidates": part})
    assert found.parts == (words,)


def test_every_reason_that_the_router_gives_is_in_the_table() -> None:
    text = "\n".join((SOURCES / name).read_text() for name in ("dispatch.py", "core/health.py", "core/context.py"))
    given = set(
        re.findall(
            r"(?:excluded=f?|Exclusion\(f?|candidate\.ref\}:|TOO_SMALL = )\"?([a-z]+(?:-[a-z]+)+|busy|cooling)", text
        )
    )
    assert given == REASONS.keys()


def test_several_parts_are_told_one_by_one_and_a_cut_one_as_it_is() -> None:
    (found,) = explained({"X-LLM-Router-Attempts": "a/m:429/rate_limited#1, b/m:5"})
    assert found.parts == ("a/m, try 1: its rate limit was met (told as 429)", "b/m:5")


def test_only_the_routers_own_are_told_in_the_order_of_the_table() -> None:
    headers = {"content-type": "x", "x-llm-router-timing": "t", "x-llm-router-new": "n", "x-llm-router-request-id": "r"}
    assert [(each.name, each.value) for each in explained(headers)] == [
        ("x-llm-router-request-id", "r"),
        ("x-llm-router-timing", "t"),
        ("x-llm-router-new", "n"),
    ]


def test_a_header_of_another_version_is_told_to_be_one() -> None:
    assert explained({"x-llm-router-new": "n"}) == [Explained("x-llm-router-new", "n", UNEXPLAINED)]


def test_names_are_ours_in_any_case() -> None:
    assert is_ours("X-LLM-Router-Request-Id") and not is_ours("x-request-id")
