"""Whether a request fits into a model's context window, before it is sent. An estimate: a provider has the last word.

Source of the sum: the predecessor (prompt, requested output, padding), except that base64 is not counted as text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from addons.core.estimate import IMAGE_TOKENS, estimate, of_json
from addons.core.model import Opaque, Part, Request, ToolResult
from addons.core.plan import Candidate

# why a candidate is excluded
TOO_SMALL = "context-too-small"
OUTPUT = 1024
PADDING = 256
PADDING_SHARE = 10
# so many characters without a space are no words
BULKY = 2000
_BASE64 = re.compile(r"(?:data:[^,]{1,200},)?[A-Za-z0-9+/_\-\r\n]++={0,2}\s*")


def required(request: Request, *, at_least: int = 0) -> int:
    """The tokens that a window must hold for `request`: its prompt, the output that it asks for (else 1024), and a
    tenth of the prompt (256 at least) because the prompt is an estimate. `at_least` is what the client is known to
    demand."""
    prompt = prompt_tokens(request)
    output = OUTPUT if request.max_tokens is None else max(0, request.max_tokens)
    return max(prompt + output + max(PADDING, -(-prompt // PADDING_SHARE)), at_least)


def prompt_tokens(request: Request) -> int:
    """`estimate`, with the media in it counted as media also where only the client's dialect knows them as such."""
    raws = (part.raw for message in request.messages for part in _opaque(message.parts))
    return max(1, estimate(request) - sum(_excess(raw) for raw in raws))


def _opaque(parts: Iterable[Part]) -> Iterator[Opaque]:
    for part in parts:
        if isinstance(part, ToolResult):
            yield from _opaque(part.content)
        elif isinstance(part, Opaque):
            yield part


def _excess(raw: Any) -> int:
    """By how much the estimate of a dialect's own content is too high."""
    return sum(max(0, of_json(text) - IMAGE_TOKENS) for text in _strings(raw) if _media(text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _strings(child)


def _media(text: str) -> bool:
    return len(text) >= BULKY and _BASE64.fullmatch(text) is not None


def fits(tokens: int, window: int | None) -> bool:
    """An unknown window is given the benefit of the doubt."""
    return window is None or tokens <= window


def by_window(candidates: Sequence[Candidate], tokens: int) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Those that `tokens` fit into, as they stood, and those known to be too small, the largest first.

    The latter are not asked (`TOO_SMALL`) as long as there is one of the former; where there is none, they are the
    order to ask in.
    """
    fitting = tuple(each for each in candidates if fits(tokens, each.model.context_window))
    small = (each for each in candidates if not fits(tokens, each.model.context_window))
    return fitting, tuple(sorted(small, key=_window, reverse=True))


def roomier(rest: Sequence[Candidate], refused: Candidate) -> tuple[Candidate, ...]:
    """Of `rest`, whom to ask after a provider found the request too long for `refused`: not those with a window that
    is known to be no larger."""
    limit = refused.model.context_window
    if limit is None:
        return tuple(rest)
    return tuple(each for each in rest if each.model.context_window is None or each.model.context_window > limit)


def _window(candidate: Candidate) -> int:
    return candidate.model.context_window or 0
