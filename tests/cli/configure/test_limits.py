"""Specification of `llr config limits` and `set-provider-rate-limits`, from the outside."""

from typing import Any

import pytest

from addons.core.windows import _SPELLINGS
from harness.configuring import DOCUMENT, Cli


def limits(cli: Cli) -> Any:
    return cli.document["providers"][0].get("rateLimits")


def test_a_bucket_is_made_changed_listed_and_removed(cli: Cli) -> None:
    cli.config("limits", "set", "p", "--requests", 500, "--window", "day")
    made = {"id": "500-req-per-1-day", "models": ["all"], "requests": 500, "window": {"unit": "day", "size": 1}}
    assert limits(cli) == [made]
    cli.config(
        "limits", "set", "p", "500-req-per-1-day", "--requests", 600, "--models", "m", "--per-key", "--name", "N"
    )
    changed = {**made, "requests": 600, "models": ["m"], "name": "N", "perKey": True}
    assert limits(cli) == [changed]
    assert cli.json("limits", "list")["rateLimits"] == {"p": [changed]}
    assert "600 requests" in cli.config("limits", "list").stdout
    cli.config("limits", "remove", "p", "500-req-per-1-day")
    assert limits(cli) == []


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("month:1", ("month", 1)), ("1w", ("week", 1)), ("7day", ("day", 7)), ("hour/6", ("hour", 6)),
        ("15m", ("minute", 15)), ("2mo", ("month", 2)), ("30sec", ("second", 30)), ("h", ("hour", 1)),
    ],
)  # fmt: skip
def test_windows_in_every_form(cli: Cli, text: str, window: tuple[str, int]) -> None:
    flags = ("--bucket-id=b", "--bucket-requests=5", f"--bucket-window={text}", "--bucket-models=all")
    cli.op("set-provider-rate-limits", "--provider-id=p", *flags)
    assert limits(cli)[0]["window"] == {"unit": window[0], "size": window[1]}


@pytest.mark.parametrize("unit", [spelling for spellings in _SPELLINGS.values() for spelling in spellings])
def test_windows_in_every_unit(cli: Cli, unit: str) -> None:
    """Of the predecessor's spellings none is missing."""
    found = cli.json("limits", "set", "p", "--requests", 1, "--window", f"3{unit}", "--dry-run")
    assert found["ok"] and '"size": 3' in found["diff"]


def test_every_documented_unit_is_among_them() -> None:
    known = {spelling for spellings in _SPELLINGS.values() for spelling in spellings}
    words = "s sec m min h hr d w wk mo mon second minute hour day week month".split()  # noqa: SIM905
    assert set(words) <= known and {f"{word}s" for word in words if len(word) > 1} <= known


def test_a_window_that_is_none_is_a_mistake_of_the_command(cli: Cli) -> None:
    done = cli.run("config", "limits", "set", "p", "--requests", 1, "--window", "fortnight")
    assert done.exit_code == 2 and "units are second (s, sec)" in done.stderr
    done = cli.run("config", "limits", "set", "p", "--requests", 1)
    assert done.exit_code == 2 and "--bucket-window is expected" in done.stderr


def test_tokens_and_concurrency(cli: Cli) -> None:
    cli.config("limits", "set", "p", "t", "--tokens", 9, "--input-tokens", 5, "--output-tokens", 4, "--window", "min")
    cli.config("limits", "set", "p", "c", "--concurrent", 3)
    assert limits(cli)[0] == {
        "id": "t",
        "models": ["all"],
        "tokens": 9,
        "inputTokens": 5,
        "outputTokens": 4,
        "window": {"unit": "minute", "size": 1},
    }
    assert limits(cli)[1] == {"id": "c", "models": ["all"], "concurrent": 3}


def test_a_model_that_the_provider_has_not_is_refused(cli: Cli) -> None:
    done = cli.run("config", "limits", "set", "p", "--requests", 1, "--window", "day", "--models", "nope")
    assert done.exit_code == 1 and "providers[0].rateLimits[0].models" in done.stderr


def test_buckets_as_json_are_merged_by_id_or_replace_all(cli: Cli) -> None:
    old = {"id": "a", "models": ["all"], "requests": 1, "window": "day:1"}
    new = {"id": "b", "models": ["m"], "requests": 2, "window": "hour:1"}
    for flags, expected in (
        ((f"--rate-limits=[{_json(old)}]",), [old]),
        ((f"--rate-limits={_json({**old, 'requests': 9})}",), [{**old, "requests": 9}]),
        ((f"--rate-limits=[{_json(new)}]",), [{**old, "requests": 9}, new]),
        ((f"--rate-limits=[{_json(new)}]", "--replace-rate-limits=true"), [new]),
        (("--replace-rate-limits",), []),
    ):
        cli.op("set-rate-limits", "--provider-id=p", *flags)
        assert limits(cli) == expected


def test_a_bucket_is_removed_by_both_ways_of_saying_it(cli: Cli) -> None:
    for flags in (
        ("--bucket-id=a", "--remove-bucket=true"),
        ("--bucket-id=a", "--remove-bucket"),
        ("--remove-bucket=a",),
    ):
        cli.config("limits", "set", "p", "a", "--requests", 1, "--window", "day")
        cli.op("set-provider-rate-limits", "--provider-id=p", *flags)
        assert limits(cli) == []
    done = cli.run("config", "limits", "remove", "p", "a")
    assert done.exit_code == 1 and "there is no bucket 'a'" in done.stderr


def test_a_bucket_without_an_id_is_found_by_the_one_that_it_gets(cli: Cli) -> None:
    bucket = {"model": "m", "limit": 7, "windowUnit": "day", "window-size": 2, "mine": 1}
    cli.have(
        {**DOCUMENT, "providers": [{**DOCUMENT["providers"][0], "rate-limits": [bucket]}, DOCUMENT["providers"][1]]}
    )
    cli.config("limits", "set", "p", "7-req-per-2-day", "--requests", 8, "--window", "hour")
    (found,) = cli.document["providers"][0]["rate-limits"]
    assert found == {"model": "m", "limit": 8, "mine": 1, "window": {"unit": "hour", "size": 1}}


def _json(value: object) -> str:
    import json

    return json.dumps(value)
