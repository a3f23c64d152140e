"""Specification of `llr config provider` and of the operations on providers, from the outside."""

import json

import pytest

from harness.configuring import DOCUMENT, KEY, Cli
from llr_cli.configure.presets import PRESETS


def test_a_preset_needs_no_more_than_its_name_and_models(fresh: Cli) -> None:
    done = fresh.config("provider", "add", "openai", "--models", "gpt-5.5, gpt-5.4-nano")
    assert "gpt-5.4-nano" in done.stdout
    assert fresh.document == {
        "version": 2,
        "providers": [
            {
                "id": "openai",
                "name": "OpenAI",
                "baseUrl": "https://api.openai.com/v1",
                "formats": ["openai-responses", "openai"],
                "apiKeyEnv": "OPENAI_API_KEY",
                "models": ["gpt-5.5", "gpt-5.4-nano"],
            }
        ],
    }


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_every_preset_makes_a_provider_that_the_router_takes(fresh: Cli, preset: object) -> None:
    name = preset.id  # type: ignore[attr-defined]
    fresh.config("provider", "add", name, "--models", "m")
    (found,) = json.loads(fresh.config("validate", "--json").stdout)["providers"]
    assert set(found["endpoints"]) == set(preset.bases)  # type: ignore[attr-defined]


def test_a_preset_under_an_id_of_ones_own(fresh: Cli) -> None:
    fresh.config("provider", "add", "work", "--preset", "z.ai", "--models", "glm-5", "--api-key", KEY)
    (found,) = fresh.document["providers"]
    assert (found["id"], found["apiKey"]) == ("work", KEY) and "apiKeyEnv" not in found
    assert found["baseUrlByFormat"]["claude"] == "https://api.z.ai/api/anthropic"


def test_a_provider_that_nobody_knows_is_told_by_its_base_url(cli: Cli) -> None:
    flags = ("--base-url", "http://localhost:9/v1", "--format", "openai,claude", "--models", "a,b")
    cli.config("provider", "add", "mine", *flags, "--context-windows", "a=200k,b=1m", "--max-concurrency", 2)
    assert cli.document["providers"][2] == {
        "id": "mine",
        "baseUrl": "http://localhost:9/v1",
        "formats": ["openai", "claude"],
        "maxConcurrency": 2,
        "models": [{"id": "a", "contextWindow": 200000}, {"id": "b", "contextWindow": 1000000}],
    }


def test_a_provider_without_models_is_refused_with_the_path(cli: Cli) -> None:
    before = cli.file.read_bytes()
    done = cli.run("config", "provider", "add", "groq")
    assert done.exit_code == 1 and "providers[2].models: expected at least one model" in done.stderr
    assert cli.file.read_bytes() == before


def test_a_second_provider_of_an_id_is_refused(cli: Cli) -> None:
    done = cli.run("config", "provider", "add", "p", "--base-url", "http://x", "--format", "openai", "--models", "m")
    assert done.exit_code == 1 and "llr config provider edit p" in done.stderr


def test_edit_changes_what_is_said_and_nothing_else(cli: Cli) -> None:
    """Promise 27."""
    cli.config("provider", "edit", "p", "--base-url", "https://new.example/v1", "--name", "P")
    expected = json.loads(json.dumps(DOCUMENT))
    expected["providers"][0] |= {"baseUrl": "https://new.example/v1", "name": "P"}
    assert cli.document == expected


def test_edit_under_the_spelling_that_the_author_chose(cli: Cli) -> None:
    cli.have({"providers": [{"id": "p", "endpoint": "https://a.example", "response-format": "openai", "models": "m"}]})
    cli.have(
        {"providers": [{"id": "p", "endpoint": "https://a.example", "response-format": "openai", "models": ["m"]}]}
    )
    cli.config("provider", "edit", "p", "--base-url", "https://b.example", "--format", "claude")
    (found,) = cli.document["providers"]
    assert found == {"id": "p", "endpoint": "https://b.example", "response-format": "claude", "models": ["m"]}


def test_formats_take_the_place_of_formats(fresh: Cli) -> None:
    fresh.config("provider", "add", "zai", "--models", "m", "--format", "claude")
    assert fresh.document["providers"][0]["format"] == "claude" and "formats" not in fresh.document["providers"][0]
    fresh.config("provider", "edit", "zai", "--formats", "openai,claude")
    assert fresh.document["providers"][0]["formats"] == ["openai", "claude"]
    assert "format" not in fresh.document["providers"][0]
    fresh.config("provider", "edit", "zai", "--format", "openai")
    (found,) = json.loads(fresh.config("validate", "--json").stdout)["providers"]
    assert list(found["endpoints"]) == ["openai"]


def test_models_that_stay_keep_what_is_said_of_them(cli: Cli) -> None:
    model = {"id": "m", "contextWindow": 5, "mine": True}
    cli.have({"providers": [{**DOCUMENT["providers"][0], "models": [model, "gone"]}]})
    cli.config("provider", "edit", "p", "--models", "new,m")
    assert cli.document["providers"][0]["models"] == ["new", model]


def test_a_key_takes_the_place_of_a_variable_and_the_other_way_round(cli: Cli) -> None:
    cli.config("provider", "edit", "p", "--api-key-env", "OPENAI_API_KEY")
    assert "apiKey" not in cli.document["providers"][0]
    cli.config("provider", "edit", "p", "--api-key", "-", stdin=f"{KEY}\n")
    found = cli.document["providers"][0]
    assert found["apiKey"] == KEY and "apiKeyEnv" not in found


