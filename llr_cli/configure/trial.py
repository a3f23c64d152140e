"""One model asked one small question in one format, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.config.fields import without_secrets
from addons.core import jsonio
from addons.core.accumulate import fold
from addons.core.errors import ErrorClass, RemoteDataError
from addons.core.headers import NO_HEADERS, upstream_headers
from addons.core.http import UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Candidate
from addons.core.tools import ToolNames
from addons.dialects import DIALECTS
from llr_cli.configure.asking import DEADLINES, Answered, Asker

QUESTION = "Reply with the single word OK."
# the least that OpenAI's Responses takes
MAX_TOKENS = 16
# how a format is called in the configuration
WORDS: Mapping[DialectName, str] = {
    DialectName.CHAT: "openai",
    DialectName.RESPONSES: "openai-responses",
    DialectName.COMPLETIONS: "openai-completions",
    DialectName.ANTHROPIC: "claude",
    DialectName.GEMINI: "gemini",
}
MESSAGES = [{"role": "user", "content": QUESTION}]
BODIES: Mapping[DialectName, dict[str, Any]] = {
    DialectName.CHAT: {"messages": MESSAGES, "max_tokens": MAX_TOKENS},
    DialectName.RESPONSES: {"input": QUESTION, "max_output_tokens": MAX_TOKENS},
    DialectName.COMPLETIONS: {"prompt": QUESTION, "max_tokens": MAX_TOKENS},
    DialectName.ANTHROPIC: {"messages": MESSAGES, "max_tokens": MAX_TOKENS},
    DialectName.GEMINI: {
        "contents": [{"role": "user", "parts": [{"text": QUESTION}]}],
        "generationConfig": {"maxOutputTokens": MAX_TOKENS},
    },
}
TEXT_LIMIT = 240


@dataclass(frozen=True, slots=True)
class Trial:
    """`format` is the configuration's word; `kind` the class of a failure, None for an answer that works."""

    model: str
    format: str
    url: str
    status: int
    kind: str | None
    text: str
    seconds: float
    endpoint: str = ""

    @property
    def ok(self) -> bool:
        return self.kind is None


def request_of(candidate: Candidate) -> UpstreamRequest:
    """The question, as the router would send it."""
    dialect = DIALECTS[candidate.dialect]
    asked = dialect.parse_request({"model": candidate.model.id, **BODIES[candidate.dialect]})
    rendered = dialect.render_request(asked, candidate.model.traits, ToolNames(()))
    headers = upstream_headers(candidate, NO_HEADERS, candidate.dialect, stream=False, needed=rendered.headers)
    return UpstreamRequest(candidate.url(), headers, jsonio.dumps(rendered.body), DEADLINES)


async def attempt(candidate: Candidate, asker: Asker, endpoint: str = "") -> Trial:
    """Asks, and judges. `endpoint` is the base URL that is on trial, where several are."""
    answer = await asker.ask(request_of(candidate))
    kind, text = judge(candidate.dialect, answer)
    return Trial(
        candidate.model.id,
        WORDS[candidate.dialect],
        without_secrets(candidate.url()),
        answer.status,
        kind,
        asker.without_secrets(" ".join(text.split()))[:TEXT_LIMIT],
        round(answer.seconds, 3),
        endpoint,
    )


def judge(dialect: DialectName, answer: Answered) -> tuple[str | None, str]:
    """The class of the failure and its text; None for an answer of the dialect."""
    if answer.status == 0:
        return str(ErrorClass.NETWORK), answer.text
    if answer.status != 200:
        info = DIALECTS[dialect].parse_error(answer.status, answer.headers, answer.body)
        return str(info.cls), info.message
    try:
        body = jsonio.loads(answer.body)
        if not isinstance(body, dict):
            return str(ErrorClass.NOT_SUPPORTED), "the answer is no JSON object"
        found = fold(DIALECTS[dialect].parse_response(body))
    except (ValueError, RemoteDataError) as error:
        return str(ErrorClass.NOT_SUPPORTED), f"the answer is none of this format: {error}"
    if found.error is not None:
        return str(found.error.cls), found.error.message
    return None, "".join(getattr(part, "text", "") for part in found.parts)
