"""What secrets look like, and texts without them.

Three kinds: secrets that are *known* (the keys of the configuration, the credentials of the request at hand), shapes
that nothing but a secret has (a vendor's prefix and a long rest, a signed token, a private key), and places that hold
secrets whatever they look like (`Authorization: …`, `"api_key": "…"`, `?token=…`, the userinfo of a URL).
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

REMOVED = "[SECRET REMOVED]"
# shorter ones would be found inside of ordinary words; alone in a field they are found all the same
KNOWN_MINIMUM = 6
LONG_TEXT = 200
REMEMBERED = 20_000

# Sources: the vendors' own documentation of their keys, and GitHub's list of secret-scanning patterns.
_PREFIXED = (
    r"(?:sk|pk|rk)[-_](?:ant|proj|or|live|test|svcacct|admin|lf)?[-_]?[\w-]{12,}",
    r"(?:xai|csk|pplx|nvapi|tvly|glpat|dapi|voyage|jina|exa|fc)[-_][\w-]{12,}",
    r"(?:gsk|hf|fw|r8|sgamp|npm|dop_v1|gh[pousr]|github_pat|sess|whsec)_[\w-]{12,}",
    r"xox[abeprs]-[\w-]{10,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}",
    r"AIza[\w-]{20,}",
    r"ya29\.[\w.-]{12,}",
    r"BSA[\w-]{20,}",
    r"SG\.[\w-]{12,}\.[\w-]{12,}",
    r"pypi-[\w-]{20,}",
)
_TOKEN = r"eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"
_PEM = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
_SHAPES = re.compile(rf"(?s){_PEM}|(?<![A-Za-z0-9])(?:{'|'.join((*_PREFIXED, _TOKEN))})")

# what may stand before the name: `x-`, `OPENAI_`, `aws_secret_`; bounded, or a long word would be read again and again
_WORD = r"(?:[\w.-]{0,40}[_.-])?"
_NAMES = (
    r"(?:api[_-]?keys?|apikey|auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|session[_-]?token"
    r"|client[_-]?secret|secret[_-]?key|secret[_-]?access[_-]?key|secrets?|private[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|passwords?|passwd|pwd|passphrase|credentials?|authorization|bearer|cookie|set-cookie|x-goog-api-key"
    r"|signature|sig|token|key|auth)"
)
_NAMED = re.compile(rf"(?i)^{_WORD}{_NAMES}$")
# words that end like the name of a secret and are none: how many tokens, which cache, and the like
_HARMLESS = re.compile(
    r"(?i)^(?:max[_-].*|.*_tokens|prompt_cache_key|cache_key|idempotency-key|sec-websocket-key|thought_?signature|"
    r"signature|key|token_type|x-goog-user-key)$"
)
_QUERY = re.compile(rf"(?i)([?&;]{_WORD}{_NAMES}=)([^&\s\"'<>#\\]+)")
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@\"'<>\\]+@")
_SCHEME = re.compile(r"(?i)\b((?:bearer|basic|digest|token)\s+)(?=[\w.~+/=-]*[\d+/=_-])[\w.~+/=-]{8,}")
_ASSIGNED_NAMES = _NAMES.replace(r"|signature|sig|token|key|auth)", r"|token|auth)")
# NAME=value and "name": "value", quoted once or, inside of a JSON text, twice
_ASSIGNED = re.compile(
    rf"(?i)(?<![a-z])({_ASSIGNED_NAMES}\\*[\"']?\s*[:=]\s*\\*[\"']?)(?!\s|\[SECRET|(?:bearer|basic)\s)"
    r"([^\s\"'\\,;&}}\]]{6,})"
)

type _Replacement = str | Callable[[re.Match[str]], str]


def names_secret(name: str) -> bool:
    """Whether a header, field or query parameter of this name holds a secret."""
    return bool(_NAMED.match(name)) and not _HARMLESS.match(name)


# A label: what names things (models, tools, versions) rather than says something.
_LABEL = re.compile(r"[\w./:@+\[\]*~=,;()$# -]{1,200}")
_PIECES = re.compile(r"[^A-Za-z0-9]+")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
LONG_PIECE = 32
MIXED_PIECE = 16


def is_label(text: str) -> bool:
    """Whether `text` can be a name: printable, short, and nothing in it looks random."""
    return bool(_LABEL.fullmatch(text)) and text.isascii() and not _SHAPES.search(text) and not looks_random(text)


def looks_random(text: str) -> bool:
    """Whether something in `text` is no word: an id, or a key."""
    return bool(_UUID.search(text)) or any(_random(piece) for piece in _PIECES.split(text))


def _random(piece: str) -> bool:
    mixed = any(char.isdigit() for char in piece) and any(char.isalpha() for char in piece)
    return len(piece) >= LONG_PIECE or (mixed and len(piece) >= MIXED_PIECE)


# an own request id looks random, and is meant to be looked for
_LOOSE = re.compile(r"(?<!req_)(?<![A-Za-z0-9])[A-Za-z0-9]{16,}")


def without_random(text: str) -> str:
    """`text` without the words that look random; for logs, which must hold no key even of an unknown vendor."""
    return _LOOSE.sub(lambda match: REMOVED if _random(match[0]) else match[0], text)


class Secrets:
    """Removes secrets from texts; `known` are removed wherever they stand, in the forms that they travel in."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.known = frozenset(each for each in known if each)
        forms = {form for each in self.known if len(each) >= KNOWN_MINIMUM for form in _forms(each)}
        self._clean: set[bytes] = set()
        # the longest first: one may be the beginning of another
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def with_more(self, known: Iterable[str]) -> "Secrets":
        """These, and more."""
        more = frozenset(each for each in known if each) - self.known
        return Secrets(self.known | more) if more else self

    def holds(self, text: str) -> bool:
        """Whether a secret stands in `text`."""
        return self.removed(text) != text

    def removed(self, text: str) -> str:
        """`text` without its secrets. A conversation says the same again and again: long texts that had none are
        remembered by their digests."""
        if text in self.known:
            return REMOVED
        if len(text) < LONG_TEXT:
            return self._removed(text)
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._clean:
            return text
        found = self._removed(text)
        if found == text:
            if len(self._clean) >= REMEMBERED:
                self._clean.clear()
            self._clean.add(digest)
        return found

    def _removed(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REMOVED, text)
        text = _SHAPES.sub(REMOVED, text)
        text = _USERINFO.sub(rf"\1{REMOVED}@", text)
        text = _QUERY.sub(rf"\1{REMOVED}", text)
        text = _SCHEME.sub(rf"\1{REMOVED}", text)
        return _ASSIGNED.sub(rf"\1{REMOVED}", text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the secrets stand that can be told by themselves: known ones and shapes."""
        found = [] if text not in self.known else [(0, len(text))]
        for pattern in filter(None, (self._known, _SHAPES)):
            found += [match.span() for match in pattern.finditer(text)]
        return found


def _forms(secret: str) -> Iterable[str]:
    """A secret as it stands in a text, a JSON string, a URL, and what it looks like in base64 (of `user:secret` only
    the middle is the same whatever stands before it: its three shifts are cut to whole groups)."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    raw = secret.encode("utf-8", "surrogateescape")
    for shift in range(3):
        # the groups that hold nothing but bytes of the secret
        begin = -shift % 3
        whole = raw[begin : begin + (len(raw) - begin) // 3 * 3]
        if len(whole) >= 9:
            yield base64.b64encode(whole).decode()
            yield base64.urlsafe_b64encode(whole).decode()
