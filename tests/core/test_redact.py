"""Specification of addons/core/redact.py, secret_shapes.py and discriminators.py: what a capture may keep."""

import base64
import json
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.redact import Mode, Redacted, Redactor, Wire
from addons.core.secret_shapes import REMOVED, Secrets

KEY = b"k" * 32
CONFIGURED = "the-configured-key-of-a-provider"


def wire(body: Any = None, path: str = "/v1/messages", query: str = "", **headers: str) -> Wire:
    raw = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Wire("POST", path, query, named, raw, len(raw))


def redacted(request: Wire, mode: Mode = Mode.SIGNATURE) -> dict[str, Any]:
    return Redactor(mode, KEY, (CONFIGURED,)).for_request(request).request(request)


def shape(body: Any) -> Any:
    return redacted(wire(body))["body"]


def full(body: Any, **headers: str) -> Any:
    return redacted(wire(body, **headers), Mode.FULL)["body"]


# a marker of at least four characters that no discriminator and no hash can hold
SECRET = st.text(alphabet="§¶ÄЖ猫", min_size=4, max_size=12)
KEYS = st.sampled_from(
    ["type", "role", "model", "content", "text", "input", "arguments", "name", "tools", "function", "parameters",
     "properties", "required", "enum", "metadata", "messages", "mode", "effort", "status", "stop_reason", "x", "id"]
)  # fmt: skip
TREES = st.recursive(
    SECRET, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | SECRET, inner, max_size=5)
)


@given(TREES)
def test_no_string_survives_in_a_signature(tree: Any) -> None:
    """Promise 45."""
    text = json.dumps(shape(tree), ensure_ascii=False)
    assert not set("§¶ÄЖ猫") & set(text)


RANDOM = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=20, max_size=40).filter(
    lambda text: any(char.isdigit() for char in text) and any(char.isalpha() for char in text)
)


@given(TREES.flatmap(lambda tree: st.tuples(st.just(tree), RANDOM)))
def test_what_looks_random_survives_nowhere_not_even_as_a_discriminator(case: tuple[Any, str]) -> None:
    """Promise 45."""
    tree, secret = case
    body = json.loads(json.dumps(tree, ensure_ascii=False).translate({ord(char): secret for char in "§¶ÄЖ猫"}))
    assert secret not in json.dumps(shape(body))


def test_a_hidden_string_says_its_length_and_a_hash() -> None:
    assert shape({"text": "hello"})["text"].startswith("[REDACTED LENGTH=5 HASH=")


def test_equal_strings_are_seen_to_be_equal_in_one_capture_only() -> None:
    request = wire({"a": "same", "b": "same", "c": "other"})
    one = Redactor(Mode.SIGNATURE, KEY).for_request(request).request(request)["body"]
    two = Redactor(Mode.SIGNATURE, b"another").for_request(request).request(request)["body"]
    assert one["a"] == one["b"] != one["c"]
    assert one["a"] != two["a"]


