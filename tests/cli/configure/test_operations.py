"""Specification of llr_cli/configure/operations.py: every documented operation and flag of the predecessor is there."""

import json

import pytest

from harness.configuring import Cli
from llr_cli.configure.flag_table import COMMON, spelt
from llr_cli.configure.operations import BY_NAME, OPERATIONS

# Source: PREDECESSOR §10.2, as documented
NAMES = """
    upsert-provider add-provider edit-provider remove-provider remove-model upsert-model-alias set-model-alias
    remove-model-alias set-provider-rate-limits set-rate-limits set-model-fallbacks set-quota-probe
    set-provider-quota-probe set-master-key set-amp-config set-amp set-amp-client-routing set-codex-cli-routing
    set-claude-code-routing set-claude-code-effort-level set-factory-droid-routing discover-provider-models
    test-provider litellm-context-lookup migrate-config list list-routing validate snapshot tool-status startup-install
    startup-uninstall startup-status
"""

# Source: PREDECESSOR §10.3; the operation that each group is for
FLAGS = {
    "upsert-provider": """
        config operation op provider-id name type provider-type subscription-type subscription-profile device-code
        endpoints base-url openai-base-url claude-base-url anthropic-base-url api-key api-key-env models
        model-context-windows fill-model-context-windows format formats headers skip-probe probe-rpm
        probe-requests-per-minute set-master-key master-key
    """,
    "upsert-model-alias": """
        alias-id alias strategy targets fallback-targets clear-fallback-targets alias-metadata
    """,
    "set-model-fallbacks": "provider-id model fallback-models fallbacks clear-fallbacks",
    "set-provider-rate-limits": """
        bucket-id bucket-name bucket-models bucket-requests bucket-window rate-limits remove-bucket replace-rate-limits
    """,
    "set-quota-probe": """
        probe-mode probe-url probe-method probe-headers probe-body probe-timeout probe-mapping probe-mapping-used
        probe-mapping-limit probe-mapping-remaining probe-mapping-reset-at probe-mapping-is-unlimited cap-kind
        combinator enforce safety-margin-dollars safety-margin-percent custom-source quota-probe-json
        disable-quota-probe refresh-on-ui-open refresh-on-reset-at refresh-on-upstream-error
    """,
    "set-master-key": "master-key generate-master-key master-key-length master-key-prefix",
    "set-claude-code-routing": """
        enabled endpoint-url default-model primary-model default-opus-model default-sonnet-model default-haiku-model
        subagent-model thinking-level claude-code-settings-file
    """,
    "set-codex-cli-routing": """
        enabled endpoint-url default-model reasoning-effort codex-config-file codex-model-catalog-file
    """,
    "set-factory-droid-routing": """
        enabled endpoint-url default-model reasoning-effort mission-model mission-orchestrator-model
        mission-worker-model mission-validator-model factory-droid-settings-file
    """,
    "set-amp-config": """
        amp-upstream-url amp-upstream-api-key amp-restrict-management-to-localhost amp-force-model-mappings amp-preset
        amp-default-route amp-routes amp-raw-model-routes amp-overrides amp-model-mappings amp-subagent-definitions
        amp-subagent-mappings patch-amp-client-config amp-client-settings-scope amp-client-settings-file
        amp-client-secrets-file amp-client-url amp-client-api-key clear-amp-upstream-url clear-amp-upstream-api-key
        clear-amp-default-route clear-amp-routes clear-amp-raw-model-routes clear-amp-overrides
        clear-amp-model-mappings clear-amp-subagent-definitions clear-amp-subagent-mappings
        reset-amp-subagent-definitions
    """,
    "migrate-config": "target-version create-backup backup",
    "startup-install": "host port watch-config watch-binary require-auth",
}


@pytest.mark.parametrize("name", NAMES.split())
def test_every_documented_operation_is_there(name: str) -> None:
    assert name in BY_NAME


@pytest.mark.parametrize("name", FLAGS)
def test_every_documented_flag_is_there(name: str) -> None:
    assert set(FLAGS[name].split()) <= spelt((*BY_NAME[name].flags, *COMMON)).keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_flag_of_an_operation_has_two_meanings(operation: object) -> None:
    flags = operation.flags  # type: ignore[attr-defined]
    names = [name for flag in (*flags, *COMMON) for name in (flag.name, *flag.synonyms)]
    assert len(names) == len(set(names))


def test_the_table_is_shown(cli: Cli) -> None:
    found = {each["name"]: each for each in cli.json("operations")["operations"]}
    assert found["upsert-provider"]["synonyms"] == ["add-provider", "edit-provider"]
    assert "--alias-id" in cli.config("operations").stdout


@pytest.mark.parametrize("words", [("--operation=lst",), ("--op", "lst"), ("--config=x", "--operation=lst")])
def test_an_unknown_operation_is_named_with_the_nearest(cli: Cli, words: tuple[str, ...]) -> None:
    done = cli.run("config", *words)
    assert done.exit_code == 2 and "perhaps 'list' is meant" in done.stderr


def test_no_operation_at_all_is_a_mistake_that_lists_them(cli: Cli) -> None:
    done = cli.run("config", "--provider-id=p")
    assert done.exit_code == 2 and "--operation is expected" in done.stderr and "set-amp-config" in done.stderr


