"""Specification of llr_cli/lifecycle/services.py: launchd's side, which no test can run here."""

import plistlib
import subprocess
from pathlib import Path

import pytest

from llr_cli.lifecycle.services import Service, of


@pytest.fixture
def agent(tmp_path: Path) -> Service:
    found = of("darwin", {"HOME": str(tmp_path)}, lambda _: "/bin/launchctl")
    assert found is not None
    return found


def test_an_agent_is_started_at_login_and_again_when_it_fails(agent: Service, tmp_path: Path) -> None:
    content = plistlib.loads(agent.text(("llr", "start"), {"PATH": "/bin"}).encode())
    assert agent.file == tmp_path / "Library" / "LaunchAgents" / "dev.llr.plist"
    assert content["RunAtLoad"] and content["KeepAlive"] == {"SuccessfulExit": False}
    assert content["ProgramArguments"][-2:] == ["llr", "start"]
    assert content["EnvironmentVariables"] == {"PATH": "/bin", "LLM_ROUTER_SERVICE": "dev.llr"}


@pytest.mark.parametrize(("variables", "expected"), [("KEY='from the file'\n", "from the file"), (None, "")])
def test_an_agent_reads_its_keys_from_a_private_file(agent: Service, variables: str | None, expected: str) -> None:
    words = ("/bin/sh", "-c", 'printf %s "$KEY"')
    content = plistlib.loads(agent.text(words, {}).encode())
    if variables is not None:
        agent.variables_file.parent.mkdir(parents=True)
        agent.variables_file.write_text(variables)
    done = subprocess.run(content["ProgramArguments"], env={}, capture_output=True, text=True, check=False)
    assert done.stdout == expected


def test_of_a_system_that_nobody_knows_nothing_is_claimed() -> None:
    assert of("win32", {}) is None
