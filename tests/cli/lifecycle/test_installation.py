"""Specification of llr_cli/lifecycle/installation.py: whoever installed it is the one to update it."""

import json
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import pytest

from llr_cli.lifecycle.installation import installation, is_newer, updating

CHECKOUT = {"url": "file:///src/l%20lr", "dir_info": {"editable": True}}
FOLDER = {"url": "file:///src/llr", "dir_info": {}}
GIT = {"url": "https://example.test/llr.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
UV_TOOL, PIPX = "uv-receipt.toml", "pipx_metadata.json"


def installed(folder: Path, installer: str, direct: Any = None) -> Distribution:
    info = folder / "llr-1.2.3.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: llr\nVersion: 1.2.3\nSummary: routes\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    if direct is not None:
        (info / "direct_url.json").write_text(json.dumps(direct))
    return PathDistribution(info)


@pytest.mark.parametrize(
    ("marker", "installer", "direct", "expected"),
    [
        (UV_TOOL, "uv", None, ("uv", "tool", "upgrade", "llr")),
        (UV_TOOL, "uv", FOLDER, ("uv", "tool", "upgrade", "--reinstall", "llr")),
        (UV_TOOL, "uv", GIT, ("uv", "tool", "upgrade", "--reinstall", "llr")),
        (PIPX, "pip", None, ("pipx", "upgrade", "llr")),
        (PIPX, "pip", GIT, ("pipx", "upgrade", "--force", "llr")),
        (None, "uv", None, ("uv", "pip", "install", "--python", "PY", "--upgrade", "llr")),
        (None, "pip", None, ("PY", "-m", "pip", "install", "--upgrade", "llr")),
        (None, "pip", GIT, ("PY", "-m", "pip", "install", "--upgrade", "git+https://example.test/llr.git")),
        (None, "pip", CHECKOUT, ("PY", "-m", "pip", "install", "--upgrade", "--editable", "/src/l lr")),
    ],
)
def test_the_command_of_each_installer(
    tmp_path: Path, marker: str | None, installer: str, direct: Any, expected: tuple[str, ...]
) -> None:
    if marker:
        (tmp_path / marker).write_text("")
    found = installation(installed(tmp_path / "site", installer, direct), tmp_path)
    assert updating(found, "PY") == (expected,)


def test_a_checkout_is_brought_up_to_date_first(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    direct = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    found = installation(installed(tmp_path / "site", "uv", direct), tmp_path)
    assert updating(found)[0] == ("git", "-C", str(tmp_path), "pull", "--ff-only")


def test_a_systems_own_package_is_left_to_the_system(tmp_path: Path) -> None:
    assert updating(installation(installed(tmp_path / "site", "rpm"), tmp_path)) == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1.2.4", "1.2.3", True),
        ("1.10", "1.9", True),
        ("1.2.3", "1.2.3", False),
        ("1.2.0", "1.2", False),
        ("1.2", "1.2.1", False),
        ("2.0rc1", "1.0", False),
        ("", "1.0", False),
    ],
)
def test_which_release_is_newer(one: str, other: str, expected: bool) -> None:
    assert is_newer(one, other) is expected
