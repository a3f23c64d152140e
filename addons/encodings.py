"""Request bodies as they were before they were compressed, with a cap on how much they may expand.

Source: RFC 9110 §8.4 (codings in the order of being applied), RFC 8878 (zstd), RFC 7932 (br). Codex compresses its
requests with zstd when it is logged in with a ChatGPT account.
"""

import zlib
from collections.abc import Callable, Mapping

import brotli  # type: ignore[import-untyped]
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"
# more than two codings on top of each other is no client's way to save bytes
CODINGS_LIMIT = 2
PIECE = 1 << 20
# members of gzip and frames of zstd that may follow each other; each one costs a copy of all that is left
MEMBERS_LIMIT = 64


class Undecodable(Exception):
    """The body is not what its Content-Encoding says."""


class UnknownCoding(Undecodable):
    """Nobody here knows the coding, or there are too many of them."""


class TooLarge(Exception):
    """The body expands beyond the limit."""


def decoded(data: bytes, encodings: str, limit: int) -> bytes:
    """`data` with the codings of a Content-Encoding header undone, the last one first.

    Raises:
        Undecodable: broken data.
        UnknownCoding: an unknown coding, or too many.
        TooLarge: the result of any step has more than `limit` bytes.
    """
    codings = [word for part in encodings.split(",") if (word := part.strip().lower()) not in ("", "identity")]
    if len(codings) > CODINGS_LIMIT:
        raise UnknownCoding(f"at most {CODINGS_LIMIT} content codings are undone")
    for coding in reversed(codings):
        decoder = _DECODERS.get(coding)
        if decoder is None:
            raise UnknownCoding(f"{coding[:40]!r} is no content coding that is known here: {ACCEPTED} are")
        try:
            data = decoder(data, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
            raise Undecodable(f"the body is no {coding} data") from error
    return data


def _zlib(data: bytes, limit: int, window: int) -> bytes:
    out = b""
    for _ in range(MEMBERS_LIMIT):  # gzip: members may follow each other
        member = zlib.decompressobj(window)
        out += member.decompress(data, limit + 1 - len(out))
        if len(out) > limit or member.unconsumed_tail:
            raise TooLarge
        if not member.eof:
            raise EOFError
        data = member.unused_data
        if not data:
            return out
    raise Undecodable(_TOO_MANY)


def _gzip(data: bytes, limit: int) -> bytes:
    return _zlib(data, limit, 16 + zlib.MAX_WBITS)


def _deflate(data: bytes, limit: int) -> bytes:
    """zlib's format by the RFC; the bare one, which some clients send, where that fails."""
    try:
        return _zlib(data, limit, zlib.MAX_WBITS)
    except zlib.error:
        return _zlib(data, limit, -zlib.MAX_WBITS)


def _brotli(data: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    out = decoder.process(data, output_buffer_limit=limit + 1)
    while not decoder.is_finished() and len(out) <= limit:
        more = decoder.process(b"", output_buffer_limit=limit + 1 - len(out))
        if not more:
            raise EOFError
        out += more
    if len(out) > limit:
        raise TooLarge
    return bytes(out)


def _zstd(data: bytes, limit: int) -> bytes:
    """Measured first, unpacked then: only the streaming reader can stop in time, and only the other one notices that
    the end is missing."""
    reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
    size = 0
    while size <= limit and (piece := reader.read(PIECE)):
        size += len(piece)
    if size > limit:
        raise TooLarge
    out = b""
    for _ in range(MEMBERS_LIMIT):
        frame = zstandard.ZstdDecompressor().decompressobj()
        out += frame.decompress(data)
        if not frame.eof:
            raise EOFError
        data = frame.unused_data
        if not data:
            return out
    raise Undecodable(_TOO_MANY)


_TOO_MANY = f"the body has more than {MEMBERS_LIMIT} compressed parts"
_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
