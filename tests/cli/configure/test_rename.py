"""Specification of llr_cli/configure/rename.py."""

import json
from typing import Any

import pytest

from harness.configuring import DOCUMENT, Cli

DOCUMENT_OF_REFERENCES: dict[str, Any] = {
    **DOCUMENT,
    "providers": [
        {**DOCUMENT["providers"][0], "models": [{"id": "m", "silent-fallbacks": "q/n"}, "m2"]},
        DOCUMENT["providers"][1],
    ],
    "modelAliases": {
        "first": {"targets": ["alias:fast", {"target": "fast", "weight": 2}], "fallbacks": ["p/m"]},
        "fast": {"targets": ["p/m@2", "q/n"], "note": "fast"},
        "faster": {"targets": ["fast@3"]},
    },
    "amp": {
        "default-route": "fast",
        "routes": {"smart": "fast", "fast": {"ref": "p/m"}},
        "rawModelRoutes": [{"from": "fast", "to": "fast"}],
        "overrides": {"entities": [{"id": "x", "match": "gpt-9", "route": "fast"}]},
    },
}


def test_an_alias_and_whatever_refers_to_it(cli: Cli) -> None:
    cli.have(DOCUMENT_OF_REFERENCES)
    cli.config("alias", "rename", "fast", "quick")
    found = cli.document
    assert list(found["modelAliases"]) == ["first", "quick", "faster"]
    assert found["modelAliases"]["first"]["targets"] == ["alias:quick", {"target": "quick", "weight": 2}]
    assert found["modelAliases"]["quick"] == {"targets": ["p/m@2", "q/n"], "note": "fast"}
    assert found["modelAliases"]["faster"]["targets"] == ["quick@3"]
    assert found["defaultModel"] == "quick"
    assert found["amp"] == {
        "default-route": "quick",
        "routes": {"smart": "quick", "fast": {"ref": "p/m"}},
        "rawModelRoutes": [{"from": "fast", "to": "quick"}],
        "overrides": {"entities": [{"id": "x", "match": "gpt-9", "route": "quick"}]},
    }


def test_a_provider_and_whatever_refers_to_it(cli: Cli) -> None:
    cli.have(DOCUMENT_OF_REFERENCES)
    cli.config("provider", "rename", "p", "new")
    cli.op("rename-provider", "--provider-id=q", "--new-name=other")
    found = cli.document
    assert [each["id"] for each in found["providers"]] == ["new", "other"]
    assert found["providers"][0]["models"][0]["silent-fallbacks"] == "other/n"
    assert found["modelAliases"]["fast"]["targets"] == ["new/m@2", "other/n"]
    assert found["modelAliases"]["first"]["fallbacks"] == ["new/m"]
    assert found["amp"]["routes"]["fast"] == {"ref": "new/m"}


def test_nothing_else_is_touched(cli: Cli) -> None:
    """Promise 27."""
    text = '{\n  "modelAliases": { "a" : {"targets": ["b"]}, /* x */ "b":{ } },\n  "n": 1.50\n}'
    cli.file.write_text(text)
    cli.config("alias", "rename", "b", "c")
    assert cli.file.read_text() == text.replace('"b"', '"c"')


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("alias", "rename", "fast", "faster"), 1),
        (("alias", "rename", "nobody", "x"), 1),
        (("alias", "rename", "fast", "a b"), 2),
        (("provider", "rename", "p", "q"), 1),
        (("provider", "rename", "p", "P!"), 2),
    ],
)
def test_names_that_are_taken_or_none_are_refused(cli: Cli, words: tuple[str, ...], code: int) -> None:
    cli.have(DOCUMENT_OF_REFERENCES)
    assert cli.run("config", *words).exit_code == code
    assert cli.document == json.loads(json.dumps(DOCUMENT_OF_REFERENCES))
