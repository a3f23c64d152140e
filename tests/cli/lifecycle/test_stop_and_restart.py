"""Specification of `llr stop` and `llr restart`: exactly the router that is meant, and as it was. Black box."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import CONFIG, Home, ended, runs
from harness.process import free_port


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        yield found


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process that no command may touch."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.kill()
    process.wait()


def test_stop_ends_the_router_and_returns_when_it_is_gone(home: Home) -> None:
    home.start()
    pid = home.instance()["pid"]
    done = home.llr("stop")
    assert done.returncode == 0 and f"pid {pid}" in done.stdout
    assert not runs(pid) and home.instances() == []


def test_stop_without_a_router_is_no_failure(home: Home) -> None:
    """As it was with the predecessor."""
    done = home.llr("stop")
    assert done.returncode == 0 and "no router" in done.stdout


def test_of_several_one_has_to_be_named(home: Home) -> None:
    home.start()
    home.start("--port", str(free_port()))
    one, other = home.instances()
    done = home.llr("stop")
    assert done.returncode == 2 and str(one["port"]) in done.stderr and str(other["port"]) in done.stderr
    assert home.llr("stop", "--port", str(one["port"])).returncode == 0
    assert (runs(one["pid"]), runs(other["pid"])) == (False, True)


def test_all_means_all(home: Home) -> None:
    home.start()
    home.start("--port", str(free_port()))
    pids = [each["pid"] for each in home.instances()]
    assert home.llr("stop", "--all").returncode == 0
    assert all(ended(pid) for pid in pids)


def test_a_process_that_has_got_the_id_of_a_dead_router_is_left_alone(home: Home, bystander: int) -> None:
    """Promise 53."""
    home.start()
    file = home.state / "run" / f"{home.port}.json"
    found = home.instance()
    home.llr("stop")
    file.write_text(json.dumps({**found, "pid": bystander}))
    assert home.llr("stop").returncode == 0
    assert runs(bystander)


def test_restart_keeps_the_options(home: Home) -> None:
    home.start("--debug", "--grace", "3")
    before = home.instance()
    done = home.llr("restart")
    after = home.instance()
    assert done.returncode == 0 and after["pid"] != before["pid"] and not runs(before["pid"])
    assert (after["port"], after["grace"], after["config"]) == (before["port"], 3.0, before["config"])
    assert "--debug" in after["words"]


def test_restart_from_another_folder_finds_a_relative_configuration(home: Home) -> None:
    home.llr("start", "-d", "--config", "llr.json", "--port", str(home.port))
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir()
    command = home.command("restart")
    done = subprocess.run(command, env=home.env, cwd=elsewhere, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and home.instance()["folder"] == str(home.folder)


def test_restart_of_one_with_the_usual_configuration(home: Home) -> None:
    home.config.rename(home.folder / ".llm-router.json")
    assert home.llr("start", "-d", "--port", str(home.port)).returncode == 0
    assert home.llr("restart").returncode == 0


def test_restart_keeps_keys_that_this_shell_does_not_have(home: Home) -> None:
    (provider,) = CONFIG["providers"]
    keyed = {**provider, "apiKeyEnv": "KEY_OF_P"}
    del keyed["apiKey"]
    home.write({**CONFIG, "providers": [keyed]})
    home.start(KEY_OF_P="k-from-the-first-shell")
    assert home.llr("restart").returncode == 0
    environ = Path(f"/proc/{home.instance()['pid']}/environ").read_bytes()
    assert b"KEY_OF_P=k-from-the-first-shell" in environ
    assert "k-from-the-first-shell" not in (home.state / "run" / f"{home.port}.json").read_text()


def test_restart_with_a_broken_configuration_leaves_the_router_running(home: Home) -> None:
    """Promise 32."""
    home.start()
    pid = home.instance()["pid"]
    home.config.write_text("{")
    done = home.llr("restart")
    assert done.returncode == 1 and "stays" in done.stderr and runs(pid)


def test_restart_without_a_router_says_how_to_start_one(home: Home) -> None:
    done = home.llr("restart")
    assert done.returncode == 1 and "llr start" in done.stderr


def test_a_router_in_a_terminal_can_be_stopped_too(home: Home) -> None:
    command = home.command("start", "--config", str(home.config), "--port", str(home.port))
    process = subprocess.Popen(command, env=home.env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and "listens" in process.stdout.readline()
    os.set_blocking(process.stdout.fileno(), True)
    done = home.llr("stop", "--port", str(home.port))
    process.stdout.close()
    assert done.returncode == 0 and process.wait(10) == 0


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A provider that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def busy(home: Home, silent: socket.socket) -> Iterator[Home]:
    """A router with a request that waits for its answer; it would be given a minute."""
    (provider,) = CONFIG["providers"]
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
    home.write({**CONFIG, "providers": [{**provider, "baseUrl": url}]})
    assert home.start("--grace", "60").returncode == 0
    client = http.client.HTTPConnection("127.0.0.1", home.port, timeout=60)
    body = json.dumps({"model": "fast", "messages": [{"role": "user", "content": "x"}]})
    client.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    asked, _ = silent.accept()  # from here on it is under way
    yield home
    asked.close()
    client.close()


def test_now_waits_for_nobody(busy: Home) -> None:
    """Promise 58."""
    pid = busy.instance()["pid"]
    begun = time.monotonic()
    assert busy.llr("stop", "--now").returncode == 0
    assert time.monotonic() - begun < 30 and not runs(pid)


def test_a_request_that_runs_is_waited_for(busy: Home) -> None:
    """Promise 58."""
    pid = busy.instance()["pid"]
    process = subprocess.Popen(busy.command("stop"), env=busy.env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and "60 s" in process.stderr.readline()
    assert runs(pid) and process.poll() is None
    busy.llr("stop", "--now")
    assert process.wait(30) == 0
    process.stderr.close()