@pytest.mark.parametrize(
    "body",
    [
        {"model": "claude-sonnet-4-5-20250929", "stream": True, "max_tokens": 32000, "temperature": 0.7},
        {"model": "accounts/fireworks/models/kimi-k2p5"},
        {"messages": [{"role": "user", "content": [{"type": "tool_result", "is_error": False}]}]},
        {"tools": [{"name": "mcp__git__log", "type": "custom"}, {"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [{"type": "function", "function": {"name": "read", "strict": None}}]},
        {"tool_choice": {"type": "tool", "name": "set_title", "disable_parallel_tool_use": True}},
        {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "xhigh"}},
        {"reasoning": {"effort": "medium", "summary": "auto"}, "include": ["reasoning.encrypted_content"]},
        {"system": [{"type": "text", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "HIGH"}, "responseModalities": ["IMAGE"]}},
        {"contents": [{"role": "model", "parts": [{"functionCall": {"name": "grep"}}]}]},
        {"tools": [{"functionDeclarations": [{"name": "finder", "parametersJsonSchema": {"type": "object"}}]}]},
    ],
    ids=str,
)
def test_discriminators_stay(body: Any) -> None:
    assert shape(body) == body


def test_a_tools_schema_is_kept_as_a_shape() -> None:
    schema = {
        "type": "object",
        "description": "about it",
        "properties": {"path": {"type": "string", "enum": ["one", "two"], "default": "three"}},
        "required": ["path"],
        "additionalProperties": False,
    }
    kept = shape({"tools": [{"name": "read", "input_schema": schema}]})["tools"][0]["input_schema"]
    member = kept["properties"]["path"]
    assert (kept["type"], kept["required"], kept["additionalProperties"]) == ("object", ["path"], False)
    assert member["type"] == "string" and all(
        each.startswith("[REDACTED") for each in (*member["enum"], member["default"])
    )
    assert kept["description"].startswith("[REDACTED")


def test_what_a_tool_is_called_with_keeps_only_declared_names() -> None:
    tools = [{"name": "read", "input_schema": {"properties": {"path": {"type": "string"}}}}]
    call = {"type": "tool_use", "name": "read", "input": {"path": "/etc", "mypassword": 1, "type": "text"}}
    body = shape({"tools": tools, "messages": [{"role": "assistant", "content": [call]}]})
    names = list(body["messages"][0]["content"][0]["input"])
    assert names[0] == "path" and all(name.startswith("[REDACTED") for name in names[1:])
    assert "text" not in body["messages"][0]["content"][0]["input"].values()


def test_the_name_of_a_person_is_hidden_though_that_of_a_tool_is_not() -> None:
    body = shape({"messages": [{"role": "user", "name": "Grace", "content": "x"}]})
    assert body["messages"][0]["name"].startswith("[REDACTED")


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "cookie", "x-goog-api-key", "x-anything", "session-id"])
def test_headers_keep_their_names_alone(name: str) -> None:
    ((kept, value),) = redacted(wire(**{name: "Bearer canary"}))["headers"]
    assert kept == name and "canary" not in value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user-agent", "claude-cli/2.1.329 (external, sdk-cli)"),
        ("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14"),
        ("x-amp-mode", "smart"),
        ("x-stainless-lang", "js"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
    ],
)
def test_headers_that_say_what_a_client_is_stay(name: str, value: str) -> None:
    assert redacted(wire(**{name: value}))["headers"] == [[name, value]]


def test_a_key_in_a_header_that_stays_is_hidden() -> None:
    ((_, value),) = redacted(wire(user_agent="tool/1.0 sk-ant-api03-abcdefghijklmnop"))["headers"]
    assert value.startswith("tool/1.0 [REDACTED") and "abcdefgh" not in value


def test_paths_and_queries_keep_what_names_things() -> None:
    found = redacted(wire(path="/v1beta/models/gemini-3-flash:generateContent", query="alt=sse&key=AIzaX&getUserInfo"))
    assert found["path"] == "/v1beta/models/gemini-3-flash:generateContent"
    assert found["query"][0] == ["alt", "sse"] and found["query"][2] == ["getUserInfo", ""]
    assert found["query"][1][0] == "key" and "AIzaX" not in found["query"][1][1]


def test_ids_in_a_path_are_hidden() -> None:
    assert "01a1fb71" not in redacted(wire(path="/api/threads/T-01a1fb71-153c-7439-a4d7-a4a1a6a38d70"))["path"]


def test_a_credential_of_the_request_is_hidden_as_a_model_too() -> None:
    request = wire({"model": "hunter2-abc"}, x_api_key="hunter2-abc")
    assert "hunter2" not in json.dumps(redacted(request))


def test_what_is_no_json_is_one_string() -> None:
    request = Wire("POST", "/v1/messages", "", {}, b"not json", 8)
    assert redacted(request)["body"].startswith("[REDACTED LENGTH=8")


