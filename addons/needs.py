"""What a request wants of a target: tokens and room, estimated only where something asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from addons.core.context import PADDING, PADDING_SHARE, prompt_tokens, required
from addons.core.errors import BadRequest
from addons.core.estimate import PAGE_TOKENS
from addons.core.plan import Candidate
from addons.job import Job

CHARS_PER_TOKEN = 4
DEFAULT_OUTPUT = 1024
BYTES_PER_TOKEN = 3
MEDIA = (b"image", b"document", b"file")
# the members of a body that say how long an answer may be; Gemini's lie deeper, and are read with the messages
OUTPUTS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a request wants of a target. Tokens are estimates; `context` is 0 where no window is known."""

    input_tokens: int = 0
    output_tokens: int = 0
    context: int = 0


def needs_of(job: Job, candidates: Iterable[Candidate]) -> Needs:
    """Estimated only where something asks for it: it costs a walk over the whole request."""
    candidates = tuple(candidates)
    windows = [each.model.context_window for each in candidates if each.model.context_window is not None]
    measures = {measure for each in candidates for bucket in each.provider.buckets for measure in bucket.caps}
    tokens = bool(measures & {"tokens", "input_tokens", "output_tokens"})
    if not tokens:
        if not windows:
            return Needs()
        at_most = max(_at_most(job), job.at_least)
        if at_most <= min(windows):
            return Needs(context=at_most)
    try:
        request = job.request()
    except BadRequest:  # a provider of the same dialect may still understand it
        guess = len(job.body.raw) // CHARS_PER_TOKEN
        return Needs(guess if tokens else 0, DEFAULT_OUTPUT if tokens else 0)
    prompt = prompt_tokens(request) if tokens else 0
    output = (DEFAULT_OUTPUT if request.max_tokens is None else request.max_tokens) if tokens else 0
    return Needs(prompt, output, required(request, at_least=job.at_least) if windows else 0)


def _at_most(job: Job) -> int:
    """What a window must hold at the most, known without a look into the messages: every token of the estimate takes
    at least three bytes, but for media that are only named."""
    said = (job.body.value.get(name) for name in OUTPUTS)
    output = max(
        (each for each in said if isinstance(each, int) and not isinstance(each, bool)), default=DEFAULT_OUTPUT
    )
    media = sum(job.body.raw.count(word) for word in MEDIA)
    prompt = len(job.body.raw) // BYTES_PER_TOKEN + media * PAGE_TOKENS
    return prompt + max(output, 0) + max(PADDING, -(-prompt // PADDING_SHARE))
