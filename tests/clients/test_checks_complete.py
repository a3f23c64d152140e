"""Every rule of the checks is seen to refuse a body: one that cannot fail is worth nothing."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
RULES = {"demand", "demand_known", "demand_names", "demand_spelled", "closed_when_strict"}


def rules(file: Path) -> Iterator[ast.Call]:
    """The places where something is demanded."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RULES:
            yield node


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int]]:
    """The rules that refused something in the other tests of this folder."""
    report = tmp_path_factory.mktemp("witness") / "rules.json"
    tests = sorted(str(file) for file in FOLDER.glob("test_checks*.py") if file != Path(__file__))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "clients.witness", "-p", "no:cacheprovider"]
    env = {**os.environ, "LLR_WITNESS": str(report), "PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run([*command, *tests], env=env, capture_output=True, text=True, cwd=FOLDER.parents[1])
    assert done.returncode == 0, done.stdout
    return {(file, line) for file, line in json.loads(report.read_text())}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("checks*.py")), ids=lambda file: file.stem)
def test_every_rule_refuses_something(file: Path, refused: set[tuple[str, int]]) -> None:
    lines = {line for name, line in refused if name == file.name}
    idle = [
        f"{file.name}:{rule.lineno} {ast.unparse(rule)[:160]}"
        for rule in rules(file)
        if not lines & set(range(rule.lineno, (rule.end_lineno or rule.lineno) + 1))
    ]
    assert idle == []


@pytest.mark.parametrize("file", sorted(FOLDER.glob("checks*.py")), ids=lambda file: file.stem)
def test_every_file_of_rules_names_its_source(file: Path) -> None:
    assert "Source:" in (ast.get_docstring(ast.parse(file.read_text())) or "")
