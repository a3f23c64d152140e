"""How AMP's model ids are read, and what a pattern or a selector of the configuration matches.

A model has several spellings: with and without its vendor (`anthropic/claude-opus-4-6`), its date
(`claude-haiku-4-5-20251001`) and the dots of its version (`claude-opus-4-6`, `claude-opus-4.6`). What fits one of them
fits the model. Source: the predecessor's grammar, which did not take off vendor and date.
"""

import re
from dataclasses import dataclass

_SEPARATORS = re.compile(r"[\s_\u2010-\u2015]+")
_WINDOW = re.compile(r"\[1m\]$")
# `4-6` is 4.6, but in `4-20250514` and `4-8b` there is no version of two numbers
_DASHED = re.compile(r"(?<=[a-z]-)(\d{1,2})-(\d{1,2})(?=-|$)")
# `anthropic/…`, `accounts/fireworks/models/…`; and as Bedrock writes it, `us.anthropic.claude-…-v1:0`
_PATH = re.compile(r"^.*/")
_BEDROCK = re.compile(r"^(?:[a-z]{2,6}\.)?[a-z]+\.(?=[a-z])")
_BEDROCK_END = re.compile(r"-v\d+(?::\d+)?$")
_DATES = (
    re.compile(r"[-@]20\d{6}$"),  # Anthropic, and Vertex's form of it
    re.compile(r"-20\d\d-\d\d-\d\d$"),  # OpenAI
    re.compile(r"-\d\d-20\d\d$"),  # Google
    re.compile(r"(?<=-preview)-\d\d-\d\d$"),  # Google, before
    re.compile(r"-(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"),  # OpenAI's and Moonshot's month and day
)
_REGEX = re.compile(r"/(?P<text>.+)/(?P<flags>[a-z]*)", re.DOTALL)
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}
# flags of JavaScript that change nothing about whether something matches
_IGNORED_FLAGS = frozenset("guydv")
_VERSION = r"(?P<version>\d+(?:[.p]\d+)*)"
_REST = r"(?:-(?P<rest>.+))?"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (vendor, re.compile(shape))
    for vendor, shape in (
        ("anthropic", rf"(?:claude-)?(?P<family>opus|sonnet|haiku|fable)(?:-{_VERSION})?{_REST}"),
        ("anthropic", rf"claude-{_VERSION}-(?P<family>[a-z]+){_REST}"),
        ("openai", rf"(?P<family>gpt)-{_VERSION}{_REST}"),
        ("openai", rf"(?P<family>gpt-(?:image|oss))(?:-{_VERSION}(?=-|$))?{_REST}"),
        ("openai", rf"(?P<family>o){_VERSION}{_REST}"),
        ("google", rf"(?P<family>gemini)-{_VERSION}{_REST}"),
        ("xai", rf"(?P<family>grok)(?:-{_VERSION}(?=-|$))?{_REST}"),
        ("moonshot", rf"(?P<family>kimi)-k{_VERSION}{_REST}"),
        ("zai", rf"(?:zai-)?(?P<family>glm)-{_VERSION}{_REST}"),
    )
)
MODIFIERS = frozenset({"preview", "latest", "exp", "experimental", "beta", "stable", "thinking", "fast", "free"})


class BadPattern(ValueError):
    """A pattern that cannot be read."""


def canonical(name: str) -> str:
    """The one spelling that all of a model's have in common: `claude-opus-4.6` for `Anthropic/Claude_Opus-4-6`."""
    return _dotted(_undated(_bare(_plain(name))))


def forms(name: str) -> tuple[str, ...]:
    """Every spelling of a model that a pattern may mean, each once; the one that was given comes first."""
    plain = _plain(name)
    kept = dict.fromkeys((plain, _bare(plain)))
    both = dict.fromkeys(form for each in kept for form in (each, _undated(each)))
    return tuple(dict.fromkeys(form for each in both for form in (each, _dotted(each))))


def _plain(name: str) -> str:
    return _WINDOW.sub("", _SEPARATORS.sub("-", name.strip().lower()))


