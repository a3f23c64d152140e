"""Text that a client keeps and sends back without looking inside: what the router found for a model, in a field that
only its maker reads (Anthropic's `encrypted_content`).

It is packed and not encrypted: it holds nothing that the client has not been shown. What is torn reads as nothing.
"""

import base64
import binascii
import zlib

MARK = "llr1."
# how the ids of calls begin that the router has answered itself, in the form of Anthropic's
ID_MARK = "srvtoolu_llr"
LIMIT = 1 << 20


def seal(text: str) -> str:
    return MARK + base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"))).decode()


def unseal(sealed: object) -> str | None:
    """The text, or None for what `seal` did not make."""
    if not is_sealed(sealed):
        return None
    try:
        packed = base64.urlsafe_b64decode(str(sealed)[len(MARK) :].encode("ascii", "replace"))
        # a client may send anything back: a little of it must not unpack into a lot
        return zlib.decompressobj().decompress(packed, LIMIT).decode("utf-8", "surrogatepass")
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return None


def is_sealed(value: object) -> bool:
    """Whether it is one of ours, even a torn one."""
    return isinstance(value, str) and value.startswith(MARK)
