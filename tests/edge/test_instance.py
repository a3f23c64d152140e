"""Specification of addons/edge/instance.py and places.py: how a running router is found, by its owner alone."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from addons.edge.instance import Instance, announce, instances, start_of, withdraw
from addons.edge.places import private_dir, private_file, state_dir

HERE = Instance(os.getpid(), "127.0.0.1", 8376, "/etc/llr.json", 1.0, start_of(os.getpid()))


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"HOME": "/h"}, "/h/.local/state/llr"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "/s/llr"),
        ({"HOME": "/h", "XDG_STATE_HOME": "relative"}, "/h/.local/state/llr"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s", "LLM_ROUTER_STATE_DIR": "/own"}, "/own"),
    ],
)
def test_the_folder_of_state(env: dict[str, str], expected: str) -> None:
    assert str(state_dir(env)) == expected


def test_what_is_written_is_closed_to_others_under_any_umask(tmp_path: Path) -> None:
    """Promise 46."""
    before = os.umask(0)
    try:
        folder = private_dir(tmp_path / "a" / "b")
        private_file(folder / "f", b"x")
    finally:
        os.umask(before)
    assert (folder.stat().st_mode & 0o777, (folder / "f").stat().st_mode & 0o777) == (0o700, 0o600)


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    """Promise 46."""
    tmp_path.chmod(0o755)
    assert private_dir(tmp_path).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_everybody_shares_stays_open(tmp_path: Path) -> None:
    """As that for temporary files, which somebody may name."""
    tmp_path.chmod(0o1777)
    assert private_dir(tmp_path).stat().st_mode & 0o7777 == 0o1777


def test_what_is_missing_above_a_folder_is_closed_too(tmp_path: Path) -> None:
    """Promise 46: whoever can write above it could put another one in its place."""
    before = os.umask(0)
    try:
        private_dir(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    assert [(tmp_path / each).stat().st_mode & 0o777 for each in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.mkdir()
    with pytest.raises(OSError):
        private_file(file, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_an_announced_router_is_found(env: dict[str, str]) -> None:
    announce(HERE, env)
    assert instances(env) == [HERE]


def test_a_withdrawn_router_is_not(env: dict[str, str]) -> None:
    withdraw(announce(HERE, env), HERE.pid)
    assert instances(env) == []


def test_only_its_own_file_is_withdrawn(env: dict[str, str]) -> None:
    withdraw(announce(HERE, env), HERE.pid + 1)
    assert instances(env) == [HERE]


def test_a_dead_process_is_no_router(env: dict[str, str]) -> None:
    """Promise 53."""
    child = subprocess.Popen(["true"])
    child.wait()
    announce(replace(HERE, pid=child.pid), env)
    assert instances(env) == []


def test_another_process_with_the_same_id_is_no_router(env: dict[str, str]) -> None:
    """Promise 53: ids are used again."""
    announce(replace(HERE, started="1"), env)
    assert instances(env) == []


def test_a_file_that_makes_no_sense_is_passed_over(env: dict[str, str]) -> None:
    path = announce(HERE, env)
    for n, text in enumerate(("{", "[]", '{"pid": "x"}', "")):
        path.with_name(f"{n}.json").write_text(text)
    assert instances(env) == [HERE]
