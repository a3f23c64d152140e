"""Specification of `llr config amp` and `set-amp-config`, from the outside."""

import json
from typing import Any

import pytest

from harness.configuring import KEY, Cli


def amp(cli: Cli) -> Any:
    return cli.document.get("amp")


def test_routes_are_set_one_by_one_and_taken_away(cli: Cli) -> None:
    cli.config("amp", "route", "smart", "fast")
    cli.config("amp", "route", "rush", "p/m")
    cli.config("amp", "route-model", "gpt-*-codex*", "q/n")
    cli.config("amp", "default", "fast")
    cli.config("amp", "preset", "builtin")
    assert amp(cli) == {
        "routes": {"smart": "fast", "rush": "p/m"},
        "rawModelRoutes": [{"from": "gpt-*-codex*", "to": "q/n"}],
        "defaultRoute": "fast",
        "preset": "builtin",
    }
    cli.config("amp", "unroute", "smart")
    cli.config("amp", "clear", "raw-model-routes")
    assert amp(cli)["routes"] == {"rush": "p/m"} and "rawModelRoutes" not in amp(cli)
    assert "rush" in cli.config("amp", "show").stdout


def test_the_server_of_its_own(cli: Cli) -> None:
    done = cli.config("amp", "upstream", "https://ampcode.com", "--api-key", "-", "--local-only", stdin=f"{KEY}\n")
    expected = {"upstreamUrl": "https://ampcode.com", "upstreamApiKey": KEY, "restrictManagementToLocalhost": True}
    assert amp(cli) == expected and "canary" not in done.output
    assert "canary" not in cli.config("amp", "show", "--json").output
    cli.config("amp", "upstream", "--clear")
    assert amp(cli) == {"restrictManagementToLocalhost": True}


@pytest.mark.parametrize(
    "routes",
    ["smart => fast, rush => p/m", "smart=fast\nrush -> p/m", '{"smart": "fast", "rush": "p/m"}',
     '[{"from": "smart", "to": "fast"}, {"key": "rush", "ref": "p/m"}]'],
)  # fmt: skip
def test_routes_in_every_form(cli: Cli, routes: str) -> None:
    cli.op("set-amp-config", f"--amp-routes={routes}")
    assert amp(cli) == {"routes": {"smart": "fast", "rush": "p/m"}}


def test_every_flag_of_the_predecessor(cli: Cli) -> None:
    cli.op(
        "set-amp",
        "--amp-upstream-url=https://ampcode.com",
        f"--amp-upstream-api-key={KEY}",
        "--amp-restrict-management-to-localhost=yes",
        "--amp-force-model-mappings=1",
        "--amp-preset=none",
        "--amp-default-route=fast",
        "--amp-routes=x => p/m",
        "--amp-raw-model-routes=a* => p/m, b => q/n",
        '--amp-overrides={"entities": [{"id": "x", "match": "gpt-9"}]}',
    )
    assert amp(cli) == {
        "upstreamUrl": "https://ampcode.com",
        "upstreamApiKey": KEY,
        "restrictManagementToLocalhost": True,
        "forceModelMappings": True,
        "preset": "none",
        "defaultRoute": "fast",
        "overrides": {"entities": [{"id": "x", "match": "gpt-9"}]},
        "routes": {"x": "p/m"},
        "rawModelRoutes": [{"from": "a*", "to": "p/m"}, {"from": "b", "to": "q/n"}],
    }
    clear = ("upstream-url", "upstream-api-key", "default-route", "routes", "raw-model-routes", "overrides")
    cli.op("set-amp", *(f"--clear-amp-{name}=true" for name in clear))
    assert set(amp(cli)) == {"restrictManagementToLocalhost", "forceModelMappings", "preset"}


