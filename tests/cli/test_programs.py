"""Specification of llr_cli/programs.py: how tools are told of the router for one run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from llr_cli.programs import ANY, PROGRAMS, Router, program, told

ROUTER = Router("http://127.0.0.1:9", "the-routers-key", models=("smart", "p/m"))
ASKING = Router("http://127.0.0.1:9", "the-routers-key", "p/m")
INTERCEPTING = Router("http://127.0.0.1:9", "k", None, (), "http://127.0.0.1:9", Path("bundle.pem"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_known_tool_is_told_the_address_and_the_key(name: str) -> None:
    words, env = told([name, "hello"], {"PATH": "/bin"}, ROUTER)
    said = " ".join([*words, *env.values()])
    assert words[0] == name
    assert words[-1] == "hello"
    assert "http://127.0.0.1:9" in said
    assert "the-routers-key" in " ".join(env.values())
    assert "the-routers-key" not in " ".join(words), "anybody can read a command line"
    assert env["PATH"] == "/bin"


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "amp"])
def test_every_known_tool_but_amp_is_told_the_model(name: str) -> None:
    words, env = told([name], {}, ASKING)
    assert "p/m" in " ".join([*words, *env.values()])


def test_claude_codes_own_settings_do_not_win() -> None:
    words, env = told(["claude", "-p", "hi"], {"ANTHROPIC_API_KEY": "sk-ant", "CLAUDE_CODE_USE_BEDROCK": "1"}, ASKING)
    assert words[1] == "--settings"
    assert json.loads(words[2])["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:9/anthropic"
    assert json.loads(words[2])["env"]["ANTHROPIC_MODEL"] == "p/m"
    assert not {"ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"} & env.keys()


def test_settings_that_a_person_names_stay() -> None:
    words, _ = told(["claude", "--settings=mine.json"], {}, ROUTER)
    assert words == ["claude", "--settings=mine.json"]


@pytest.mark.parametrize(("demands", "key"), [(False, "sgamp-own"), (True, "the-routers-key")])
def test_amp_keeps_the_key_of_its_account_unless_the_router_wants_its_own(demands: bool, key: str) -> None:
    _, env = told(["amp"], {"AMP_API_KEY": "sgamp-own"}, replace(ROUTER, demands=demands))
    assert env["AMP_API_KEY"] == key


def test_a_tool_is_known_by_the_name_of_its_file() -> None:
    assert program(["/usr/local/bin/codex", "exec"]) is PROGRAMS["codex"]
    assert program(["Claude.exe"]) is PROGRAMS["claude"]
    assert program(["something"]) is ANY


def test_a_known_tool_that_is_intercepted_keeps_its_login() -> None:
    env = {"ANTHROPIC_API_KEY": "sk-ant"}
    words, made = told(["claude"], env, INTERCEPTING)
    assert words == ["claude"]
    assert made["ANTHROPIC_API_KEY"] == "sk-ant"
    assert "ANTHROPIC_BASE_URL" not in made
    assert made["HTTPS_PROXY"] == made["https_proxy"] == "http://127.0.0.1:9"
    assert made["NODE_EXTRA_CA_CERTS"] == made["SSL_CERT_FILE"] == made["CODEX_CA_CERTIFICATE"] == "bundle.pem"


def test_an_unknown_tool_is_told_in_every_way() -> None:
    _, made = told(["mytool"], {}, INTERCEPTING)
    assert made["OPENAI_BASE_URL"] == "http://127.0.0.1:9/openai/v1"
    assert made["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:9/anthropic"
    assert made["HTTPS_PROXY"] == "http://127.0.0.1:9"


def test_the_way_to_the_router_leads_through_no_other_proxy() -> None:
    _, made = told(["claude"], {"HTTPS_PROXY": "http://corp:3128", "no_proxy": "corp.example"}, ROUTER)
    assert made["HTTPS_PROXY"] == "http://corp:3128"
    assert made["NO_PROXY"] == made["no_proxy"] == "corp.example,127.0.0.1,localhost,::1"
