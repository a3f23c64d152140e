"""The SSE parser: what the standard says, and where other parsers err."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.errors import RemoteDataError
from addons.core.sse import SseEvent, SseParser, comment_bytes, event_bytes


def parse(*chunks: bytes, limit: int | None = None) -> list[SseEvent]:
    parser = SseParser() if limit is None else SseParser(limit)
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.finish()


def pairs(*chunks: bytes) -> list[tuple[str, bytes]]:
    return [(event.name, event.data) for event in parse(*chunks)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes) -> None:
    """Promise 9."""
    stream = end.join([b"event: ping", b"data: 1", b"", b"data: 2", b"", b""])

    assert pairs(stream) == [("ping", b"1"), ("", b"2")]


def test_a_crlf_split_across_two_reads_is_one_line_end() -> None:
    """Promise 9."""
    assert pairs(b"data: 1\r", b"\n\r", b"\ndata: 2\r", b"\n\r", b"\n") == [("", b"1"), ("", b"2")]


def test_only_a_line_feed_right_behind_a_carriage_return_belongs_to_it() -> None:
    """Promise 9."""
    assert pairs(b"data: 1\rdata:", b"\ndata: 2\n\n") == [("", b"1\n\n2")]


def test_an_event_is_given_at_its_last_byte_even_when_that_is_a_cr() -> None:
    """Promise 9."""
    parser = SseParser()

    assert [event.data for event in parser.feed(b"data: 1\r\r")] == [b"1"]


@pytest.mark.parametrize(
    ("block", "data"),
    [
        (b"data:no space\n\n", b"no space"),
        (b"data:  two spaces\n\n", b" two spaces"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b"data\n\n", b""),
        (b": comment\ndata: x\n\n", b"x"),
        (b"id: 7\nretry: 10\ndata: x\n\n", b"x"),
        (b"data: a:b: c\n\n", b"a:b: c"),
        (b"\n\n\ndata: x\n\n", b"x"),
    ],
)
def test_fields_are_read_as_the_standard_says(block: bytes, data: bytes) -> None:
    """Promise 9."""
    assert pairs(block) == [("", data)]


@pytest.mark.parametrize("block", [b": ping\n\n", b"id: 1\n\n", b"retry: 5\n\n", b"event: ping\n\n", b"\n\n"])
def test_a_block_without_data_is_no_event(block: bytes) -> None:
    """Promise 9."""
    assert pairs(block, b"data: x\n\n") == [("", b"x")]


def test_the_event_after_a_byte_order_mark_is_kept() -> None:
    """Promise 9."""
    assert pairs(b"\xef", b"\xbb", b"\xbfdata: x\n\n") == [("", b"x")]


def test_a_byte_order_mark_in_the_middle_is_data() -> None:
    """Promise 9."""
    assert pairs(b"data: 1\n\ndata: \xef\xbb\xbf2\n\n")[1] == ("", b"\xef\xbb\xbf2")


def test_an_event_without_its_last_blank_line_counts_at_the_end() -> None:
    """Promise 9."""
    assert pairs(b"data: 1\n\nevent: last\ndata: 2") == [("", b"1"), ("last", b"2")]


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_only_real_line_ends_split_an_event(char: str) -> None:
    """Promise 10."""
    data = f'{{"text":"a{char}b"}}'.encode()

    assert pairs(event_bytes(data)) == [("", data)]


@given(st.data())
def test_any_split_gives_the_same_events_at_the_same_offsets(data: st.DataObject) -> None:
    """Promise 9."""
    pieces = ["data: ä\u2028", "data:", "event: x", ": c", "\n", "\r\n", "\r", "\ufeff", "id: 1", "\n\n"]
    stream = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=20))).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert parse(*chunks) == parse(stream) == parse(*(bytes([byte]) for byte in stream))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_an_event_knows_where_it_began(end: bytes, mark: bytes) -> None:
    """Promise 11: the offset of a malformed event is that of its block."""
    blocks = [b"data: 1" + end + end, b"event: x" + end + b"data: 2" + end + end]
    stream = mark + b"".join(blocks)

    assert [event.offset for event in parse(stream)] == [len(mark), len(mark) + len(blocks[0])]


@pytest.mark.parametrize(
    "chunks",
    [[b"data: " + b"x" * 101], [b"data: " + b"x" * 50 + b"\n"] * 3, [b"x" * 60, b"x" * 60], [b"data:\n"] * 101],
    ids=["one line", "many lines", "no line end", "empty lines"],
)
def test_an_event_larger_than_the_limit_is_refused_before_it_is_whole(chunks: list[bytes]) -> None:
    """Promise 12."""
    with pytest.raises(RemoteDataError, match="larger than 100 bytes"):
        parse(*chunks, limit=100)


def test_the_limit_is_for_one_event_not_for_the_stream() -> None:
    """Promise 12."""
    assert len(parse(b"data: " + b"x" * 80 + b"\n\n", *[b"data: " + b"x" * 80 + b"\n\n"] * 9, limit=100)) == 10


def _cpu_seconds(size: int, chunk: int = 64) -> float:
    stream = b"data: " + b"x" * size + b"\n\n"
    parser = SseParser()
    begin = time.process_time()
    for at in range(0, len(stream), chunk):
        parser.feed(stream[at : at + chunk])
    return time.process_time() - begin


def test_a_huge_event_in_small_pieces_costs_linear_time() -> None:
    """Promise 12: four times the size, about four times the CPU (sixteen, were it quadratic)."""
    small = min(_cpu_seconds(1_000_000) for _ in range(3))
    large = min(_cpu_seconds(4_000_000) for _ in range(3))

    assert large / small < 8


def test_a_five_megabyte_event_arrives_whole() -> None:
    """Promise 12."""
    data = b"y" * 5_000_000

    assert pairs(b"data: ", data[:1], data[1:], b"\n", b"\n") == [("", data)]


def test_written_events_read_back() -> None:
    stream = event_bytes(b"{}") + comment_bytes("still here") + event_bytes(b"[1]", "message_stop")

    assert pairs(stream) == [("", b"{}"), ("message_stop", b"[1]")]