def test_a_provider_that_something_refers_to_is_not_removed(cli: Cli) -> None:
    done = cli.run("config", "provider", "remove", "p")
    assert done.exit_code == 1 and "modelAliases.fast.targets[0]" in done.stderr
    cli.config("alias", "edit", "fast", "--targets", "q/n")
    cli.config("provider", "remove", "p")
    assert [each["id"] for each in cli.document["providers"]] == ["q"]


def test_a_provider_is_switched_off_and_on(cli: Cli) -> None:
    cli.config("provider", "disable", "p")
    assert cli.document["providers"][0]["enabled"] is False
    cli.config("provider", "enable", "p")
    assert cli.document == DOCUMENT
    cli.op("disable-provider", "--provider-id=p")
    assert cli.document["providers"][0]["enabled"] is False


def test_an_unknown_provider_is_named_with_the_nearest(cli: Cli) -> None:
    cli.have({"providers": [{**DOCUMENT["providers"][0], "id": "openrouter"}]})
    done = cli.run("config", "provider", "edit", "openruter", "--name", "x")
    assert done.exit_code == 1 and "perhaps 'openrouter' is meant" in done.stderr


def test_no_output_shows_a_key(cli: Cli) -> None:
    """Whatever is done with it, and in whatever form it is shown."""
    words = (
        ("provider", "list"),
        ("list",),
        ("--operation=list",),
        ("--operation=snapshot",),
        ("provider", "edit", "p", "--name", "x", "--dry-run"),
        ("provider", "edit", "p", "--api-key", "sk-canary-another-0123456789", "--dry-run"),
        ("provider", "edit", "p", "--header", "x"),
        ("--operation=upsert-provider", "--provider-id=p", "--api-key=sk-canary-another-0123456789", "--skip-probe=1"),
    )
    for each in words:
        for form in ((), ("--json",)):
            done = cli.run("config", *each, *form)
            assert "canary" not in done.output and "canary" not in str(done.exception), each


def test_list_says_where_keys_come_from(cli: Cli) -> None:
    found = cli.json("provider", "list")["providers"]
    assert [(each["id"], each["key"]) for each in found] == [("p", "…cdef"), ("q", "$NOT_SET")]


def test_presets_are_listed(cli: Cli) -> None:
    found = {each["id"]: each for each in cli.json("provider", "presets")["presets"]}
    assert found["groq"]["apiKeyEnv"] == "GROQ_API_KEY" and found["ollama"]["local"]
    assert "GROQ_API_KEY" in cli.config("provider", "presets").stdout


def test_json_says_what_was_done(cli: Cli) -> None:
    found = cli.json("provider", "edit", "p", "--name", "x", "--dry-run")
    assert found["ok"] and found["changed"] and found["dryRun"] and '+      "name": "x"' in found["diff"]
    assert cli.document == DOCUMENT
    found = cli.json("provider", "remove", "p")
    assert not found["ok"] and found["problems"][0].startswith("modelAliases.fast")


def test_a_list_of_models_from_a_log_is_cleaned(cli: Cli) -> None:
    """Source: the predecessor cleans what is pasted."""
    cli.op("upsert-provider", "--provider-id=p", '--models= - "m",\n* `m2`\n - m3 ', "--skip-probe=true")
    assert cli.document["providers"][0]["models"] == ["m", "m2", "m3"]


def test_one_with_several_endpoints_and_bases(fresh: Cli) -> None:
    flags = ("--openai-base-url=https://a.example/v1", "--anthropic-base-url=https://a.example/anthropic")
    fresh.op("upsert-provider", "--name=My Own", *flags, "--models=m", "--formats=openai,claude", "--skip-probe")
    (found,) = fresh.document["providers"]
    assert found["id"] == "my-own" and found["name"] == "My Own"
    assert found["baseUrlByFormat"] == {"openai": "https://a.example/v1", "claude": "https://a.example/anthropic"}


def test_headers_in_both_forms(cli: Cli) -> None:
    cli.op("upsert-provider", "--provider-id=p", '--headers={"x-a": "1", "User-Agent": null}', "--skip-probe")
    assert cli.document["providers"][0]["headers"] == {"x-a": "1", "User-Agent": None}
    cli.config("provider", "edit", "p", "--headers", "x-b: 2")
    assert cli.document["providers"][0]["headers"] == {"x-b": "2"}
    done = cli.run("config", "provider", "edit", "p", "--headers", "host: evil")
    assert done.exit_code == 1 and "providers[0].headers" in done.stderr


def test_a_subscription_is_kept_as_the_predecessor_wrote_it(fresh: Cli) -> None:
    flags = ("--type=subscription", "--subscription-type=chatgpt-codex", "--models=gpt-5.5", "--skip-probe=true")
    done = fresh.op("add-provider", "--provider-id=sub", *flags)
    assert fresh.document["providers"][0]["subscriptionType"] == "chatgpt-codex"
    assert "later version" in done.stderr


def test_a_master_key_may_come_with_a_provider(fresh: Cli) -> None:
    fresh.op(
        "upsert-provider", "--preset=groq", "--models=m", "--skip-probe", "--set-master-key", f"--master-key={KEY}"
    )
    assert fresh.document["masterKey"] == KEY