VENDORS = {
    "anthropic": "sk-ant-api03-Canary00Canary00Canary00",
    "openai": "sk-proj-Canary00Canary00Canary00",
    "openrouter": "sk-or-v1-0123456789abcdef0123456789abcdef",
    "google": "AIzaSyCanary00Canary00Canary00Canary00",
    "google token": "ya29.Canary00Canary00Canary00",
    "xai": "xai-Canary00Canary00Canary00",
    "groq": "gsk_Canary00Canary00Canary00",
    "fireworks": "fw_Canary00Canary00Canary00",
    "amp": "sgamp_user_Canary00_Canary00Canary00",
    "github": "ghp_Canary00Canary00Canary00Canary00",
    "github fine": "github_pat_Canary00Canary00Canary00",
    "aws": "AKIACANARY00CANARY00",
    "slack": "xoxb-123456789012-Canary00Canary00",
    "hugging face": "hf_Canary00Canary00Canary00",
    "tavily": "tvly-Canary00Canary00Canary00",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDYW5hcnkwMCJ9.Q2FuYXJ5MDBDYW5hcnkwMA",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nQ2FuYXJ5MDA\n-----END RSA PRIVATE KEY-----",
    "configured": CONFIGURED,
}


@pytest.mark.parametrize("secret", VENDORS.values(), ids=VENDORS)
@pytest.mark.parametrize("around", ["{}", "it is {}, said he", '{{"k": "{}"}}', "export X={}", "https://a.b/c?d={}"])
def test_full_captures_lose_keys_wherever_they_stand(secret: str, around: str) -> None:
    text = json.dumps(full({"messages": [{"role": "user", "content": around.format(secret)}], "model": secret}))
    assert "anary00" not in text and "CANARY00" not in text and secret not in text and "Q2FuYXJ5" not in text
    assert REMOVED in text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer canary123",
        "Authorization: Basic dXNlcjpjYW5hcnkxMjM=",
        "https://user:canary123@host/x",
        "curl 'https://host/x?api_key=canary123&y=1'",
        "OPENAI_API_KEY=canary123",
        'password: "canary123"',
        '{"client_secret": "canary123"}',
        '{\\"client_secret\\": \\"canary123\\"}',
    ],
)
def test_full_captures_lose_what_stands_where_secrets_stand(text: str) -> None:
    kept = full({"text": text})["text"]
    assert "canary123" not in kept and "dXNlcjpj" not in kept and REMOVED in kept


def test_fields_that_are_called_secrets_lose_their_values() -> None:
    assert full({"input": {"api_key": "x", "password": "short", "path": "/etc"}})["input"] == {
        "api_key": REMOVED, "password": REMOVED, "path": "/etc",
    }  # fmt: skip


def test_a_credential_of_the_request_is_removed_from_its_texts() -> None:
    assert "hunter2-abc" not in json.dumps(full({"text": "my key is hunter2-abc!"}, x_api_key="hunter2-abc"))


@pytest.mark.parametrize(
    "text",
    [
        "def f(tokens): return max_tokens",
        "toolu_01ABCDEFGHIJKLMNOPQRSTUV",
        "The skill of asking: task-oriented risk-averse design",
        "https://example.org/a?b=c",
        "the password is the one of yesterday",
    ],
)
def test_ordinary_texts_stay_in_full_captures(text: str) -> None:
    assert full({"text": text})["text"] == text


def test_thoughts_keep_their_signature_in_full_captures() -> None:
    part = {"type": "thinking", "thinking": "hm", "signature": "EqQBCkYICxgCKkBz"}
    assert full({"messages": [{"role": "assistant", "content": [part]}]})["messages"][0]["content"] == [part]


