"""Specification of addons.encodings.py. Promise 21."""

import gzip
import time
import zlib

import brotli
import pytest
import zstandard

from addons.encodings import TooLarge, Undecodable, UnknownCoding, decoded

BODY = b'{"model":"m","messages":[' + b'{"role":"user","content":"hello"},' * 500 + b"{}]}"
RAW_DEFLATE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
CODED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "GZIP": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY),
    "zstd": zstandard.ZstdCompressor().compress(BODY),
    "identity": BODY,
    "": BODY,
}
LIMIT = 1_000_000


@pytest.mark.parametrize("coding", CODED)
def test_every_coding_is_undone(coding: str) -> None:
    assert decoded(CODED[coding], coding, LIMIT) == BODY


def test_deflate_without_its_wrapping_is_undone_too() -> None:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    assert decoded(bare.compress(BODY) + bare.flush(), "deflate", LIMIT) == BODY


def test_codings_on_top_of_each_other_are_undone_from_the_last_to_the_first() -> None:
    assert decoded(zstandard.ZstdCompressor().compress(gzip.compress(BODY)), "gzip, zstd", LIMIT) == BODY


def test_members_of_gzip_and_frames_of_zstd_follow_each_other() -> None:
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", LIMIT) == b"ab"
    frames = b"".join(zstandard.ZstdCompressor().compress(part) for part in (b"a", b"b"))
    assert decoded(frames, "zstd", LIMIT) == b"ab"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_parts_do_not_follow_each_other_without_end(coding: str) -> None:
    """Promise 21: a body of nothing but empty parts would keep the router busy for hours."""
    empty = {"gzip": gzip.compress(b""), "zstd": zstandard.ZstdCompressor().compress(b"")}[coding]

    begun = time.process_time()
    with pytest.raises(Undecodable, match="compressed parts"):
        decoded(empty * 100_000, coding, LIMIT)

    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_nothing_at_all_is_not_so_coded(coding: str) -> None:
    with pytest.raises(Undecodable):
        decoded(b"", coding, LIMIT)


def test_a_zstd_frame_that_does_not_say_its_size_is_undone() -> None:
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()

    assert decoded(compressor.compress(BODY) + compressor.flush(), "zstd", LIMIT) == BODY


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_may_expand_up_to_the_limit_and_not_by_a_byte_more(coding: str) -> None:
    assert decoded(CODED[coding], coding, len(BODY)) == BODY
    with pytest.raises(TooLarge):
        decoded(CODED[coding], coding, len(BODY) - 1)


BOMBS = {
    "gzip": lambda zeros: gzip.compress(zeros),
    "deflate": lambda zeros: zlib.compress(zeros),
    "br": lambda zeros: brotli.compress(zeros, quality=4),
    "zstd": lambda zeros: zstandard.ZstdCompressor().compress(zeros),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_not_unpacked_beyond_the_limit(coding: str) -> None:
    bomb = BOMBS[coding](bytes(200_000_000))

    begun = time.process_time()
    with pytest.raises(TooLarge):
        decoded(bomb, coding, 100_000)

    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("damage", ["garbage", "cut"])
def test_what_is_not_so_coded_is_refused(coding: str, damage: str) -> None:
    data = b"certainly not compressed" if damage == "garbage" else CODED[coding][: len(CODED[coding]) // 2]

    with pytest.raises(Undecodable) as raised:
        decoded(data, coding, LIMIT)

    assert not isinstance(raised.value, UnknownCoding)


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(UnknownCoding, match="'compress' is no content coding"):
        decoded(b"x", "compress", LIMIT)


def test_codings_are_not_undone_without_end() -> None:
    with pytest.raises(UnknownCoding, match="at most 2"):
        decoded(b"x", "gzip, gzip, gzip", LIMIT)
