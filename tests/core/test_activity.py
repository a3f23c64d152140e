"""Specification of addons/core/activity.py: the line of the activity log."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.activity import FIELDS, HIDDEN, LIST_LIMIT, NAME_LIMIT, Entry, as_line, entry_of, from_line
from addons.core.errors import ErrorClass
from addons.core.events import Usage
from addons.core.frames import Frames, Talk
from addons.core.model import DialectName, Loss
from addons.observed import Record

RECORD = Record(
    id="req_1",
    at=1_800_000_000.25,
    tool="claude-code",
    method="POST",
    path="/anthropic/v1/messages",
    client=DialectName.ANTHROPIC,
    requested="claude-opus-4-8",
    route="main",
    strategy="ordered",
    served="q/n",
    provider=DialectName.CHAT,
    credential="second",
    stream=True,
    attempts=("p/llama3:8b:529/overloaded#1",),
    skipped=("r/o:quota-exhausted:b",),
    losses=(Loss("top_k", "the text of a loss"), Loss("top_k", "said again")),
    first_event=0.4127,
    total=2.5,
    usage=Usage(100, 20, cache_read=60, cache_write=5, reasoning=7),
)
counts = st.none() | st.integers(0, 2**53)
words = st.text(max_size=40)
frames = st.builds(Frames, st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**40))
entries = st.builds(
    Entry,
    id=words,
    at=st.integers(0, 4_000_000_000).map(float),
    tool=words,
    client=words,
    requested=words,
    route=words,
    served=words,
    provider=st.none() | words,
    credential=words,
    stream=st.booleans(),
    status=st.integers(100, 599),
    error=st.none() | words,
    attempts=st.lists(words, max_size=3).map(tuple),
    skipped=st.lists(words, max_size=3).map(tuple),
    losses=st.lists(words, max_size=3).map(tuple),
    broken=st.none() | words,
    left=st.booleans(),
    joined=st.booleans(),
    passed_on=st.booleans(),
    first_event=st.none() | st.integers(0, 10_000).map(float),
    total=st.integers(0, 10_000).map(float),
    usage=st.builds(Usage, counts, counts, counts, counts, counts),
    path=words,
    talk=st.none() | st.builds(Talk, frames, frames),
)


@given(entries)
def test_a_line_is_read_as_it_was_written(entry: Entry) -> None:
    assert from_line(as_line(entry)) == entry


@given(entries)
def test_a_line_is_one_line(entry: Entry) -> None:
    assert as_line(entry).count(b"\n") == 1


def test_every_member_is_documented_and_always_there() -> None:
    for record in (RECORD, Record("", 0.0, "", "", "", DialectName.CHAT)):
        assert list(json.loads(as_line(entry_of(record)))) == list(FIELDS)


def test_a_line_for_people_and_programs() -> None:
    found = json.loads(as_line(entry_of(RECORD)))
    assert found["time"] == "2027-01-15T08:00:00.250Z"
    assert (found["firstEventMs"], found["totalMs"]) == (412.7, 2500)
    assert found["tokens"] == {"in": 100, "out": 20, "cached": 60, "written": 5, "reasoning": 7}
    assert (found["client"], found["provider"], found["served"]) == ("claude", "openai", "q/n")


def test_of_a_loss_the_path_is_kept_once_and_not_its_text() -> None:
    line = as_line(entry_of(RECORD))
    assert json.loads(line)["losses"] == ["top_k"] and b"text of a loss" not in line


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
        "sk-proj-0123456789abcdefghij",
        "AIzaSyA0123456789abcdefghijklmno",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Bearer abcdefghij0123456789",
    ],
)
def test_a_key_in_the_place_of_a_name_is_not_written(secret: str) -> None:
    """Promise 45."""
    record = replace(RECORD, requested=f"p/{secret}", losses=(Loss(f"metadata.{secret}", ""),))
    entry = entry_of(record)
    assert (entry.requested, entry.losses) == (HIDDEN, (HIDDEN,))


@pytest.mark.parametrize(
    "name",
    [
        "claude-haiku-4-5-20251001",
        "accounts/fireworks/models/qwen3-coder-480b-a35b-instruct",
        "hf.co/unsloth/gpt-oss-20b-GGUF:Q4_K_M",
        "network-of-very-long-model-names-with-dashes",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
    ],
)
def test_names_of_models_are_written(name: str) -> None:
    assert entry_of(replace(RECORD, requested=name)).requested == name


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/v1/messages", "/v1/messages"),
        ("/v1beta/models/gemini-3.1-pro:generateContent", "/v1beta/models/gemini-3.1-pro:generateContent"),
        ("/api/threads/T-0b2c6f0e-8f8d-4a7e-9c0a-2f6a3d1c9b55", f"/api/threads/{HIDDEN}"),
        ("/x/sk-ant-api03-0123456789abcdef/y", f"/x/{HIDDEN}/y"),
        ("/x/sk%2Dant%2Dapi03%2D0123456789abcdef", f"/x/{HIDDEN}"),
        ("/\x1b[2J", f"/{HIDDEN}"),
    ],
)
def test_of_a_path_the_names_are_written(path: str, written: str) -> None:
    """Promise 45."""
    assert entry_of(replace(RECORD, path=path)).path == written


def test_what_went_over_a_websocket_is_counted() -> None:
    entry = entry_of(replace(RECORD, talk=Talk(Frames(3, 2, 10), Frames(1, 1, 5))))
    socket = {"sent": {"frames": 3, "messages": 2, "bytes": 10}, "received": {"frames": 1, "messages": 1, "bytes": 5}}
    assert json.loads(as_line(entry))["socket"] == socket


def test_a_line_of_before_there_were_paths_is_read() -> None:
    value = json.loads(as_line(entry_of(RECORD)))
    del value["path"], value["socket"]
    entry = from_line(json.dumps(value).encode())
    assert entry is not None and (entry.path, entry.talk) == ("", None)


def test_what_clients_name_is_cut() -> None:
    losses = tuple(Loss(f"field{n}", "") for n in range(100))
    entry = entry_of(replace(RECORD, requested="m" * 5000, losses=losses))
    assert (len(entry.requested), len(entry.losses)) == (NAME_LIMIT, LIST_LIMIT)


def test_a_name_moves_no_cursor() -> None:
    assert entry_of(replace(RECORD, requested="m\x1b[2J\x9b\n\u202e")).requested == "m?[2J???"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b'{"v":1,"id":"req',
        b"[]",
        b"null",
        b'{"v":2}',
        b'{"v":1}',
        b"\xff\xfe",
        b"[" * 60_000,
        as_line(entry_of(RECORD)).replace(b"2027-01", b"2027-99"),
        as_line(entry_of(RECORD)).replace(b'"status":200', b'"status":"x"'),
    ],
)
def test_what_is_no_line_of_the_log_is_passed_over(line: bytes) -> None:
    assert from_line(line) is None


def test_members_of_later_versions_are_ignored() -> None:
    line = as_line(entry_of(RECORD))
    assert from_line(line.replace(b'{"v":1', b'{"v":1,"weather":"fine"')) == from_line(line)


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, False),
        ({"status": 429, "error": ErrorClass.RATE_LIMITED}, True),
        ({"error": ErrorClass.OVERLOADED}, True),  # told in a stream that had begun
        ({"broken": ErrorClass.TRUNCATED}, True),
        ({"left": True}, False),
        ({"status": 0, "passed_on": True}, False),
        ({"status": 499, "left": True}, False),
    ],
)
def test_a_request_has_failed_when_its_client_got_no_whole_answer(changes: dict[str, object], failed: bool) -> None:
    assert entry_of(replace(RECORD, **changes)).failed is failed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("served", "attempts", "fell_back"),
    [
        ("q/n", ("p/llama3:8b:529/overloaded#1",), True),
        ("q/n", (), False),
        ("q/n", ("q/n:529/overloaded#1",), False),  # the same was asked again
        ("", ("p/m:529/overloaded#1",), False),
        ("p/llama3:8b", ("p/llama3:8b:529/overloaded#1",), False),
    ],
)
def test_a_fallback_is_an_answer_after_the_failure_of_another(
    served: str, attempts: tuple[str, ...], fell_back: bool
) -> None:
    assert entry_of(replace(RECORD, served=served, attempts=attempts)).fell_back is fell_back