def stream(*texts: str) -> bytes:
    events = [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": t}} for t in texts]
    return b"".join(b"event: content_block_delta\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events)


def answer(data: bytes, mode: Mode = Mode.FULL) -> str | None:
    request = wire()
    return Redactor(mode, KEY, (CONFIGURED,)).for_request(request).answer(data)


def said(text: str | None) -> str:
    assert text is not None
    lines = [json.loads(line[5:]) for line in text.split("\n") if line.startswith("data:")]
    return "".join(line["delta"]["text"] for line in lines)


@given(st.lists(st.integers(0, 60), max_size=5))
def test_a_secret_that_comes_in_pieces_is_removed_from_all_of_them(cuts: list[int]) -> None:
    text = f"before {VENDORS['anthropic']} between {CONFIGURED} after"
    places = sorted({0, len(text), *cuts})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert said(answer(stream(*pieces))) == f"before {REMOVED} between {REMOVED} after"


@pytest.mark.parametrize(
    "wire",
    [
        Wire("POST", "/x", "", {"x-own": "canary0123456789abcdef"}, b"{}", 2),
        Wire("POST", "/x", "", {"cookie": "a=b; s canary0123456789abcdef"}, b"{}", 2),
        Wire("POST", "/x", "canary0123456789abcdef=1", {}, b"{}", 2),
        Wire("POST", "/x", "x=canary0123456789abcdef", {}, b"{}", 2),
        Wire("POST", "/x/canary0123456789abcdef/y", "", {}, b"{}", 2),
    ],
    ids=["header", "word of a header", "name in the query", "query", "path"],
)
def test_an_answer_does_not_repeat_what_may_be_a_key(wire: Wire) -> None:
    """Promise 44: the tool's own server gets all of a request, and may say it again."""
    redactor = Redactor(Mode.FULL, KEY).for_request(wire)
    assert redactor.answer(b'{"error": "you said canary0123456789abcdef"}') == '{"error": "you said [SECRET REMOVED]"}'


def test_an_answer_without_secrets_stays_as_it_is() -> None:
    assert said(answer(stream("Hello", " world"))) == "Hello world"


def test_a_signature_keeps_nothing_of_the_answer() -> None:
    assert answer(stream("Hello"), Mode.SIGNATURE) is None


def test_nobody_else_can_make_a_redacted_value() -> None:
    """Promise 45."""
    with pytest.raises(TypeError, match="only a Redactor"):
        Redacted({"text": "secret"}, object())


@pytest.mark.parametrize("shift", ["", "u", "us", "user:"])
def test_a_known_secret_is_found_in_base64(shift: str) -> None:
    text = base64.b64encode(f"{shift}{CONFIGURED}".encode()).decode()
    assert Secrets((CONFIGURED,)).holds(text)


@pytest.mark.parametrize("word", ["a-", "a.b-", "http://", "key=", "bearer ", "x://", "-----BEGIN PRIVATE KEY-----"])
def test_long_texts_are_read_in_linear_time(word: str) -> None:
    """Redaction happens where requests are answered: no text may stop that."""

    def seconds(length: int) -> float:
        text = word * (length // len(word))
        begun = process_time()
        Secrets((CONFIGURED,)).removed(text)
        return process_time() - begun

    assert seconds(400_000) < 16 * max(seconds(50_000), 0.005)


def test_what_is_remembered_as_harmless_is_not_what_has_become_a_secret() -> None:
    text = "say it again " * 50 + "now-a-key"
    secrets = Secrets()
    assert secrets.removed(text) == secrets.removed(text) == text
    assert secrets.with_more(("now-a-key",)).removed(text).endswith(REMOVED)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("depth", [199, 100_000])
def test_bodies_of_any_depth_are_redacted(mode: Mode, depth: int) -> None:
    raw = b'{"a":' * depth + b'"sk-ant-api03-0123456789abcdef"' + b"}" * depth
    body = redacted(Wire("POST", "/v1/messages", "", {}, raw, len(raw)), mode)["body"]
    assert "0123456789" not in json.dumps(body)
