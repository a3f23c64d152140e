"""Specification of `llr update`: a black box with an installation, an index and installers of its own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.llr import Home
from harness.process import ROOT, free_port

SUMMARY = "routes"


class Index:
    """`answer` is what every request is answered with."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (404, b"{}")
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = index.answer
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def has(self, version: str, summary: str = SUMMARY) -> None:
        self.answer = (200, json.dumps({"info": {"version": version, "summary": summary}}).encode())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def home(tmp_path: Path, index: Index) -> Iterator[Home]:
    """llr 1.0 as `uv pip` has installed it from an index; `uv` writes down what it is asked for."""
    info = tmp_path / "site" / "llr-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: llr\nVersion: 1.0\nSummary: {SUMMARY}\n")
    (info / "INSTALLER").write_text("uv\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "uv").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexit ${{UV_FAILS:-0}}\n')
    (programs / "uv").chmod(0o755)
    paths = f"{tmp_path / 'site'}:{ROOT}"
    with Home(tmp_path, PYTHONPATH=paths, PATH=f"{programs}:/usr/bin:/bin", LLM_ROUTER_INDEX_URL=index.url) as found:
        yield found


def asked(home: Home) -> str:
    file = home.folder / "asked"
    return file.read_text() if file.exists() else ""


def test_something_newer_is_installed(home: Home, index: Index) -> None:
    index.has("1.1")
    done = home.llr("update")
    assert done.returncode == 0 and "1.1 is there" in done.stdout
    assert asked(home).startswith("pip install --python ") and asked(home).endswith("--upgrade llr\n")


def test_check_installs_nothing(home: Home, index: Index) -> None:
    index.has("1.1")
    done = home.llr("update", "--check")
    assert done.returncode == 0 and "1.1 is there" in done.stdout and asked(home) == ""


def test_check_as_json(home: Home, index: Index) -> None:
    index.has("1.1")
    found = json.loads(home.llr("update", "--check", "--json").stdout)
    assert (found["version"], found["installedBy"], found["newer"]) == ("1.0", "uv pip", "1.1 is there.")


def test_what_would_be_run_can_be_seen(home: Home, index: Index) -> None:
    index.has("1.1")
    done = home.llr("update", "--dry-run")
    assert "$ uv pip install" in done.stdout and asked(home) == ""


def test_without_anything_newer_nothing_is_run(home: Home, index: Index) -> None:
    index.has("1.0")
    done = home.llr("update")
    assert done.returncode == 0 and "up to date" in done.stdout and asked(home) == ""


def test_a_package_of_another_project_is_not_installed(home: Home, index: Index) -> None:
    index.has("9.0", summary="something else")
    done = home.llr("update")
    assert done.returncode == 1 and "another project" in done.stderr and asked(home) == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [((404, b"{}"), "no package called llr"), ((500, b""), "answered 500"), ((200, b"<html>"), "no description")],
)
def test_an_index_that_does_not_say_is_told(home: Home, index: Index, answer: tuple[int, bytes], expected: str) -> None:
    index.answer = answer
    done = home.llr("update")
    assert done.returncode == 1 and expected in done.stderr and asked(home) == ""


def test_offline_it_says_so(home: Home) -> None:
    done = home.llr("update", "--check", LLM_ROUTER_INDEX_URL=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1 and "offline" in done.stderr and "Traceback" not in done.stderr


def test_the_index_of_the_installer_is_asked_when_no_other_is_named(home: Home, index: Index) -> None:
    index.has("1.1")
    files = f"{index.url}/simple/"
    assert "1.1 is there" in home.llr("update", "--check", LLM_ROUTER_INDEX_URL="", PIP_INDEX_URL=files).stdout


def test_without_any_index_the_installer_decides(home: Home) -> None:
    done = home.llr("update", LLM_ROUTER_INDEX_URL="")
    assert done.returncode == 0
    assert "when it is installed again" in done.stdout
    assert asked(home)


def test_an_installer_that_fails_is_a_failure(home: Home, index: Index) -> None:
    index.has("1.1")
    done = home.llr("update", UV_FAILS="3")
    assert done.returncode == 1 and "exit code 3" in done.stderr


def test_an_installer_that_is_gone_is_told(home: Home, index: Index) -> None:
    index.has("1.1")
    done = home.llr("update", PATH="/nowhere")
    assert done.returncode == 1 and "uv cannot be run" in done.stderr
