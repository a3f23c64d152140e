"""For tests of `llr config`: the command line with a home folder of its own, and a provider that answers as told."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from llr_cli.main import app

KEY = "sk-canary-0123456789abcdef"
DOCUMENT: dict[str, Any] = {
    "version": 2,
    "mine": {"kept": [1, 2.50]},
    "providers": [
        {"id": "p", "baseUrl": "https://p.example", "format": "openai", "apiKey": KEY, "models": ["m", "m2"], "x": 1},
        {"id": "q", "baseUrl": "https://q.example", "format": "claude", "models": ["n"], "apiKeyEnv": "NOT_SET"},
    ],
    "modelAliases": {"fast": {"targets": ["p/m", "q/n"], "strategy": "rr", "note": "mine"}},
    "defaultModel": "fast",
}


@dataclass
class Cli:
    """`llr` with a home folder of its own."""

    home: Path
    env: dict[str, str | None]

    @property
    def file(self) -> Path:
        return self.home / ".llm-router.json"

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text()))

    def have(self, document: Mapping[str, Any]) -> None:
        self.file.write_text(json.dumps(document, indent=2) + "\n")

    def run(self, *words: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], env=self.env, input=stdin)

    def config(self, *words: object, stdin: str | None = None) -> Result:
        """`llr config …`, which must work."""
        done = self.run("config", *words, stdin=stdin)
        assert done.exit_code == 0, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def op(self, name: str, *flags: object) -> Result:
        return self.config(f"--operation={name}", *flags)

    def json(self, *words: object) -> dict[str, Any]:
        return dict(json.loads(self.run("config", *words, "--json").stdout))


type Answer = Callable[[dict[str, Any]], tuple[int, Any]]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Provider:
    """`answers` are by path; what is not there is a 404 in OpenAI's words."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]


def chat(body: dict[str, Any]) -> tuple[int, Any]:
    message = {"role": "assistant", "content": "OK"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice]}


def claude(body: dict[str, Any]) -> tuple[int, Any]:
    return 200, {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": "OK"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
