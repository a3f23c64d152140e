"""Specification of `llr debug`: llr_cli/debug.py, debug_request.py and debug_shown.py, inside this process."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from addons.edge import answer_head
from llr_cli.main import app

PROVIDERS = [
    {
        "id": "p",
        "baseUrl": "https://p.example",
        "format": "openai",
        "apiKey": "sk-canary-0123456789",
        "models": ["m", "m2"],
    },
    {"id": "q", "baseUrl": "https://q.example", "format": "claude", "apiKey": "sk-canary-0123456789", "models": ["n"]},
    {"id": "r", "baseUrl": "https://r.example", "format": "claude", "apiKeyEnv": "NOT_SET", "models": ["o"]},
]
DOCUMENT = {
    "providers": PROVIDERS,
    "modelAliases": {"fast": {"targets": ["q/n", "p/m", "p/m2", "r/o"]}},
    "defaultModel": "fast",
}
BODY: dict[str, Any] = {
    "model": "fast",
    "max_tokens": 9,
    "top_k": 5,
    "tools": [{"name": "read.file", "input_schema": {"type": "object", "properties": {}}}],
    "messages": [{"role": "user", "content": "word " * 100}],
}
CURL = (
    "HTTP/1.1 200 OK\ncontent-type: application/json\nx-llm-router-request-id: req_1\n"
    "x-llm-router-attempts: p/m:429/rate_limited#1\n\n{}\n"
)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "body.json").write_text(json.dumps(BODY))
    (tmp_path / "answer.txt").write_text(CURL)
    return tmp_path


def run(*words: str | Path, stdin: str | None = None) -> Result:
    env = {"NOT_SET": None, "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["debug", *(str(word) for word in words)], input=stdin, env=env)


def asked(here: Path, *words: str | Path, body: str | Path | None = None, stdin: str | None = None) -> Result:
    return run("request", body or here / "body.json", "--config", here / "config.json", *words, stdin=stdin)


def found(here: Path, *words: str | Path, body: str | Path | None = None) -> dict[str, Any]:
    value = json.loads(asked(here, *words, "--json", body=body).stdout)
    assert isinstance(value, dict)
    return value


def test_headers_are_told_in_words(here: Path) -> None:
    done = run("headers", here / "answer.txt")
    assert done.exit_code == 0
    for words in ("x-llm-router-request-id: req_1", "the id of the request", "p/m, try 1: its rate limit was met"):
        assert words in done.stdout
    assert "content-type" not in done.stdout


def test_headers_come_from_stdin_too(here: Path) -> None:
    assert "req_1" in run("headers", "-", stdin=CURL).stdout


def test_headers_of_a_url_are_those_of_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answered(url: str) -> tuple[int, dict[str, str]]:
        asked.append(url)
        return 200, {"server": "x", "x-llm-router-request-id": "req_2"}

    monkeypatch.setattr(answer_head, "answer_head", answered)
    assert "req_2" in run("headers", "http://127.0.0.1:8376/").stdout
    assert asked == ["http://127.0.0.1:8376/"]


def test_a_url_that_nobody_answers_at_is_an_error_without_a_traceback() -> None:
    done = run("headers", "http://127.0.0.1:1/")
    assert done.exit_code == 1 and "did not answer" in done.stderr and isinstance(done.exception, SystemExit)


def test_headers_as_json(here: Path) -> None:
    (answer,) = json.loads(run("headers", here / "answer.txt", "--json").stdout)
    assert [each["name"] for each in answer] == ["x-llm-router-request-id", "x-llm-router-attempts"]
    assert answer[1]["parts"] == ["p/m, try 1: its rate limit was met (told as 429)"]


def test_several_answers_are_told_apart(here: Path) -> None:
    (here / "answer.txt").write_text(CURL * 2)
    assert "answer 2 of 2" in run("headers", here / "answer.txt").stdout


def test_without_a_header_of_ours_a_hint_says_where_they_come_from(here: Path) -> None:
    done = run("headers", here / "body.json")
    assert done.exit_code == 1 and "llr start --debug" in done.stderr


@pytest.mark.parametrize("command", ["headers", "request"])
def test_a_file_that_is_not_there_is_an_error_without_a_traceback(command: str) -> None:
    done = run(command, "nowhere.json")
    assert done.exit_code == 1 and "nowhere.json cannot be read" in done.stderr


def test_each_step_of_a_request_is_shown(here: Path) -> None:
    done = asked(here, "--path", "/v1/messages", "-H", "User-Agent: claude-cli/2.0")
    assert done.exit_code == 0, done.output
    for words in (
        "POST /v1/messages",
        "claude-code",
        "claude (by the path)",
        '"fast", as a whole',
        "alias fast (strategy: ordered) → q/n, p/m, p/m2",
        "skipped r/o: the variable NOT_SET is not set",
    ):
        assert words in done.stdout


def test_a_body_that_stays_in_its_dialect_shows_what_changes(here: Path) -> None:
    shown = asked(here).stdout
    assert 'model: "fast" → "n"' in shown and "new: 1)" in shown


def test_a_translated_body_shows_itself_its_tools_and_its_losses(here: Path) -> None:
    shown = asked(here).stdout
    for words in ('"max_tokens": 9', "tool read.file is called read_file there", "top_k", "the body is that of p/m"):
        assert words in shown


def test_long_texts_are_cut_unless_the_whole_is_wanted(here: Path) -> None:
    assert "(500 characters)" in asked(here).stdout and "word " * 99 not in asked(here).stdout
    assert "word " * 99 in asked(here, "--full").stdout


def test_no_key_is_shown(here: Path) -> None:
    assert "canary" not in asked(here, "--full").output and "canary" not in asked(here, "--json").output


def test_json_says_the_same_and_whole(here: Path) -> None:
    value = found(here)
    assert (value["ok"], value["dialect"], value["detected"], value["tool"]) == (True, "claude", True, "unknown")
    own, other, _ = value["candidates"]
    assert own["changes"] == [{"member": "model", "before": "fast", "after": "n"}] and own["asItCame"]
    assert other["body"]["messages"][0]["content"] == BODY["messages"][0]["content"]
    assert other["tools"] == {"read.file": "read_file"}
    assert [loss["path"] for loss in other["losses"]] == ["top_k"]


def test_the_body_may_come_from_stdin(here: Path) -> None:
    assert "alias fast" in asked(here, body="-", stdin=json.dumps(BODY)).stdout


@pytest.mark.parametrize(
    ("client_format", "dialect"),
    [
        ("claude", "claude"),
        ("openai", "openai"),
        ("responses", "openai-responses"),
        ("completions", "openai-completions"),
    ],
)
def test_a_format_stands_for_its_path(here: Path, client_format: str, dialect: str) -> None:
    value = found(here, "--format", client_format)
    assert (value["dialect"], value["detected"]) == (dialect, False)


def test_gemini_names_the_model_in_its_path(here: Path) -> None:
    (here / "body.json").write_text(json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}))
    value = found(here, "--format", "gemini", "--model", "p/m")
    assert (value["dialect"], value["model"], value["candidates"][0]["ref"]) == ("gemini", "p/m", "p/m")
    path = "/v1beta/models/other:streamGenerateContent?alt=sse"
    value = found(here, "--path", path, "--model", "p/m2")
    assert (value["model"], value["stream"], value["candidates"][0]["ref"]) == ("p/m2", True, "p/m2")


def test_what_a_request_of_amp_was_taken_for_is_shown(here: Path) -> None:
    (here / "config.json").write_text(json.dumps({**DOCUMENT, "amp": {"routes": {"smart": "p/m"}}}))
    words = ("--path", "/api/provider/anthropic/v1/messages", "-H", "x-amp-mode: smart", "--model", "claude-opus-4-8")
    shown = asked(here, *words).stdout
    assert '"claude-opus-4-8" is taken for smart' in shown and "- " in shown
    value = found(here, *words)
    assert (value["amp"]["mode"], value["amp"]["matchedRef"], value["tool"]) == ("smart", "p/m", "amp")


def test_another_model_can_be_tried(here: Path) -> None:
    value = found(here, "--model", "p/m2")
    assert value["model"] == "p/m2" and [each["ref"] for each in value["candidates"]] == ["p/m2"]


def test_a_har_brings_its_path_and_headers(here: Path) -> None:
    request = {
        "method": "POST",
        "url": "http://127.0.0.1/v1/messages",
        "headers": [{"name": "User-Agent", "value": "claude-cli/2"}],
        "postData": {"text": json.dumps(BODY)},
    }
    (here / "x.har").write_text(json.dumps({"log": {"entries": [{"request": request}]}}))
    value = found(here, body=here / "x.har")
    assert (value["request"]["path"], value["tool"], value["detected"]) == ("/v1/messages", "claude-code", False)


def test_a_refusal_is_shown_as_the_client_would_be_told(here: Path) -> None:
    done = asked(here, "--model", "fats")
    assert done.exit_code == 1 and "404 model_not_found" in done.stderr and "fast" in done.stderr
    assert '"fats"' in done.stdout
    value = found(here, "--model", "fats")
    assert (value["ok"], value["problem"]["status"]) == (False, 404)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "cobol"), "--format"),
        (("--format", "gemini"), "--model"),
        (("--format", "claude", "--path", "/v1/messages"), "--path"),
        (("--header", "no-value"), "--header"),
    ],
)
def test_words_that_make_no_request_are_usage_errors(here: Path, words: tuple[str, ...], said: str) -> None:
    done = asked(here, *words)
    assert done.exit_code == 2 and said in done.stderr


def test_a_configuration_that_cannot_be_read_is_an_error(here: Path) -> None:
    (here / "config.json").write_text("{")
    done = asked(here)
    assert done.exit_code == 1 and "invalid JSON" in done.stderr