def test_the_older_schema(cli: Cli) -> None:
    cli.op(
        "set-amp",
        "--amp-model-mappings=claude-* => p/m",
        "--amp-subagent-definitions=oracle => gpt-5*|gpt-6*, painter => gemini-*",
        "--amp-subagent-mappings=oracle => q/n",
    )
    assert amp(cli) == {
        "modelMappings": [{"from": "claude-*", "to": "p/m"}],
        "subagentDefinitions": [
            {"id": "oracle", "patterns": ["gpt-5*", "gpt-6*"]},
            {"id": "painter", "patterns": ["gemini-*"]},
        ],
        "subagentMappings": {"oracle": "q/n"},
    }
    cli.op("set-amp", "--reset-amp-subagent-definitions", "--clear-amp-model-mappings", "--clear-amp-subagent-mappings")
    assert amp(cli) == {}


def test_a_list_keeps_its_order_and_what_its_author_added(cli: Cli) -> None:
    old = [{"from": "a", "to": "p/m", "why": "x"}, {"from": "b", "to": "q/n"}]
    cli.have({**cli.document, "amp": {"raw-model-routes": old}})
    cli.op("set-amp-config", "--amp-raw-model-routes=c => p/m2, a => q/n")
    assert amp(cli) == {"raw-model-routes": [{**old[0], "to": "q/n"}, old[1], {"from": "c", "to": "p/m2"}]}


def test_a_route_that_leads_nowhere_is_refused(cli: Cli) -> None:
    done = cli.run("config", "amp", "route", "smart", "fats")
    assert done.exit_code == 1 and "amp.routes.smart" in done.stderr


@pytest.mark.parametrize("flag", ["--amp-routes=smart", "--amp-routes={", "--amp-routes=[1]", ""])
def test_what_cannot_be_read_is_a_mistake_of_the_command(cli: Cli, flag: str) -> None:
    done = cli.run("config", "--operation=set-amp-config", *([flag] if flag else []))
    assert done.exit_code == 2, done.output


def test_the_first_connection_begins_a_block(cli: Cli) -> None:
    """Source: the predecessor begins the same, with AMP's own key when it finds one."""
    secrets = cli.home / ".local/share/amp/secrets.json"
    secrets.parent.mkdir(parents=True)
    secrets.write_text(json.dumps({"apiKey@https://ampcode.com/": KEY}))
    done = cli.op("set-amp-client-routing")
    assert amp(cli) == {
        "upstreamUrl": "https://ampcode.com",
        "restrictManagementToLocalhost": True,
        "preset": "builtin",
        "defaultRoute": "fast",
        "upstreamApiKey": KEY,
    }
    assert "canary" not in done.output
    settings = cli.home / ".config/amp/settings.json"
    assert json.loads(settings.read_text()) == {"amp.url": "http://127.0.0.1:8376"}
    cli.op("set-amp-client-routing", "--enabled=false")
    assert not settings.exists() and json.loads(secrets.read_text()) == {"apiKey@https://ampcode.com/": KEY}


def test_client_files_of_other_names(cli: Cli) -> None:
    settings, secrets = cli.home / "s.json", cli.home / "k.json"
    cli.op(
        "set-amp-config",
        "--amp-default-route=p/m",
        "--patch-amp-client-config",
        f"--amp-client-settings-file={settings}",
        f"--amp-client-secrets-file={secrets}",
        "--amp-client-url=http://127.0.0.1:9999/",
        f"--amp-client-api-key={KEY}",
    )
    assert json.loads(settings.read_text()) == {"amp.url": "http://127.0.0.1:9999"}
    assert json.loads(secrets.read_text())["apiKey@http://127.0.0.1:9999"] == KEY
    assert amp(cli)["defaultRoute"] == "p/m"


def test_the_settings_of_a_workspace(cli: Cli) -> None:
    cli.op("set-amp-client-routing", "--amp-client-settings-scope=workspace")
    assert (cli.home / ".amp/settings.json").exists() and not (cli.home / ".config/amp").exists()
    assert cli.run("config", "--op=set-amp-client-routing", "--amp-client-settings-scope=world").exit_code == 2
