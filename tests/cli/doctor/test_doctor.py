"""Specification of `llr doctor`: a healthy machine, and each thing that can be wrong with it. Black box.

The providers are real servers on loopback; their clock and what they say to a key are the test's.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.command_lines import taken
from harness.llr import CANARY, Home
from llr_cli.doctor import keys


class Provider:
    """Lists its models; `status` and `ahead` (seconds of its clock) are the test's."""

    def __init__(self) -> None:
        self.status = 200
        self.ahead = 0.0
        self.asked: list[tuple[str, str]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append((self.path, self.headers.get("authorization", "")))
                body = json.dumps({"data": [{"id": "m"}], "error": {"message": f"no {CANARY}"}}).encode()
                self.send_response_only(provider.status)
                self.send_header("Date", formatdate(time.time() + provider.ahead, usegmt=True))
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Iterator[Home]:
    one = {"id": "p", "baseUrl": provider.url, "apiKey": CANARY, "format": "openai", "models": ["m"]}
    config = {"version": 2, "providers": [one], "modelAliases": {"fast": {"targets": ["p/m"]}}}
    with Home(tmp_path, config, PATH="/usr/bin:/bin") as found:
        found.config.chmod(0o600)
        found.config = found.config.rename(tmp_path / ".llm-router.json")
        yield found


def examined(home: Home, *words: str, **env: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by their checks."""
    done = home.within("doctor", "--json", "--port", str(home.port), *words, **env)
    assert done.stderr == "" and CANARY not in done.stdout
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)["checks"]}


def changed(home: Home, **provider: Any) -> None:
    config = json.loads(home.config.read_text())
    config["providers"][0] |= provider
    home.config.write_text(json.dumps(config))


def test_on_a_healthy_machine_nothing_is_wrong(home: Home) -> None:
    home.start()
    code, found = examined(home)
    assert code == 0 and {each["state"] for each in found.values()} <= {"ok", "note"}
    assert found["router"]["state"] == found["key of p"]["state"] == found["clock"]["state"] == "ok"


def test_for_people_it_is_a_table_without_secrets(home: Home) -> None:
    done = home.llr("doctor", "--port", str(home.port))
    assert done.returncode == 0 and "Nothing is wrong." in done.stdout and CANARY not in done.stdout


def test_every_failure_has_a_mend(home: Home, provider: Provider) -> None:
    provider.status = 401
    with socket.create_server(("127.0.0.1", home.port)):
        _, found = examined(home)
    bad = [each for each in found.values() if each["state"] in ("failed", "warning")]
    assert len(bad) == 2 and all(each["mend"] for each in bad)


MENDS = sorted(
    {
        line.replace("{provider.id}", "p").replace("{tool.name}", "codex").replace("{instance.port}", "1")
        for file in Path(keys.__file__).parent.glob("*.py")
        for line in re.findall(r'"(llr [a-z][^"]*)"', file.read_text())
    }
)


@pytest.mark.parametrize("mend", MENDS)
def test_every_command_that_mends_something_exists(mend: str) -> None:
    taken(re.split(r",|;| or ", mend)[0].replace("{port}", "1").replace("{subject.port}", "1"))


def test_a_key_is_shown_to_its_provider_and_nothing_is_paid(home: Home, provider: Provider) -> None:
    examined(home)
    assert provider.asked == [("/v1/models", f"Bearer {CANARY}")]


@pytest.mark.parametrize(
    ("status", "state"), [(401, "failed"), (403, "failed"), (404, "note"), (429, "note"), (503, "warning"), (200, "ok")]
)
def test_what_a_provider_says_to_a_key(home: Home, provider: Provider, status: int, state: str) -> None:
    """Promise 65."""
    provider.status = status
    code, found = examined(home)
    assert found["key of p"]["state"] == state and code == (1 if state == "failed" else 0)
    assert len(provider.asked) == 1


def test_offline_nobody_is_asked(home: Home, provider: Provider) -> None:
    _, found = examined(home, "--offline")
    assert provider.asked == [] and found["keys"]["state"] == "skipped"


def test_a_provider_that_cannot_be_reached_is_told(home: Home, provider: Provider) -> None:
    changed(home, baseUrl="http://127.0.0.1:1/v1")
    _, found = examined(home)
    assert found["key of p"]["state"] == "failed" and "cannot be" in found["key of p"]["text"]


def test_a_key_that_is_missing_is_named_by_its_variable(home: Home) -> None:
    config = json.loads(home.config.read_text())
    del config["providers"][0]["apiKey"]
    config["providers"][0]["apiKeyEnv"] = "KEY_OF_P"
    home.config.write_text(json.dumps(config))
    code, found = examined(home)
    assert code == 1 and "KEY_OF_P" in found["key of p"]["text"]
    assert examined(home, KEY_OF_P=CANARY)[1]["key of p"]["state"] == "ok"


def test_a_key_that_only_the_router_has_is_not_missing(home: Home) -> None:
    config = json.loads(home.config.read_text())
    del config["providers"][0]["apiKey"]
    config["providers"][0]["apiKeyEnv"] = "KEY_OF_P"
    home.config.write_text(json.dumps(config))
    home.start(KEY_OF_P=CANARY)
    assert examined(home)[1]["key of p"]["state"] == "ok"


@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (120, "warning"), (3600, "failed"), (-3600, "failed")])
def test_a_clock_that_is_wrong_is_found_out(home: Home, provider: Provider, ahead: float, state: str) -> None:
    """Promise 65."""
    provider.ahead = ahead
    assert examined(home)[1]["clock"]["state"] == state


def test_a_taken_port_names_who_takes_it(home: Home) -> None:
    """Promise 65."""
    with socket.create_server(("127.0.0.1", home.port)):
        code, found = examined(home)
    assert code == 1 and f"pid {os.getpid()}" in found["router"]["text"] and "reclaim" in found["router"]["mend"]


def test_a_free_port_is_no_failure(home: Home) -> None:
    code, found = examined(home)
    assert (code, found["router"]["state"]) == (0, "note") and "llr start" in found["router"]["mend"]


def test_a_router_that_hangs_is_a_failure(home: Home) -> None:
    home.start()
    pid = home.instance()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, found = examined(home)
        assert code == 1 and "restart" in found["router"]["mend"]
    finally:
        os.kill(pid, signal.SIGCONT)


def test_several_routers_are_listed(home: Home) -> None:
    home.start()
    home.start("--port", "0")
    assert "several routers" in examined(home)[1]


def test_a_broken_configuration_says_where(home: Home) -> None:
    changed(home, baseUrl="nowhere")
    code, found = examined(home)
    assert code == 1 and "baseUrl" in found["config"]["text"]


def test_a_missing_configuration_says_how_to_make_one(home: Home) -> None:
    home.config.unlink()
    code, found = examined(home)
    assert code == 1 and "llr config init" in found["config"]["mend"]


def test_a_configuration_that_others_can_read_is_told(home: Home) -> None:
    """Promise 46."""
    home.config.chmod(0o644)
    assert examined(home)[1]["config file"]["mend"].startswith("chmod 600")


def test_a_database_that_is_broken_is_told(home: Home) -> None:
    home.state.mkdir(parents=True, mode=0o700)
    (home.state / "state.db").write_bytes(b"no database" * 100)
    (home.state / "state.db").chmod(0o600)
    code, found = examined(home)
    assert code == 1 and found["state database"]["state"] == "failed"


def test_a_database_of_the_wrong_mode_is_told(home: Home) -> None:
    """Promise 65."""
    home.start()
    home.llr("stop")
    (home.state / "state.db").chmod(0o666)
    done = json.loads(home.llr("doctor", "--json", "--port", str(home.port)).stdout)["checks"]
    assert ("state database", "warning") in [(each["check"], each["state"]) for each in done]


def test_a_state_folder_that_is_none_is_told(home: Home) -> None:
    (home.folder / "file").write_text("")
    code, found = examined(home, LLM_ROUTER_STATE_DIR=str(home.folder / "file" / "below"))
    assert code == 1 and found["state folder"]["state"] == "failed"


def test_the_predecessors_service_is_told(home: Home) -> None:
    units = home.folder / ".config" / "systemd" / "user"
    units.mkdir(parents=True)
    (units / "llm-router.service").write_text("[Unit]\n")
    done = json.loads(home.within("doctor", "--json", "--offline").stdout)["checks"]
    assert ("startup", "warning") in [(each["check"], each["state"]) for each in done]


def test_a_service_that_does_not_run_is_told(home: Home) -> None:
    programs = home.folder / "bin"
    programs.mkdir()
    (programs / "systemctl").write_text("#!/bin/sh\necho inactive\nexit 3\n")
    (programs / "systemctl").chmod(0o755)
    unit = home.folder / ".config" / "systemd" / "user" / "llr.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Unit]\n")
    assert examined(home, PATH=str(programs))[1]["startup"]["state"] == "warning"


def claude_code(home: Home) -> Path:
    folder = home.folder / ".claude"
    folder.mkdir()
    return folder / "settings.json"


def test_a_tool_that_is_not_connected_is_named_with_the_command(home: Home) -> None:
    """Promise 65."""
    claude_code(home)
    found = examined(home)[1]["claude-code"]
    assert (found["state"], found["mend"]) == ("note", "llr tools on claude-code")


def test_a_connected_tool_is_fine_until_it_asks_another_port(home: Home) -> None:
    claude_code(home).write_text("{}")
    assert home.llr("tools", "on", "claude-code", "--port", str(home.port)).returncode == 0
    assert examined(home)[1]["claude-code"]["state"] == "ok"
    home.llr("tools", "on", "claude-code", "--port", "8999")
    assert examined(home)[1]["claude-code"]["state"] == "warning"


def test_a_project_that_leads_elsewhere_is_told(home: Home) -> None:
    """Promises 31 and 65."""
    claude_code(home).write_text("{}")
    project = home.folder / "work"
    (project / ".claude").mkdir(parents=True)
    settings = {"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example", "ANTHROPIC_AUTH_TOKEN": CANARY}}
    (project / ".claude" / "settings.json").write_text(json.dumps(settings))
    command = home.command("doctor", "--json", "--port", str(home.port))
    done = subprocess.run(command, env=home.env, cwd=project, capture_output=True, text=True, timeout=60, check=False)
    texts = [each["text"] for each in json.loads(done.stdout)["checks"] if each["check"] == "claude-code override"]
    assert any("elsewhere.example" in text for text in texts) and CANARY not in done.stdout


def test_a_variable_that_leads_elsewhere_is_told_and_one_that_leads_here_is_not(home: Home) -> None:
    """Promise 31."""
    claude_code(home).write_text("{}")
    assert "claude-code override" in examined(home, ANTHROPIC_BASE_URL="https://elsewhere.example")[1]
    here = f"http://127.0.0.1:{home.port}/anthropic"
    assert "claude-code override" not in examined(home, ANTHROPIC_BASE_URL=here)[1]


def test_an_authority_that_nobody_believes_is_told(home: Home) -> None:
    """Promise 65."""
    assert examined(home)[1]["certificates"]["state"] == "note"
    assert home.llr("certs", "create").returncode == 0
    found = examined(home)[1]
    assert found["certificates"]["state"] == "ok" and found["certificate trust"]["state"] == "warning"
    bundle = json.loads(home.llr("certs", "bundle", "--json").stdout)["file"]
    believed = examined(home, NODE_EXTRA_CA_CERTS=bundle)[1]
    assert believed["certificate trust"]["state"] == "ok"


def test_an_authority_whose_key_others_can_read_is_told(home: Home) -> None:
    """Promise 49."""
    home.llr("certs", "create")
    for file in (home.state / "certs").iterdir():
        if file.is_file():
            file.chmod(0o644)
    _, found = examined(home)
    assert found["certificate key"]["state"] == "failed"


def test_it_runs_without_any_place_to_write(home: Home) -> None:
    done = home.llr("doctor", "--offline", "--json", HOME="/nonexistent", XDG_STATE_HOME="/nonexistent/state")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert sys.version.split()[0] in done.stdout
