"""Specification of `llr start --detach`: in the background, and certain to answer. Black box."""

import http.client
import json
import os
import pty
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import Home, ended, runs
from harness.process import free_port


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        yield found


def healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/health")
    return bool(json.loads(connection.getresponse().read())["status"] == "ok")


def test_it_answers_as_soon_as_the_command_has_ended(home: Home) -> None:
    done = home.start()
    assert (done.returncode, done.stderr) == (0, "")
    assert healthy(home.port)
    assert f"http://127.0.0.1:{home.port}" in done.stdout and f"pid {home.instance()['pid']}" in done.stdout


def test_it_survives_the_terminal_that_it_was_started_in(home: Home) -> None:
    ours, theirs = pty.openpty()
    command = home.command("start", "-d", "--config", str(home.config), "--port", str(home.port))
    done = subprocess.run(
        command, env=home.env, cwd=home.folder, stdin=theirs, stdout=theirs, stderr=theirs, timeout=60, check=False
    )
    os.close(theirs)
    os.close(ours)  # the terminal hangs up
    assert done.returncode == 0 and healthy(home.port)
    assert os.getsid(home.instance()["pid"]) == home.instance()["pid"]


def test_its_log_is_for_its_owner_alone(home: Home) -> None:
    """Promise 46."""
    home.start()
    log = Path(home.instance()["log"])
    assert stat.S_IMODE(log.stat().st_mode) == 0o600 and stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    assert "llr listens on" in log.read_text()


def test_a_router_that_cannot_start_tells_its_own_error(home: Home) -> None:
    home.write({"version": 2, "providers": [{"id": "p", "baseUrl": "nowhere", "format": "openai", "models": ["m"]}]})
    done = home.start()
    assert done.returncode == 1 and "baseUrl" in done.stderr and "Traceback" not in done.stderr
    assert home.instances() == []


def test_a_taken_port_is_told(home: Home) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        done = home.start()
    assert done.returncode == 1 and str(home.port) in done.stderr


def test_the_second_at_a_port_says_who_the_first_is(home: Home) -> None:
    """Promise 53."""
    home.start()
    done = home.start()
    assert done.returncode == 1 and f"pid {home.instance()['pid']}" in done.stderr
    assert runs(home.instance()["pid"])


def test_any_port_will_do(home: Home) -> None:
    done = home.llr("start", "-d", "--config", str(home.config), "--port", "0")
    assert done.returncode == 0 and f":{home.instance()['port']} " in done.stdout


def test_a_folder_called_addons_beside_it_is_not_ours(home: Home) -> None:
    (home.folder / "addons").mkdir()
    (home.folder / "addons" / "__init__.py").write_text("raise SystemExit('taken for ours')")
    assert home.start().returncode == 0


def test_under_mitmdump_there_is_no_background(home: Home) -> None:
    done = home.start("--", "--set", "termlog_verbosity=debug")
    assert done.returncode == 2 and "mitmdump" in done.stderr


def test_a_state_folder_that_cannot_be_written_is_an_error(home: Home) -> None:
    (home.folder / "file").write_text("")
    done = home.start(LLM_ROUTER_STATE_DIR=str(home.folder / "file" / "below"))
    assert done.returncode == 1 and "Traceback" not in done.stderr and "cannot be written" in done.stderr


def test_it_ends_on_a_signal(home: Home) -> None:
    """Promise 58."""
    home.start()
    pid = home.instance()["pid"]
    os.kill(pid, signal.SIGTERM)
    assert ended(pid) and home.instances() == []


def test_over_tls_it_is_found_and_asked_too(home: Home) -> None:
    assert home.llr("certs", "create").returncode == 0
    done = home.start("--tls")
    assert done.returncode == 0 and f"https://127.0.0.1:{home.port}" in done.stdout, done.stderr
    shown = home.llr("status")
    assert shown.returncode == 0 and f"https://127.0.0.1:{home.port}" in shown.stdout and "p/m" in shown.stdout
    assert home.llr("restart").returncode == 0 and home.instance()["scheme"] == "https"


def problem(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/health")
    return "problem" in json.loads(connection.getresponse().read())["config"]


def test_a_configuration_that_changes_may_be_left_alone(home: Home) -> None:
    home.start("--watch-config=false")
    watching = free_port()
    home.start("--port", str(watching))
    home.config.write_text("{")
    end = time.monotonic() + 20
    while not problem(watching):
        assert time.monotonic() < end
    assert not problem(home.port)
