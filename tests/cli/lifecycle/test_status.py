"""Specification of `llr status`: what runs, from outside. Black box."""

import http.client
import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import CANARY, CONFIG, Home

MASTER = "gw_0123456789-Abcdefghijkl"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        yield found


def ask_in_vain(port: int) -> None:
    """A request that the only target, which does not answer, fails."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"model": "fast", "messages": [{"role": "user", "content": "x"}]})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    assert connection.getresponse().status >= 500
    connection.close()


def test_without_a_router_it_says_so(home: Home) -> None:
    done = home.llr("status")
    assert done.returncode == 1 and "llr start" in done.stdout
    assert json.loads(home.llr("status", "--json").stdout) == {"ok": False, "routers": [], "recent": []}


def test_it_names_the_router_its_targets_and_the_last_requests(home: Home) -> None:
    home.start()
    ask_in_vain(home.port)
    done = home.llr("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"http://127.0.0.1:{home.port}" in done.stdout and "~/llr.json" in done.stdout
    assert "p/m" in done.stdout and "fast → nobody" in done.stdout and CANARY not in done.stdout
    assert "failed tries" in done.stdout


def test_it_tells_who_rests_as_json(home: Home) -> None:
    home.start(LLM_ROUTER_FALLBACK_CIRCUIT_FAILURES="1")
    ask_in_vain(home.port)
    (router,) = json.loads(home.llr("status", "--json").stdout)["routers"]
    (target,) = router["state"]["providers"][0]["targets"]
    assert target["rests"]["why"] == "circuit-open" and 0 < target["rests"]["for"] <= 30
    assert (router["pid"], router["answers"]) == (home.instance()["pid"], True)


def test_a_router_that_wants_its_key_is_asked_with_it(home: Home) -> None:
    home.write({**CONFIG, "masterKey": MASTER, "metadata": {"localServer": {"requireAuth": True}}})
    home.start()
    done = home.llr("status")
    assert "p/m" in done.stdout and MASTER not in done.stdout + done.stderr


def test_a_key_of_which_only_the_router_knows_is_found_too(home: Home) -> None:
    home.start("--require-auth", LLM_ROUTER_MASTER_KEY=MASTER)
    assert "p/m" in home.llr("status").stdout


def test_a_router_that_hangs_is_a_failure(home: Home) -> None:
    home.start()
    pid = home.instance()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        done = home.llr("status")
        assert done.returncode == 1 and "does not answer" in done.stderr
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_configuration_that_was_not_taken_is_told(home: Home) -> None:
    """Promise 32."""
    home.start()
    home.config.write_text("{")
    home.llr("reload")
    assert "configuration" in home.llr("status").stderr


def test_watch_shows_it_anew_until_it_is_interrupted(home: Home) -> None:
    home.start()
    ours, theirs = pty.openpty()
    command = home.command("status", "--watch", "--interval", "0.2")
    process = subprocess.Popen(command, env={**home.env, "TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while seen.count(b"p/m") < 3:
        seen += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    os.close(ours)
    assert b"Traceback" not in seen


def test_watch_without_a_terminal_gives_a_line_of_json_each_time(home: Home) -> None:
    home.start()
    command = home.command("status", "--watch", "--json", "--interval", "0.2")
    process = subprocess.Popen(command, env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    lines = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0 and process.stderr.read() == ""
    process.stdout.close()
    process.stderr.close()
    assert all(json.loads(line)["ok"] for line in lines)


def test_a_forward_proxy_answers_for_itself_and_not_for_the_hosts_behind_it(home: Home) -> None:
    """Promise 36: a page of any host could read the answer as its own."""
    assert home.llr("certs", "create").returncode == 0
    done = home.start("--mode", "proxy")
    assert done.returncode == 0, done.stderr
    assert "p/m" in home.llr("status").stdout
    for host in ("elsewhere.example", "127.0.0.1"):
        connection = http.client.HTTPConnection("127.0.0.1", home.port, timeout=20)
        connection.request("GET", f"http://{host}:1/llr/status", headers={"host": f"{host}:1"})
        assert b"providers" not in connection.getresponse().read()
        connection.close()