def _bare(name: str) -> str:
    inner = _PATH.sub("", name)
    bedrock = _BEDROCK.sub("", inner)
    return _BEDROCK_END.sub("", bedrock) if bedrock != inner else inner


def _undated(name: str) -> str:
    name = name.removesuffix("-latest")
    for date in _DATES:
        without = date.sub("", name)
        if without != name:
            return without
    return name


def _dotted(name: str) -> str:
    return _DASHED.sub(r"\1.\2", name)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an id says. `variant` is what follows the version, without `modifiers` such as `preview`."""

    vendor: str | None
    family: str | None
    version: str | None
    variant: str | None
    modifiers: frozenset[str]


def parts(name: str) -> Parts:
    """The parts of a model's id; of an unknown family, its first word is the family and the rest its variant."""
    plain = canonical(name)
    for vendor, shape in _SHAPES:
        if found := shape.fullmatch(plain):
            version = found["version"]
            return _parts(vendor, found["family"], version and version.replace("p", "."), found["rest"])
    prefix, slash, _ = _plain(name).partition("/")
    family, _, rest = plain.partition("-")
    return _parts(prefix if slash else None, family or None, None, rest or None)


def _parts(vendor: str | None, family: str | None, version: str | None, rest: str | None) -> Parts:
    words = rest.split("-") if rest else []
    variant = "-".join(word for word in words if word not in MODIFIERS)
    return Parts(vendor, family, version, variant or None, frozenset(words) & MODIFIERS)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An exact name, a glob (`*`), or a regular expression (`/…/flags`, found anywhere); in any case of letters."""

    text: str
    expressions: tuple[re.Pattern[str], ...]
    anywhere: bool = False

    def matches(self, name: str) -> bool:
        if self.anywhere:
            return any(each.search(form) for form in (name, *forms(name)) for each in self.expressions)
        return any(each.fullmatch(form) for form in forms(name) for each in self.expressions)


def pattern(text: str) -> Pattern:
    """Raises BadPattern."""
    text = text.strip()
    if not text:
        raise BadPattern("expected a model name, a glob or /regex/, got an empty text")
    if found := _REGEX.fullmatch(text):
        return Pattern(text, (_expression(found["text"], found["flags"]),), anywhere=True)
    plain = _plain(text)
    spelt = dict.fromkeys((plain, _dotted(plain)))
    return Pattern(text, tuple(re.compile(_glob(each)) for each in spelt))


def _glob(text: str) -> str:
    """Only `*` is wild: a model's name may have `?` and brackets."""
    return "".join(r".*" if char == "*" else re.escape(char) for char in re.sub(r"\*+", "*", text))


def _expression(text: str, flags: str) -> re.Pattern[str]:
    unknown = set(flags) - _FLAGS.keys() - _IGNORED_FLAGS
    if unknown:
        raise BadPattern(f"expected only the flags i, s and m, got {''.join(sorted(unknown))!r}")
    chosen = re.IGNORECASE
    for flag in flags:
        chosen |= _FLAGS.get(flag, re.IGNORECASE)
    try:
        return re.compile(text, chosen)
    except re.error as error:
        raise BadPattern(f"expected a regular expression between the slashes: {error}") from error


@dataclass(frozen=True, slots=True)
class Selector:
    """What the parts of an id must be; None (no `modifiers`): anything. A version's prefix ends where a number of it
    does: `4` begins 4.6, but not 41."""

    vendor: str | None = None
    family: str | None = None
    version: str | None = None
    version_prefix: str | None = None
    variant: str | None = None
    variant_prefix: str | None = None
    variant_absent: bool | None = None
    modifiers: frozenset[str] = frozenset()

    def matches(self, name: str) -> bool:
        found = parts(name)
        version, variant = found.version or "", found.variant or ""
        prefix = (self.version_prefix or "").rstrip(".")
        return (
            self.vendor in (None, found.vendor)
            and self.family in (None, found.family)
            and self.version in (None, found.version)
            and (not prefix or version == prefix or version.startswith(f"{prefix}."))
            and self.variant in (None, found.variant)
            and variant.startswith(self.variant_prefix or "")
            and self.variant_absent in (None, not variant)
            and self.modifiers <= found.modifiers
        )


type Match = Pattern | Selector
