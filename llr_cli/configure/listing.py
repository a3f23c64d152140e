"""The models that a provider lists, and the context windows that it says they have.

Sources: OpenAI, Anthropic and Gemini API references ("List models"); the members for windows are those of OpenRouter
and Together (context_length), Groq (context_window), vLLM (max_model_len), Mistral (max_context_length), Anthropic
(max_input_tokens) and Google (inputTokenLimit).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from addons.config.urls import sibling
from addons.core import jsonio
from addons.core.headers import NO_HEADERS, upstream_headers
from addons.core.http import UpstreamRequest
from addons.core.model import DialectName
from addons.core.plan import Candidate
from llr_cli.configure.asking import DEADLINES, Asker
from llr_cli.configure.trial import judge

PAGES = 20
WINDOWS = (
    "context_window", "context_length", "max_model_len", "max_context_length", "max_input_tokens", "inputTokenLimit",
    "context_size", "loaded_context_length",
)  # fmt: skip
ANSWERS = "generateContent"
GOOGLE = "models/"


@dataclass(frozen=True, slots=True)
class Listed:
    id: str
    window: int | None = None


class NoList(Exception):
    """The provider lists nothing; the text says why."""


async def listing(candidate: Candidate, asker: Asker) -> list[Listed]:
    """Every model that the provider lists, page by page. Raises NoList."""
    url = list_url(candidate)
    found: dict[str, Listed] = {}
    for _ in range(PAGES):
        headers = tuple(
            pair
            for pair in upstream_headers(candidate, NO_HEADERS, candidate.dialect, stream=False)
            if pair[0] != "content-type"
        )
        answer = await asker.ask(UpstreamRequest(url, headers, b"", DEADLINES, "GET"))
        if answer.status != 200:
            _, text = judge(candidate.dialect, answer)
            raise NoList(f"{answer.status or 'no answer'}: {asker.without_secrets(text)}")
        try:
            body = jsonio.loads(answer.body)
        except ValueError as error:
            raise NoList(f"{_plain(url)} gives no JSON") from error
        page = list(models_in(body))
        if not page and not found:
            raise NoList(f"{_plain(url)} lists no models")
        found |= {each.id: each for each in page}
        following = _following(url, body)
        if following is None:
            break
        url = following
    return list(found.values())


def list_url(candidate: Candidate) -> str:
    endpoint = candidate.provider.endpoints[candidate.dialect]
    if candidate.dialect is DialectName.GEMINI:
        return _with(endpoint, pageSize="1000")
    url = sibling(endpoint, "models")
    return _with(url, limit="1000") if candidate.dialect is DialectName.ANTHROPIC else url


def models_in(body: Any) -> Iterator[Listed]:
    """The models of one page; Together gives a bare list, Google leaves out what cannot answer."""
    entries = (
        body if isinstance(body, list) else body.get("data") or body.get("models") if isinstance(body, dict) else ()
    )
    for each in entries if isinstance(entries, list) else ():
        if isinstance(each, str):
            yield Listed(each)
            continue
        name = (each.get("id") or each.get("name") or each.get("model")) if isinstance(each, dict) else None
        methods = each.get("supportedGenerationMethods") if isinstance(each, dict) else None
        if isinstance(name, str) and name and (not isinstance(methods, list) or ANSWERS in methods):
            yield Listed(name.removeprefix(GOOGLE), _window(each))


def _window(each: dict[str, Any]) -> int | None:
    inner = each.get("top_provider")
    found = [each.get(name) for name in WINDOWS]
    found += [inner.get(name) for name in WINDOWS] if isinstance(inner, dict) else []
    return next((size for size in found if isinstance(size, int) and not isinstance(size, bool) and size > 0), None)


def _following(url: str, body: Any) -> str | None:
    """The next page: Google names a token, Anthropic the last id."""
    if not isinstance(body, dict):
        return None
    token, last = body.get("nextPageToken"), body.get("last_id")
    if isinstance(token, str) and token:
        return _with(url, pageToken=token)
    if body.get("has_more") is True and isinstance(last, str) and last:
        return _with(url, after_id=last)
    return None


def _with(url: str, **query: str) -> str:
    """`url` with these parameters, in place of earlier ones of the same names."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in query]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode(query)])))


def _plain(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))
