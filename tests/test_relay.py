"""Specification of addons/relay.py: forwarding within a dialect."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.core.events import Cause
from addons.core.model import DialectName, Request
from addons.dialects import DIALECTS
from addons.relay import Forward
from harness.answers import Call, Said, event, stream
from harness.asks import opening
from harness.spoken import PROVIDERS

FIXTURES = Path(__file__).parent / "fixtures"
SAID = Said("Grüße 🙂 and more", "hm", calls=(Call("f", '{"x":1}'),))
NEW_LINES = ("\n", "\r\n", "\r")
every_dialect = pytest.mark.parametrize("name", list(PROVIDERS))


def forward(name: DialectName) -> Forward:
    dialect = DIALECTS[name]
    return Forward(dialect, dialect.encoder(Request(name, "m", (), stream=True), "m"))


def relayed(name: DialectName, *chunks: bytes, cause: Cause = Cause.COMPLETE) -> bytes:
    relay = forward(name)
    out = b"".join(relay.feed(chunk) for chunk in chunks)
    return out if relay.done else out + relay.finish(cause)


@every_dialect
@pytest.mark.parametrize("new_line", NEW_LINES)
@settings(max_examples=30, deadline=None)
@given(split=st.data())
def test_any_split_comes_out_byte_for_byte(name: DialectName, new_line: str, split: st.DataObject) -> None:
    """Promises 1 and 16."""
    data = b"".join(stream(name, SAID)).replace(b"\r\n", b"\n").replace(b"\n", new_line.encode())
    cuts = sorted(split.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert relayed(name, *chunks) == data


@every_dialect
def test_byte_by_byte_comes_out_byte_for_byte(name: DialectName) -> None:
    """Promise 1."""
    data = b"".join(stream(name, SAID))
    assert relayed(name, *(data[n : n + 1] for n in range(len(data)))) == data


@every_dialect
def test_half_an_event_never_reaches_the_client_before_an_error_event(name: DialectName) -> None:
    """Promise 3: the error event is readable, because no torn event stands before it."""
    events = stream(name, SAID)
    content = next(n for n, each in enumerate(events) if b"Gr" in each)
    torn = b"".join(events[: content + 1]) + events[content + 1][:15]
    out = relayed(name, torn, cause=Cause.TRUNCATED)
    assert out.startswith(b"".join(events[: content + 1]))
    rest = out[len(b"".join(events[: content + 1])) :]
    assert rest.count(b"data: ") == 1 and b"error" in rest


@every_dialect
def test_a_failure_before_the_first_content_gives_the_client_nothing(name: DialectName) -> None:
    """Promise 6."""
    relay = forward(name)
    assert relay.feed(opening(name)[0]) == b""
    assert relay.finish(Cause.TRUNCATED) == b""
    assert relay.error is not None and not relay.committed


def test_a_huge_event_takes_linear_time() -> None:
    """Promise 12."""

    def seconds(megabytes: int) -> float:
        relay = forward(DialectName.ANTHROPIC)
        for each in stream(DialectName.ANTHROPIC, Said("x"))[:-1]:
            relay.feed(each)
        huge = event({"type": "ping", "filler": "x" * (megabytes * 1_000_000)})
        chunks = [huge[at : at + 4096] for at in range(0, len(huge), 4096)]
        begin = time.process_time()
        for chunk in chunks:
            relay.feed(chunk)
        return time.process_time() - begin

    seconds(1)
    assert min(seconds(8) for _ in range(3)) < 24 * min(seconds(1) for _ in range(3)) + 0.05


def test_a_finish_without_an_end_mark_is_whole_for_chat() -> None:
    data = (FIXTURES / "chat" / "no_done_marker.sse").read_bytes()
    assert relayed(DialectName.CHAT, data) == data