def test_an_unknown_flag_is_named_with_the_nearest(cli: Cli) -> None:
    done = cli.run("config", "--operation=upsert-model-alias", "--alias-id=fast", "--tragets=p/m")
    assert done.exit_code == 2 and "perhaps --targets is meant" in done.stderr


def test_a_mistake_is_json_too_when_that_is_asked_for(cli: Cli) -> None:
    done = cli.run("config", "--operation=lst", "--json")
    assert done.exit_code == 2 and json.loads(done.stdout)["ok"] is False


def test_a_flag_of_another_operation_is_said_to_do_nothing(cli: Cli) -> None:
    done = cli.op("remove-model", "--provider-id=p", "--model=m2", "--enabled=true")
    assert "--enabled has no effect on remove-model" in done.stderr
    assert cli.document["providers"][0]["models"] == ["m"]


def test_a_flag_that_does_nothing_here_is_told_why(cli: Cli) -> None:
    done = cli.op("edit-provider", "--provider-id=p", "--name=x", "--device-code=true", "--skip-probe")
    assert "--device-code has no effect: " in done.stderr


def test_a_stray_word_is_a_mistake(cli: Cli) -> None:
    assert cli.run("config", "--operation=list", "stray").exit_code == 2


def test_the_configuration_is_that_of_the_flag(cli: Cli) -> None:
    other = cli.home / "other.json"
    other.write_text('{"providers": []}')
    cli.op("set-master-key", f"--config={other}", "--master-key=Some-long-key-0123456789")
    assert json.loads(other.read_text())["masterKey"] == "Some-long-key-0123456789"
    assert "masterKey" not in cli.document


def test_a_dry_run_changes_nothing(cli: Cli) -> None:
    before = cli.file.read_bytes()
    done = cli.op("remove-model", "--provider-id=p", "--model=m2", "--dry-run")
    assert '-        "m2"' in done.stdout.replace('"m2",', '"m2"') and cli.file.read_bytes() == before


def test_list_validate_and_snapshot(cli: Cli) -> None:
    assert "default model: fast" in cli.op("list-routing").stdout
    found = json.loads(cli.op("validate", "--json").stdout)
    assert (found["valid"], found["providers"], found["aliases"], found["version"]) == (True, 2, 1, 2)
    assert "Config Validation" in cli.op("validate").stdout
    assert json.loads(cli.op("snapshot", "--json").stdout)["config"]["mine"] == {"kept": [1, 2.5]}


def test_validate_of_what_is_not_valid_fails_and_says_why(cli: Cli) -> None:
    cli.have({"providers": [{"id": "x"}]})
    done = cli.run("config", "--operation=validate")
    assert done.exit_code == 1 and "providers[0].models" in done.stderr
    cli.file.write_text("{")
    done = cli.run("config", "--operation=validate", "--json")
    assert done.exit_code == 1 and "invalid JSON" in json.loads(done.stdout)["problems"][0]
    cli.file.unlink()
    done = cli.run("config", "--operation=validate")
    assert done.exit_code == 1 and "no configuration here yet" in done.stderr


def test_a_quota_probe_is_kept_as_the_predecessor_wrote_it(cli: Cli) -> None:
    cli.op(
        "set-quota-probe",
        "--provider-id=p",
        "--probe-mode=http",
        "--probe-url=https://p.example/quota",
        "--probe-method=POST",
        '--probe-headers={"Authorization": "Bearer {{providerApiKey}}"}',
        "--probe-timeout=3000",
        "--probe-mapping-used=data.used",
        "--probe-mapping-limit=data.limit as dollars-from-cents",
        "--cap-kind=dollars",
        "--combinator=or",
        "--enforce=observe",
        "--safety-margin-percent=5",
        "--refresh-on-ui-open=true",
        '--refresh-on-upstream-error={"statusCodes": [429]}',
    )
    assert cli.document["providers"][0]["quotaProbe"] == {
        "enabled": True,
        "mode": "http",
        "capKind": "dollars",
        "combinator": "OR",
        "enforce": "observe",
        "safetyMargin": {"percent": 5},
        "http": {
            "method": "POST",
            "url": "https://p.example/quota",
            "timeoutMs": 3000,
            "mapping": {
                "used": {"path": "data.used", "as": "number"},
                "limit": {"path": "data.limit", "as": "dollars-from-cents"},
            },
            "headers": [{"key": "Authorization", "value": "Bearer {{providerApiKey}}"}],
        },
        "refreshTriggers": {"onUiOpen": True, "onUpstreamError": {"statusCodes": [429]}},
    }
    cli.op("set-provider-quota-probe", "--provider-id=p", "--disable-quota-probe")
    assert "quotaProbe" not in cli.document["providers"][0]


@pytest.mark.parametrize("flag", ["--enforce=always", "--cap-kind=euros", ""])
def test_a_quota_probe_that_says_nothing_or_nonsense_is_refused(cli: Cli, flag: str) -> None:
    assert cli.run("config", "--op=set-quota-probe", "--provider-id=p", *([flag] if flag else [])).exit_code == 2


def test_the_start_at_login_is_shown(cli: Cli) -> None:
    found = json.loads(cli.op("startup-status", "--json").stdout)
    assert found["ok"] and found["installed"] is False
    done = cli.run("config", "--operation=startup-install", "--port=9", "--require-auth=false", "--dry-run")
    assert done.exit_code == 0 and "--port" in done.stdout
    assert "Nothing to remove" in cli.op("startup-uninstall").stdout
