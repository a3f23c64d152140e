"""An isolated home folder, with and without a configuration, and a provider on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.configuring import DOCUMENT, Asked, Cli, Provider, chat, claude


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home folder with a configuration of two providers."""
    made = empty(tmp_path, monkeypatch)
    made.have(DOCUMENT)
    return made


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home folder with nothing in it."""
    return empty(tmp_path, monkeypatch)


def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    home = tmp_path / "home"
    home.mkdir()
    env: dict[str, str | None] = {"HOME": str(home), "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None, "COLUMNS": None}
    for name in ("NOT_SET", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return Cli(home, env)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on loopback that speaks Chat Completions and Messages."""
    made = Provider(answers={"/v1/chat/completions": chat, "/v1/messages": claude})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(json.loads(data))

        def do_GET(self) -> None:
            self._answer({})

        def _answer(self, body: dict[str, Any]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.asked.append(Asked(self.command, self.path, headers, body))
            answer = made.answers.get(self.path) or made.answers.get(self.path.partition("?")[0])
            missing = {"error": {"message": "no such endpoint", "type": "invalid_request_error"}}
            status, found = answer(body) if answer else (404, missing)
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            if status == 429:
                self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
