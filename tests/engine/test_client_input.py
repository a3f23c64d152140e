"""Nothing that a client says chooses whom the router talks to, or with which key."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.errors import ErrorClass
from addons.core.http import Ask
from addons.core.model import DialectName
from harness.asks import CHAT, CLAUDE, GEMINI, RESPONSES, body, path, stream
from harness.engine import engine as engine_of
from harness.engine import offered, planned, read
from harness.memory import MemoryUpstream, Scripted

DIALECTS = (CLAUDE, CHAT, RESPONSES, GEMINI)
HERE = {"http://p", "http://q"}
KEYS = {"p": "key-of-p", "q": "key-of-q"}
EVIL = ("http://evil.example/v1", "//evil.example", "evil.example:1", "http://169.254.169.254/", "file:///etc/passwd")
WORDS = st.sampled_from((*EVIL, "canary-of-the-client", "q", "..", "/", "")) | st.text(max_size=12)
FIELDS = st.sampled_from(
    (
        "api_base", "base_url", "baseUrl", "endpoint", "host", "url", "proxy", "api_key", "apiKey", "api_version",
        "provider", "custom_llm_provider", "organization", "headers", "extra_headers", "extra_body", "extra_query",
        "router", "user", "metadata",
    )
)  # fmt: skip
HEADERS = st.sampled_from(
    (
        "host", "forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-for",
        "x-original-url", "x-rewrite-url", "x-host", "origin", "referer", "x-api-base", "x-base-url", "x-upstream",
        "authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization",
        "anthropic-base-url", "openai-organization", "x-codex-base-url", "x-stainless-base-url", "via", "te",
        "connection",
    )
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = WORDS | st.dictionaries(FIELDS, WORDS, max_size=3)


def parts(url: str) -> tuple[str, str]:
    """Where it goes: scheme and host; and the path there."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}", found.path


async def sent(dialect: DialectName, asked: Ask) -> list[tuple[str, str, dict[str, str]]]:
    """Where the router goes with a request, and with which headers: first to `p`, which is down, then to `q`."""
    upstream = MemoryUpstream(p=[Scripted(status=503)], q=[Scripted(tuple(stream(CHAT)))])
    router = engine_of(planned(offered("p", CLAUDE), offered("q", CHAT)), upstream)
    await read(await router.answer(asked))
    return [(*parts(each.url), dict(each.headers)) for each in upstream.sent]


async def plain(dialect: DialectName) -> list[tuple[str, str]]:
    raw = json.dumps(body(dialect, "all")).encode()
    found = await sent(dialect, Ask("POST", path(dialect), "", {}, raw))
    return [(origin, where) for origin, where, _ in found]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    fields=st.dictionaries(FIELDS, VALUES, max_size=4),
    headers=st.dictionaries(HEADERS, WORDS.map(lambda word: word.encode("ascii", "ignore").decode()), max_size=6),
    query=st.dictionaries(FIELDS | st.just("key"), WORDS, max_size=3),
)
async def test_nothing_that_a_client_says_names_the_upstream_or_its_key(
    dialect: DialectName, fields: dict[str, Any], headers: dict[str, str], query: dict[str, str]
) -> None:
    """Promise 36. And 41: of the client's credentials none goes on."""
    raw = json.dumps({**fields, **body(dialect, "all")}).encode()
    asked = Ask("POST", path(dialect), "&".join(f"{k}={v}" for k, v in query.items()), headers, raw)
    found = await sent(dialect, asked)
    # a request may be refused as it stands; what goes out goes where it always goes
    usual = await plain(dialect)
    assert [(origin, where) for origin, where, _ in found] == usual[: len(found)]
    for origin, _, said in found:
        assert origin in HERE
        key = KEYS[urlsplit(origin).netloc]
        assert {said.get("x-api-key"), said.get("authorization")} - {None} <= {key, f"Bearer {key}"}
        assert not {"host", "cookie", "forwarded", "via", "proxy-authorization"} & said.keys()
        assert not any(name.startswith("x-forwarded-") for name in said)
        assert "canary-of-the-client" not in str([value for name, value in said.items() if name in CARRIERS])


@pytest.mark.parametrize("name", ["api_base", "base_url", "baseUrl", "endpoint", "host", "api_key"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_field_that_others_take_for_a_place_changes_nothing(dialect: DialectName, name: str) -> None:
    """Promise 36."""
    raw = json.dumps({name: EVIL[0], **body(dialect, "all")}).encode()
    found = await sent(dialect, Ask("POST", path(dialect), f"{name}={EVIL[0]}", {"x-forwarded-host": EVIL[2]}, raw))
    assert [(origin, where) for origin, where, _ in found] == await plain(dialect)
    assert [origin for origin, _, _ in found] == ["http://p", "http://q"]


CARRIERS = {"authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie"}


@pytest.mark.parametrize(
    "model", ["http://evil.example/m", "//evil.example/m", "evil.example/m", "p/../../m", "q@evil/m"]
)
@pytest.mark.parametrize("dialect", DIALECTS[:3])
async def test_a_model_that_looks_like_a_place_is_no_place(dialect: DialectName, model: str) -> None:
    """Promise 36."""
    upstream = MemoryUpstream(p=[Scripted()])
    router = engine_of(planned(offered("p", CHAT)), upstream)
    reply = await router.answer(Ask("POST", path(dialect), "", {}, json.dumps(body(dialect, model)).encode()))
    assert reply.status == 404 and upstream.sent == []
    assert isinstance(reply.body, bytes) and str(ErrorClass.MODEL_NOT_FOUND) in reply.body.decode()


@pytest.mark.parametrize(
    "where", ["http://evil.example/v1/messages", "//evil.example/v1/messages", "/v1/messages@evil"]
)
async def test_a_path_that_looks_like_a_place_is_no_place(where: str) -> None:
    """Promise 36."""
    upstream = MemoryUpstream(p=[Scripted(tuple(stream(CHAT)))])
    router = engine_of(planned(offered("p", CHAT)), upstream)
    await read(await router.answer(Ask("POST", where, "", {}, json.dumps(body(CLAUDE, "all")).encode())))
    assert {parts(each.url)[0] for each in upstream.sent} <= HERE
