"""Specification of `llr startup`: what it writes and runs is seen before, and no key is written. Black box."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.llr import CONFIG, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A system whose `systemctl` writes down what it is asked for."""
    programs = tmp_path / "bin"
    programs.mkdir()
    script = f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho active\nexit ${{FAILS:-0}}\n'
    (programs / "systemctl").write_text(script)
    (programs / "systemctl").chmod(0o755)
    with Home(tmp_path, PATH=str(programs)) as found:
        yield found


def asked(home: Home) -> list[str]:
    file = home.folder / "asked"
    return file.read_text().splitlines() if file.exists() else []


def unit(home: Home) -> Path:
    return home.folder / ".config" / "systemd" / "user" / "llr.service"


def test_install_writes_the_unit_that_it_has_shown_and_starts_it(home: Home) -> None:
    done = home.within("startup", "install", "--config", str(home.config), "--port", "9999")
    assert done.returncode == 0 and unit(home).read_text() in done.stdout
    assert asked(home) == ["--user daemon-reload", "--user enable llr.service", "--user restart llr.service"]
    text = unit(home).read_text()
    assert f"start --config {home.config} --port 9999" in text and "Restart=on-failure" in text
    assert stat.S_IMODE(unit(home).stat().st_mode) == 0o600


def test_a_dry_run_writes_and_runs_nothing(home: Home) -> None:
    done = home.within("startup", "install", "--config", str(home.config), "--dry-run")
    assert done.returncode == 0 and "ExecStart=" in done.stdout and "systemctl --user enable" in done.stdout
    assert not unit(home).exists() and asked(home) == []


def test_without_systemctl_nothing_is_written(home: Home) -> None:
    done = home.within("startup", "install", "--config", str(home.config), PATH="/nowhere")
    assert done.returncode == 1 and "systemctl is not on this system" in done.stderr and not unit(home).exists()


def test_a_configuration_that_cannot_be_served_is_not_installed(home: Home) -> None:
    home.config.write_text("{")
    done = home.within("startup", "install", "--config", str(home.config))
    assert done.returncode == 1 and not unit(home).exists()


def test_keys_stay_out_of_the_unit_and_it_is_said_where_they_go(home: Home) -> None:
    """Promise 44."""
    (provider,) = CONFIG["providers"]
    keyed = {**{name: value for name, value in provider.items() if name != "apiKey"}, "apiKeyEnv": "KEY_OF_P"}
    home.write({**CONFIG, "providers": [keyed]})
    done = home.within("startup", "install", "--config", str(home.config), KEY_OF_P="canary-key")
    assert "KEY_OF_P" in done.stderr and "canary-key" not in done.stdout + done.stderr + unit(home).read_text()
    assert f"EnvironmentFile=-{home.folder}/.config/llr/env" in unit(home).read_text()


def test_a_proxy_with_a_password_stays_out_of_the_unit(home: Home) -> None:
    """Promise 44."""
    words = ("startup", "install", "--config", str(home.config))
    home.within(*words, HTTPS_PROXY="http://me:canary@proxy.example", HTTP_PROXY="http://proxy.example")
    text = unit(home).read_text()
    assert "canary" not in text and "HTTP_PROXY=http://proxy.example" in text


def test_a_path_with_a_blank_and_a_percent_sign_survives(home: Home) -> None:
    odd = home.folder / "my 100% config.json"
    home.config.rename(odd)
    home.within("startup", "install", "--config", str(odd))
    assert f'"{home.folder}/my 100%% config.json"' in unit(home).read_text()


def test_a_step_that_fails_is_a_failure(home: Home) -> None:
    done = home.within("startup", "install", "--config", str(home.config), FAILS="1")
    assert done.returncode == 1 and "daemon-reload failed" in done.stderr and len(asked(home)) == 1


def test_uninstall_stops_it_and_removes_the_unit(home: Home) -> None:
    """Promise 67."""
    home.within("startup", "install", "--config", str(home.config))
    done = home.within("startup", "uninstall")
    assert done.returncode == 0 and not unit(home).exists()
    assert asked(home)[3:] == ["--user disable --now llr.service", "--user daemon-reload"]


def test_uninstall_of_nothing_is_no_failure(home: Home) -> None:
    done = home.within("startup", "uninstall")
    assert done.returncode == 0 and asked(home) == []


def test_status_tells_whether_it_is_there_and_runs(home: Home) -> None:
    assert json.loads(home.within("startup", "status", "--json").stdout)["installed"] is False
    home.within("startup", "install", "--config", str(home.config))
    found = json.loads(home.within("startup", "status", "--json").stdout)
    assert (found["installed"], found["running"]) == (True, True)


def test_the_predecessors_unit_is_named(home: Home) -> None:
    unit(home).parent.mkdir(parents=True)
    (unit(home).parent / "llm-router.service").write_text("[Unit]\n")
    assert "llm-router.service" in home.within("startup", "status").stdout


def test_a_router_that_the_system_started_is_restarted_by_it(home: Home) -> None:
    home.start(LLM_ROUTER_SERVICE="llr.service")
    done = home.llr("restart")
    assert done.returncode == 0 and asked(home) == ["--user restart llr.service"]
