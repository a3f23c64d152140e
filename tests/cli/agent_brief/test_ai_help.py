"""Specification of `llr ai-help`: an agent's brief from how things really are. Black box, but for its command lines."""

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.command_lines import taken, told
from harness.llr import CANARY, CONFIG, Home
from llr_cli.agent_brief import guide

MASTER = "gw_0123456789-Abcdefghijkl"
SOON = 10.0
SECTIONS = (
    "DISCOVERY COMMANDS",
    "CURRENT STATE",
    "MODEL/GROUP DECISION INPUT",
    "PRE-PATCH API GATE",
    "LIVE TEST COMMANDS",
    "CONFIG WORKFLOWS",
    "CODING TOOL PATCH PLAYBOOK",
    "NEXT SUGGESTIONS",
    "UPDATE RULE",
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path) as found:
        found.config = found.config.rename(tmp_path / ".llm-router.json")
        yield found


def brief(home: Home, *words: str) -> dict[str, Any]:
    done = home.within("ai-help", "--json", "--port", str(home.port), *words)
    assert (done.returncode, done.stderr) == (0, "") and CANARY not in done.stdout and MASTER not in done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_has_the_predecessors_sections_in_their_order(home: Home) -> None:
    done = home.llr("ai-help", "--port", str(home.port))
    places = [done.stdout.index(f"## {section}\n") for section in SECTIONS]
    assert done.returncode == 0 and places == sorted(places) and CANARY not in done.stdout


def test_the_state_is_that_of_the_configuration(home: Home) -> None:
    state = brief(home)["state"]
    assert (state["models"], state["model_aliases"]["fast"]["targets"]) == (["p/m"], ["p/m"])
    assert (state["config_path"], state["local_server_running"]) == (str(home.config), False)
    assert state["providers"][0]["key"] == "configured"


def test_without_a_router_every_gate_is_blocked(home: Home) -> None:
    found = brief(home)
    assert set(found["gates"].values()) == {"blocked"} and "llr start" in " ".join(found["next"])


def test_a_running_router_opens_the_gates(home: Home) -> None:
    home.start()
    found = brief(home)
    assert set(found["gates"].values()) == {"ready"} and found["state"]["local_server_running"]
    assert found["probes"]["POST /openai/v1/responses"]["status"] == 400


def logged(home: Home) -> list[dict[str, Any]]:
    """The activity log, once there is something in it: it is written behind the requests."""
    end = time.monotonic() + SOON
    while not (lines := home.within("logs", "--json").stdout.splitlines()) and time.monotonic() < end:
        time.sleep(0.05)
    return [json.loads(line) for line in lines]


def test_probing_asks_no_provider(home: Home) -> None:
    home.start()
    brief(home)
    (asked,) = logged(home)
    assert (asked["tool"], asked["served"], asked["attempts"]) == ("llr", "", [])


def test_with_its_own_key_a_locked_router_opens_them_too(home: Home) -> None:
    home.write({**CONFIG, "masterKey": MASTER, "metadata": {"localServer": {"requireAuth": True}}})
    home.start()
    assert set(brief(home)["gates"].values()) == {"ready"}


def test_a_key_that_is_refused_blocks_them(home: Home) -> None:
    home.write({**CONFIG, "masterKey": MASTER, "metadata": {"localServer": {"requireAuth": True}}})
    home.start()
    assert set(brief(home, "--gateway-auth-token", "wrong")["gates"].values()) == {"blocked-auth"}


def test_skipped_they_are_pending(home: Home) -> None:
    home.start()
    found = brief(home, "--skip-live-test")
    assert set(found["gates"].values()) == {"pending-live-test"} and found["probes"] == {}
    assert set(brief(home, "--skip-live-test=true")["gates"].values()) == {"pending-live-test"}


class Imposter:
    """Somebody else at the port, who answers everything but the Responses endpoint."""

    def __init__(self, port: int) -> None:
        self.headers: list[str] = []
        imposter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                imposter.headers.append(str(self.headers))
                body = b'{"data": [{"id": "m"}], "models": [{"name": "m"}]}'
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.send_response(404)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def imposter(home: Home) -> Iterator[Imposter]:
    made = Imposter(home.port)
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_an_endpoint_that_is_missing_blocks_only_who_needs_it(home: Home, imposter: Imposter) -> None:
    gates = brief(home)["gates"]
    assert gates["patch_gate_codex_cli"] == "blocked-responses-endpoint-missing"
    assert gates["patch_gate_claude_code"] == "ready"


def test_the_master_key_is_shown_to_no_stranger(home: Home, imposter: Imposter) -> None:
    """Promise 44."""
    home.write({**CONFIG, "masterKey": MASTER})
    brief(home)
    assert imposter.headers and MASTER not in "".join(imposter.headers)


def test_a_broken_configuration_comes_first(home: Home) -> None:
    home.config.write_text("{")
    found = brief(home)
    assert not found["state"]["config_valid"] and "llr config validate" in found["next"][0]


def test_a_missing_key_is_named_with_the_command(home: Home) -> None:
    (provider,) = CONFIG["providers"]
    keyed = {**{name: value for name, value in provider.items() if name != "apiKey"}, "apiKeyEnv": "KEY_OF_P"}
    home.write({**CONFIG, "providers": [keyed]})
    assert any("llr config key set --provider p" in each for each in brief(home)["next"])


COMMANDS = list(
    dict.fromkeys(
        line for part in (guide.DISCOVERY, guide.WORKFLOWS, guide.PLAYBOOK, guide.UPDATE) for line in told(part)
    )
)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_that_it_names_exists(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "HOME": "/nonexistent"})
    taken(line)


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 20
