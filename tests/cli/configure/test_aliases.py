"""Specification of `llr config alias`, `default`, `fallbacks` and `model`, from the outside."""

import json
from typing import Any

import pytest

from harness.configuring import DOCUMENT, Cli


def targets(cli: Cli, alias: str = "fast", field: str = "targets") -> Any:
    return cli.document["modelAliases"][alias].get(field)


def test_an_alias_with_weights_fallbacks_and_a_strategy(cli: Cli) -> None:
    flags = ("--targets", "p/m@3,fast", "--fallbacks", "q/n", "--strategy", "smart", "--hedge-ms", 800, "--join")
    cli.config("alias", "add", "main", *flags, "--hold", "--affinity", "--metadata", '{"a": 1}')
    assert cli.document["modelAliases"]["main"] == {
        "strategy": "auto",
        "targets": [{"ref": "p/m", "weight": 3}, "fast"],
        "fallbackTargets": ["q/n"],
        "metadata": {"a": 1},
        "hedgeMs": 800,
        "holdUntilReset": True,
        "joinDuplicates": True,
        "affinity": True,
    }


def test_edit_keeps_what_is_not_said(cli: Cli) -> None:
    cli.config("alias", "edit", "fast", "--strategy", "weighted")
    expected = {**DOCUMENT["modelAliases"]["fast"], "strategy": "weighted-rr"}
    assert cli.document["modelAliases"]["fast"] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("p/m:2,q/n", [{"ref": "p/m", "weight": 2}, "q/n"]),
        ("p/m@0.5", [{"ref": "p/m", "weight": 0.5}]),
        ("p/odd:8", ["p/odd:8"]),
        ("p/odd:8@2", [{"ref": "p/odd:8", "weight": 2}]),
        ("alias:other", ["alias:other"]),
    ],
)
def test_weights_are_told_from_names(cli: Cli, words: str, expected: list[Any]) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    document["providers"][0]["models"].append("odd:8")
    document["modelAliases"]["other"] = {"targets": ["q/n"]}
    cli.have(document)
    cli.op("set-model-alias", "--alias=fast", f"--targets={words}")
    assert targets(cli) == expected


def test_a_target_keeps_what_its_author_says_of_it(cli: Cli) -> None:
    mine = {"target": "p/m", "weight": 2, "metadata": {"why": "cheap"}}
    cli.have({**DOCUMENT, "modelAliases": {"fast": {"targets": [mine, "q/n"]}}})
    cli.config("alias", "edit", "fast", "--targets", "q/n,p/m@5")
    assert targets(cli) == ["q/n", {**mine, "weight": 5}]


def test_fallbacks_are_cleared(cli: Cli) -> None:
    cli.config("alias", "edit", "fast", "--fallbacks", "p/m2")
    assert targets(cli, field="fallbackTargets") == ["p/m2"]
    cli.op("upsert-model-alias", "--alias-id=fast", "--clear-fallback-targets=true")
    assert targets(cli, field="fallbackTargets") is None


def test_a_target_that_leads_nowhere_is_refused_with_the_nearest(cli: Cli) -> None:
    done = cli.run("config", "alias", "edit", "fast", "--targets", "p/mm")
    assert done.exit_code == 1 and "modelAliases.fast.targets[0]" in done.stderr and "near it: p/m" in done.stderr
    assert cli.document == DOCUMENT


def test_a_circle_is_refused(cli: Cli) -> None:
    done = cli.run("config", "alias", "edit", "fast", "--targets", "fast")
    assert done.exit_code == 1 and "no circle" in done.stderr


def test_an_unknown_strategy_is_a_mistake_of_the_command(cli: Cli) -> None:
    done = cli.run("config", "alias", "edit", "fast", "--strategy", "round-robbin")
    assert done.exit_code == 2 and "perhaps 'round-robin' is meant" in done.stderr


def test_an_alias_that_is_referred_to_is_not_removed(cli: Cli) -> None:
    done = cli.run("config", "alias", "remove", "fast")
    assert done.exit_code == 1 and "defaultModel" in done.stderr
    cli.config("default", "set", "q/n")
    cli.config("alias", "remove", "fast")
    assert "modelAliases" not in cli.document


def test_adding_twice_and_editing_nothing_are_refused(cli: Cli) -> None:
    assert cli.run("config", "alias", "add", "fast", "--targets", "p/m").exit_code == 1
    assert cli.run("config", "alias", "edit", "fats", "--targets", "p/m").exit_code == 1
    assert cli.run("config", "alias", "add", "new").exit_code == 2


def test_aliases_are_listed(cli: Cli) -> None:
    found = cli.json("alias", "list")["aliases"]["fast"]
    assert found == {"strategy": "rr", "targets": [{"ref": "p/m"}, {"ref": "q/n"}], "fallbacks": []}
    assert "p/m, q/n" in cli.config("alias", "list").stdout


def test_the_default_is_set_shown_and_cleared(cli: Cli) -> None:
    cli.config("default", "set", "p/m2")
    assert cli.config("default", "show").stdout == "p/m2\n" and cli.document["defaultModel"] == "p/m2"
    cli.config("default", "clear")
    assert cli.json("default", "show")["defaultModel"] is None and "defaultModel" not in cli.document


def test_fallbacks_of_a_model_make_an_object_of_its_name(cli: Cli) -> None:
    cli.config("fallbacks", "set", "p", "m", "q/n", "p/m2")
    assert cli.document["providers"][0]["models"] == [{"id": "m", "fallbackModels": ["q/n", "p/m2"]}, "m2"]
    assert cli.json("fallbacks", "list")["fallbacks"] == {"p/m": ["q/n", "p/m2"]}
    cli.config("fallbacks", "clear", "p", "m")
    assert cli.document["providers"][0]["models"] == [{"id": "m"}, "m2"]


def test_fallbacks_by_operation_under_both_names_of_the_flag(cli: Cli) -> None:
    for flag in ("--fallback-models", "--fallbacks"):
        cli.op("set-model-fallbacks", "--provider-id=p", "--model=m", f"{flag}=q/n")
        cli.op("set-model-fallbacks", "--provider-id=p", "--model=m", "--clear-fallbacks=true")
    done = cli.run("config", "--operation=set-model-fallbacks", "--provider-id=p", "--model=m", "--fallbacks=p/m")
    assert done.exit_code == 2 and "stand in for itself" in done.stderr


def test_models_are_added_edited_and_removed(cli: Cli) -> None:
    cli.config("model", "add", "p", "m3", "m", "--context-windows", "m3=128k")
    assert cli.document["providers"][0]["models"] == ["m", "m2", {"id": "m3", "contextWindow": 128000}]
    cli.config("model", "edit", "p", "m3", "--context-window", 0, "--aliases", "big", "--disable")
    cli.config(
        "model", "edit", "p", "m2", "--capabilities", '{"supportsThinking": false}', "--formats", "claude,openai"
    )
    models = cli.document["providers"][0]["models"]
    assert models[2] == {"id": "m3", "aliases": ["big"], "enabled": False}
    assert models[1] == {"id": "m2", "formats": ["claude", "openai"], "capabilities": {"supportsThinking": False}}
    cli.op("remove-model", "--provider-id=p", "--model=m3")
    cli.config("model", "remove", "p", "m2")
    assert cli.document["providers"][0]["models"] == ["m"]
    assert cli.run("config", "model", "remove", "p", "m").exit_code == 1
