"""Specification of `llr capture`: the router runs, a command runs in front of it, and what it asks is recorded."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from harness.process import ROOT, isolated
from llr_cli.capture_tools import Tool, pointed

ANSWER = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2},
}  # fmt: skip
ASKING = """
import json, os, sys, urllib.request, urllib.error
for model in sys.argv[2:]:
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "the question"}]}
    headers = {"content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "client-key-canary"}
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json.dumps(body).encode(), headers
    )
    try:
        print(json.load(urllib.request.urlopen(request))["content"][0]["text"])
    except urllib.error.HTTPError as error:
        print(error.code)
sys.exit(int(sys.argv[1]))
"""


class Provider(BaseHTTPRequestHandler):
    seen: list[dict[str, str]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        data = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class Home:
    """A home with a configuration, and a provider."""

    def __init__(self, path: Path, url: str, seen: list[dict[str, str]]) -> None:
        self.path, self.url, self.seen = path, url, seen
        self.config = path / "llr.json"
        provider = {"id": "p", "baseUrl": url, "apiKey": "provider-key-canary", "format": "claude", "models": ["m"]}
        self.config.write_text(json.dumps({"version": 2, "providers": [provider]}))

    def llr(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "llr_cli.main", *words],
            env={**isolated(self.path), "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def capture(
        self, *options: str, models: tuple[str, ...] = ("m",), code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        options = (*options, "--out", str(self.path / "c")) if "--out" not in options else options
        asking = (sys.executable, "-c", ASKING, str(code), *models)
        return self.llr("capture", "--config", str(self.config), *options, "--", *asking)

    def written(self) -> str:
        return "".join(each.read_text(errors="replace") for each in self.path.rglob("c/**/*") if each.is_file())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    seen: list[dict[str, str]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Seeing", (Provider,), {"seen": seen}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield Home(tmp_path, f"http://127.0.0.1:{server.server_address[1]}", seen)
    server.shutdown()
    server.server_close()


def test_a_command_finds_the_router_and_its_exit_code_is_passed_on(home: Home) -> None:
    done = home.capture(code=7)
    assert done.returncode == 7 and done.stdout == "Hello\n"
    assert "1 requests, 1 models" in done.stderr


def test_a_signature_is_written_and_no_word_of_what_was_said(home: Home) -> None:
    home.capture()
    text = home.written()
    assert '"requested":"m"' in text and "[REDACTED LENGTH=12" in text
    assert "question" not in text and "canary" not in text and "Hello" not in text


def test_a_full_capture_keeps_what_was_said_but_no_key(home: Home) -> None:
    home.capture("--full")
    text = home.written()
    assert "the question" in text and "Hello" in text and "canary" not in text


def test_observing_passes_everything_through_untouched(home: Home) -> None:
    done = home.capture("--observe", "--upstream", home.url, models=("anything",))
    assert done.stdout == "Hello\n"
    assert home.seen[0]["x-api-key"] == "client-key-canary"
    assert "canary" not in home.written()


def test_a_command_that_does_not_exist_is_told(home: Home) -> None:
    done = home.llr("capture", "--config", str(home.config), "--out", str(home.path / "c"), "--", "no-such-command")
    assert done.returncode == 127 and "no-such-command cannot be run" in done.stderr


def test_a_command_ends_with_the_router(home: Home) -> None:
    sleeping = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    words = (
        "capture",
        "--config",
        str(home.config),
        "--out",
        str(home.path / "c"),
        "--",
        sys.executable,
        "-c",
        sleeping,
    )
    with subprocess.Popen(
        [sys.executable, "-m", "llr_cli.main", *words],
        env={**isolated(home.path), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_reports_and_suggestions(home: Home) -> None:
    home.capture(models=("m", "m-20250929"))
    folder = str(home.path / "c")
    shown = home.llr("capture", "report", folder).stdout
    assert "2 requests, 1 failed" in shown and "nothing has this name" in shown
    report = json.loads(home.llr("capture", "report", folder, "--json").stdout)
    assert {each["model"]: each["verdict"]["known"] for each in report["models"]} == {"m": True, "m-20250929": False}
    found = home.llr("capture", "suggest", folder, "--config", str(home.config))
    assert json.loads(found.stdout) == {"modelAliases": {"m-20250929": {"targets": ["p/m"]}}}


def test_a_suggestion_makes_the_same_requests_route(home: Home) -> None:
    assert home.capture(models=("m-20250929",)).stdout == "404\n"
    found = home.llr("capture", "suggest", str(home.path / "c"), "--config", str(home.config))
    home.config.write_text(json.dumps({**json.loads(home.config.read_text()), **json.loads(found.stdout)}))
    assert home.capture(models=("m-20250929",)).stdout == "Hello\n"


def test_a_diff_of_two_captures(home: Home) -> None:
    one, two = str(home.path / "one"), str(home.path / "two")
    home.capture("--out", one)
    home.capture("--out", two, models=("m", "other"))
    found = json.loads(home.llr("capture", "diff", one, two, "--json").stdout)
    assert found == [{"kind": "models", "what": "other at /v1/messages", "added": True}]
    assert "Nothing changed" in home.llr("capture", "diff", one, one).stdout


def test_an_export_is_a_har_file(home: Home) -> None:
    home.capture()
    file = home.path / "x.har"
    assert home.llr("capture", "export", str(home.path / "c"), "--har", str(file)).returncode == 0
    assert len(json.loads(file.read_text())["log"]["entries"]) == 1
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_purge_deletes(home: Home) -> None:
    """Promise 48."""
    home.capture()
    kept = home.llr("capture", "purge", str(home.path / "c"), "--older-than", "1h")
    assert kept.stdout == "0 requests deleted, of 1 capture\n" and (home.path / "c").exists()
    assert home.llr("capture", "purge", str(home.path / "c")).stdout == "1 requests deleted, of 1 capture\n"
    assert not (home.path / "c").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--mode", "socks"), "--mode"),
        (("--upstream", "http://x"), "--observe"),
        (("report", "nowhere"), "nowhere does not exist"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(home: Home, words: tuple[str, ...], told: str) -> None:
    done = home.llr("capture", *words)
    assert done.returncode != 0 and told in done.stderr and "Traceback" not in done.stderr


def pointing(
    tool: Tool, *command: str, env: dict[str, str] | None = None, **more: Any
) -> tuple[list[str], dict[str, str]]:
    options = {"key": None, "observed": False, **more}
    return pointed(command or ("tool",), env or {}, tool, "http://r", options["key"], observed=options["observed"])


@pytest.mark.parametrize(
    ("tool", "name", "value"),
    [
        (Tool.CLAUDE, "ANTHROPIC_BASE_URL", "http://r"),
        (Tool.CODEX, "OPENAI_BASE_URL", "http://r/v1"),
        (Tool.AMP, "AMP_URL", "http://r"),
        (Tool.ANY, "ANTHROPIC_BASE_URL", "http://r"),
        (Tool.ANY, "AMP_URL", "http://r"),
    ],
)
def test_each_tool_is_pointed_by_its_variable(tool: Tool, name: str, value: str) -> None:
    assert pointing(tool)[1][name] == value


def test_codex_is_given_a_provider_by_options() -> None:
    words, _ = pointing(Tool.CODEX, "/usr/bin/codex", "exec", "hi")
    assert words[0] == "/usr/bin/codex" and words[-2:] == ["exec", "hi"]
    assert 'model_provider="llr"' in words and any("http://r/v1" in word for word in words)


def test_a_tool_that_is_observed_keeps_its_own_key() -> None:
    assert "ANTHROPIC_AUTH_TOKEN" not in pointing(Tool.CLAUDE, observed=True)[1]
    assert pointing(Tool.CLAUDE)[1]["ANTHROPIC_AUTH_TOKEN"] == "llr"
    assert "ANTHROPIC_AUTH_TOKEN" not in pointing(Tool.CLAUDE, env={"ANTHROPIC_API_KEY": "x"})[1]


def test_the_routers_own_key_is_given_to_the_tool() -> None:
    assert pointing(Tool.CLAUDE, env={"ANTHROPIC_API_KEY": "x"}, key="master")[1]["ANTHROPIC_AUTH_TOKEN"] == "master"
