"""Specification of `llr certs`."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from certs.trust import Machine, Step
from harness.certificates import Authority
from llr_cli import certs
from llr_cli.main import app

SECRET = "PRIVATE" + " KEY"


class Place:
    """A folder of state of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"LLM_ROUTER_STATE_DIR": str(folder / "state"), "HOME": str(folder), "NO_COLOR": "1"}

    def run(self, *words: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, ["certs", *words], env=self.env, input=answer)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def made(place: Place) -> Place:
    assert place.run("create").exit_code == 0
    return place


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that would have been run; the machine is a Debian."""
    log: list[tuple[str, ...]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        log.append(tuple(command))
        return subprocess.CompletedProcess(command, 1 if "fails" in command else 0)

    debian = Machine(
        "linux", Path("home"), frozenset({"/usr/local/share/ca-certificates"}), frozenset({"update-ca-certificates"})
    )
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(certs, "_machine", lambda: debian)
    return log


def test_an_authority_is_made_once(made: Place) -> None:
    again = made.run("create")
    assert again.exit_code == 1
    assert "--renew" in again.stderr
    assert made.run("create", "--renew").exit_code == 0


def test_nothing_shows_the_key(made: Place) -> None:
    """Promise 49."""
    made.env["SSL_CERT_FILE"] = str(Authority(made.folder).file)
    for words in (["show"], ["show", "--json"], ["bundle"], ["leaf", "chatgpt.com"], ["trust", "--dry-run"]):
        done = made.run(*words)
        assert done.exit_code in (0, 1)
        assert SECRET not in done.output


def test_the_hosts_can_be_chosen(place: Place) -> None:
    place.run("create", "--host", "llm.example", "--host", "*.corp.example")
    assert json.loads(place.run("show", "--json").stdout)["hosts"] == ["llm.example", "corp.example"]


def test_a_host_that_is_none_is_refused(place: Place) -> None:
    done = place.run("create", "--host", "https://a.example")
    assert (done.exit_code, "neither a host name nor an address" in done.stderr) == (1, True)


def test_a_leaf_is_a_file_with_a_key_and_a_certificate(made: Place) -> None:
    done = made.run("leaf", "chatgpt.com")
    text = Path(done.stdout.strip()).read_text()
    assert SECRET in text
    assert "BEGIN CERTIFICATE" in text


def test_a_leaf_for_another_host_is_refused(made: Place) -> None:
    done = made.run("leaf", "github.com")
    assert (done.exit_code, "--host github.com" in done.stderr) == (1, True)


def test_the_bundle_is_told_as_variables(made: Place) -> None:
    made.env["SSL_CERT_FILE"] = str(Authority(made.folder).file)
    names = [line.removeprefix("export ").partition("=")[0] for line in made.run("bundle").stdout.splitlines()]
    assert names == ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"]
    assert json.loads(made.run("bundle", "--json").stdout)["authorities"] == 2


@pytest.mark.parametrize("command", ["trust", "untrust"])
def test_a_dry_run_only_shows(made: Place, ran: list[tuple[str, ...]], command: str) -> None:
    done = made.run(command, "--dry-run")
    assert (done.exit_code, ran) == (0, [])
    assert "update-ca-certificates" in done.stdout


def test_commands_are_shown_and_asked_for(made: Place, ran: list[tuple[str, ...]]) -> None:
    refused = made.run("trust", answer="n\n")
    assert (refused.exit_code, ran) == (1, [])
    assert "install -m 644" in refused.stdout
    agreed = made.run("trust", answer="y\n")
    assert (agreed.exit_code, [command[0] for command in ran]) == (0, ["install", "update-ca-certificates"])


def test_yes_does_not_ask_and_still_shows(made: Place, ran: list[tuple[str, ...]]) -> None:
    done = made.run("untrust", "--yes")
    assert (done.exit_code, [command[0] for command in ran]) == (0, ["rm", "update-ca-certificates"])
    assert done.stdout.count("update-ca-certificates") == 1


def test_a_command_that_fails_is_named(
    made: Place, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (Step("first", ("it", "fails")), Step("second", ("never",)))
    monkeypatch.setattr("certs.trust.trusting", lambda *_: steps)
    done = made.run("trust", "--yes")
    assert (done.exit_code, ran) == (1, [("it", "fails")])
    assert "it fails failed" in done.stderr


def test_a_system_of_which_nothing_is_known_is_told(made: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certs, "_machine", lambda: Machine("plan9", Path("home")))
    done = made.run("trust", "--yes")
    assert (done.exit_code, "llr certs bundle" in done.stderr) == (1, True)


@pytest.mark.parametrize("command", ["show", "bundle", "trust", "untrust"])
def test_without_an_authority_the_way_to_one_is_told(place: Place, command: str) -> None:
    done = place.run(command)
    assert (done.exit_code, "llr certs create" in done.stderr) == (1, True)


def test_removing_asks(made: Place) -> None:
    assert made.run("remove", answer="n\n").exit_code == 1
    assert made.run("show").exit_code == 0
    assert made.run("remove", "--yes").exit_code == 0
    assert not (made.folder / "state" / "certs").exists()
