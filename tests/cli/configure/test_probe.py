"""Specification of llr_cli/configure/probe.py: providers are really called."""

import json
import os
import pty
import subprocess
import sys
from typing import Any

import pytest

from harness.configuring import Cli, Provider, chat, claude

KEY = "sk-canary-9876543210abcdef"


def saved(fresh: Cli, provider: Provider, **more: Any) -> None:
    own = {"id": "t", "baseUrl": provider.url, "format": "openai", "apiKey": KEY, "models": ["m"], **more}
    fresh.have({"version": 2, "providers": [own]})


def found(fresh: Cli) -> dict[str, Any]:
    (own,) = fresh.document["providers"]
    return dict(own)


def refusing(status: int, message: str, times: int = 10**6) -> Any:
    """An answer that refuses so many times, then a good one."""
    left = [times]

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        left[0] -= 1
        return chat(body) if left[0] < 0 else (status, {"error": {"message": message, "type": "error"}})

    return answer


def test_every_model_is_asked_in_every_format_that_it_speaks(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider, formats=["openai", "claude"], models=["m", {"id": "n", "formats": ["claude"]}])
    said = fresh.json("provider", "test", "t")
    assert said["ok"] and said["modelSupport"] == {"m": ["openai", "claude"], "n": ["claude"]}
    assert provider.paths() == ["/v1/chat/completions", "/v1/messages", "/v1/messages"]
    assert provider.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert provider.asked[1].headers["x-api-key"] == KEY
    assert provider.asked[1].body["max_tokens"] == 16


def test_a_test_changes_nothing_unless_it_is_told_to(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    before = fresh.document
    fresh.config("provider", "test", "t", "--every-format")
    assert fresh.document == before
    fresh.config("provider", "test", "t", "--every-format", "--save")
    own = found(fresh)
    assert own["formats"] == ["openai", "claude"] and "format" not in own
    probe = own["lastProbe"]
    assert probe["workingFormats"] == ["openai", "claude"] and probe["models"] == ["m"]
    assert probe["modelPreferredFormat"] == {"m": "openai"} and probe["ok"]
    matrix = {each["format"]: (each["ok"], each["status"]) for each in probe["endpointMatrix"]}
    assert matrix == {"openai": (True, 200), "openai-responses": (False, 404), "claude": (True, 200)}


def test_a_model_that_fails_is_told_with_the_class_and_the_words(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    provider.answers["/v1/chat/completions"] = refusing(401, f"Incorrect API key provided: {KEY}")
    done = fresh.run("config", "provider", "test", "t")
    assert done.exit_code == 1 and "auth" in done.stdout and "m answers in no format" in done.stderr
    assert "Incorrect API key" in done.stdout and "canary" not in done.output


def test_an_answer_of_another_format_is_no_answer(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    provider.answers["/v1/chat/completions"] = lambda _: (200, {"hello": "world"})
    assert fresh.run("config", "provider", "test", "t").exit_code == 1


def test_a_rate_limit_is_waited_for(fresh: Cli, provider: Provider) -> None:
    """Source: the predecessor tries three more times."""
    saved(fresh, provider)
    provider.answers["/v1/chat/completions"] = refusing(429, "slow down", times=3)
    fresh.config("provider", "test", "t")
    assert len(provider.asked) == 4
    provider.answers["/v1/chat/completions"] = refusing(429, "slow down")
    assert fresh.run("config", "provider", "test", "t").exit_code == 1
    assert len(provider.asked) == 8


def test_a_provider_that_does_not_answer_is_told(fresh: Cli) -> None:
    fresh.have({"providers": [{"id": "t", "baseUrl": "http://127.0.0.1:9", "format": "openai", "models": ["m"]}]})
    done = fresh.run("config", "provider", "test", "t")
    assert done.exit_code == 1 and "cannot be reached" in done.stdout and "no answer" in done.stdout


def test_one_that_is_not_saved_is_told_by_its_endpoint(fresh: Cli, provider: Provider) -> None:
    flags = (f"--endpoints={provider.url}", f"--api-key={KEY}", "--models=m")
    said = json.loads(fresh.op("test-provider", *flags, "--json").stdout)
    assert said["workingFormats"] == ["openai", "claude"] and not fresh.file.exists()
    done = fresh.run("config", "--operation=test-provider", f"--endpoints={provider.url}")
    assert done.exit_code == 2 and "--models is expected" in done.stderr
    done = fresh.run("config", "--operation=test-provider")
    assert done.exit_code == 2 and "--provider-id is expected" in done.stderr


def test_a_model_that_is_not_there_is_a_mistake(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    done = fresh.run("config", "provider", "test", "t", "--models", "other")
    assert done.exit_code == 2 and "has no model 'other'" in done.stderr and not provider.asked


def test_saving_tries_first_and_keeps_what_works(fresh: Cli, provider: Provider) -> None:
    """Of several endpoints each format gets the one that it works at; a model that speaks less says so."""
    provider.answers["/b/v1/messages"] = lambda body: claude(body) if body["model"] == "m" else (404, {})
    del provider.answers["/v1/messages"]
    fresh.op(
        "upsert-provider",
        "--provider-id=new",
        f"--endpoints={provider.url},{provider.url}/b",
        f"--api-key={KEY}",
        "--models=m,n",
        "--probe-rpm=600",
    )
    own = found(fresh)
    assert own["formats"] == ["openai", "claude"]
    assert own["baseUrlByFormat"] == {"openai": provider.url, "claude": f"{provider.url}/b"}
    assert own["models"] == ["m", {"id": "n", "formats": ["openai"]}]
    assert own["lastProbe"]["modelSupport"] == {"m": ["openai", "claude"], "n": ["openai"]}
    (shown,) = json.loads(fresh.config("validate", "--json").stdout)["providers"]
    assert shown["endpoints"]["claude"] == f"{provider.url}/b/v1/messages"


def test_a_model_that_works_in_no_format_makes_the_save_fail(fresh: Cli, provider: Provider) -> None:
    provider.answers = {"/v1/chat/completions": refusing(404, "model not found")}
    flags = (f"--base-url={provider.url}", "--provider-id=new", "--models=m")
    done = fresh.run("config", "--operation=upsert-provider", *flags)
    assert done.exit_code == 1 and "nothing is saved" in done.stderr and "--skip-probe" in done.stderr
    assert not fresh.file.exists()
    fresh.op("upsert-provider", *flags, "--format=openai", "--skip-probe=true")
    assert found(fresh)["models"] == ["m"]


def test_saving_tries_the_models_that_there_will_be(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    fresh.op("edit-provider", "--provider-id=t", "--models=new,m", "--format=openai")
    assert [each.body["model"] for each in provider.asked] == ["new", "m"] and found(fresh)["models"] == ["new", "m"]


def test_saving_without_models_calls_nobody(fresh: Cli, provider: Provider) -> None:
    done = fresh.run("config", "--op=upsert-provider", "--provider-id=x", f"--base-url={provider.url}")
    assert done.exit_code == 2 and "--models is expected" in done.stderr and not provider.asked


def test_formats_that_are_said_are_tried_and_kept(fresh: Cli, provider: Provider) -> None:
    flags = ("--base-url", provider.url, "--format", "openai", "--models", "m", "--probe")
    fresh.config("provider", "add", "new", *flags)
    assert provider.paths() == ["/v1/chat/completions"]
    assert found(fresh)["format"] == "openai" and found(fresh)["lastProbe"]["ok"]


def test_without_being_asked_to_the_commands_call_nobody(fresh: Cli, provider: Provider) -> None:
    fresh.config("provider", "add", "new", "--base-url", provider.url, "--format", "openai", "--models", "m")
    fresh.config("provider", "edit", "new", "--name", "x")
    fresh.op("upsert-provider", "--provider-id=new", "--name=y", "--dry-run")
    assert provider.asked == []


def models_of(*entries: Any) -> Any:
    return lambda _: (200, {"object": "list", "data": list(entries)})


def test_models_are_listed_with_their_windows(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    provider.answers["/v1/models"] = models_of({"id": "a", "context_length": 5}, {"id": "b"}, {"id": "embed-c"})
    said = fresh.json("provider", "discover", "t", "--match", "?")
    assert said["models"] == [{"id": "a", "contextWindow": 5}, {"id": "b"}]
    assert provider.asked[0].headers["authorization"] == f"Bearer {KEY}" and provider.asked[0].method == "GET"
    fresh.config("provider", "discover", "t", "--match", "?", "--save")
    assert found(fresh)["models"] == ["m", {"id": "a", "contextWindow": 5}, "b"]


def test_a_provider_is_added_with_what_it_lists(fresh: Cli, provider: Provider) -> None:
    provider.answers["/v1/models"] = models_of({"id": "a", "max_model_len": 9}, {"id": "b"})
    fresh.config(
        "provider", "add", "new", "--base-url", provider.url, "--format", "openai", "--discover", "--match", "a"
    )
    assert found(fresh)["models"] == [{"id": "a", "contextWindow": 9}]


def test_windows_are_filled_in_from_the_list(fresh: Cli, provider: Provider) -> None:
    provider.answers["/v1/models"] = models_of({"id": "a", "context_window": 7}, {"id": "b", "context_window": 8})
    flags = (f"--base-url={provider.url}", "--models=a,b", "--format=openai", "--model-context-windows=b=5")
    fresh.op("upsert-provider", "--provider-id=new", *flags, "--fill-model-context-windows")
    assert found(fresh)["models"] == [{"id": "a", "contextWindow": 7}, {"id": "b", "contextWindow": 5}]


def test_windows_that_the_provider_does_not_list_are_those_of_the_catalogue(fresh: Cli, provider: Provider) -> None:
    provider.answers["/v1/models"] = models_of({"id": "a", "context_window": 7}, {"id": "b"}, {"id": "c"})
    provider.answers["/prices.json"] = lambda _: (200, {"x/b": {"max_input_tokens": 9}, "a": {"max_input_tokens": 1}})
    flags = (f"--base-url={provider.url}", "--models=a,b,c", "--format=openai", "--skip-probe")
    flags += ("--fill-model-context-windows", f"--catalog-url={provider.url}/prices.json")
    fresh.op("upsert-provider", "--provider-id=new", *flags)
    assert found(fresh)["models"] == [{"id": "a", "contextWindow": 7}, {"id": "b", "contextWindow": 9}, "c"]


def test_an_address_with_a_key_in_it_is_not_shown(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider, baseUrl=f"{provider.url}/v1?key=canary-0123456789")
    for form in ((), ("--json",)):
        assert "canary" not in fresh.run("config", "provider", "test", "t", *form).output


def test_a_provider_that_lists_nothing_says_so(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    done = fresh.run("config", "provider", "discover", "t")
    assert done.exit_code == 1 and "lists no models" in done.stderr and "404: no such endpoint" in done.stderr
    provider.answers["/v1/models"] = models_of({"id": "a"})
    assert fresh.run("config", "provider", "discover", "t", "--match", "zzz*").exit_code == 1


def test_one_that_is_not_saved_lists_its_models(fresh: Cli, provider: Provider) -> None:
    provider.answers["/v1/models"] = models_of({"id": "a"})
    done = fresh.op("discover-provider-models", f"--endpoints={provider.url}/v1", f"--api-key={KEY}", "--json")
    assert json.loads(done.stdout)["models"] == [{"id": "a"}]
    done = fresh.run("config", "--op=discover-provider-models", f"--endpoints={provider.url}", "--save")
    assert done.exit_code == 2 and "--provider-id" in done.stderr


def test_a_missing_key_is_told(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider, apiKey=None, apiKeyEnv="NOT_SET")
    assert "no key was sent: the variable NOT_SET is not set" in fresh.config("provider", "test", "t").stderr


@pytest.mark.parametrize("broken", [{"enabled": False}, {"type": "subscription"}, {"format": "nonsense"}])
def test_a_provider_that_the_router_leaves_out_is_not_called(fresh: Cli, provider: Provider, broken: Any) -> None:
    saved(fresh, provider, **broken)
    done = fresh.run("config", "provider", "test", "t")
    assert done.exit_code == 1 and not provider.asked and "'t'" in done.stderr


def test_nothing_of_the_progress_is_on_a_pipe(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider)
    done = fresh.config("provider", "test", "t")
    assert done.stderr == "" and "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("word", "path", "member"),
    [
        ("openai", "/v1/chat/completions", "max_tokens"),
        ("openai-responses", "/v1/responses", "max_output_tokens"),
        ("openai-completions", "/v1/completions", "max_tokens"),
        ("claude", "/v1/messages", "max_tokens"),
        ("gemini", "/v1beta/models/m:generateContent", "generationConfig"),
    ],
)
def test_the_question_of_each_format(fresh: Cli, provider: Provider, word: str, path: str, member: str) -> None:
    saved(fresh, provider, format=word)
    fresh.run("config", "provider", "test", "t")
    (asked,) = provider.asked
    assert asked.path == path and member in asked.body and "OK" in json.dumps(asked.body)


def test_a_terminal_sees_how_far_it_is(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider, models=["m", "n"])
    ours, theirs = pty.openpty()
    env = {"HOME": str(fresh.home), "PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "llr_cli.main", "config", "provider", "test", "t", "--json"]
    for words, shown in ((command[:-1], True), (command, False)):
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:
            assert process.stdout is not None
            process.stdout.read()
        os.write(theirs, b"end of the test")
        seen = b""
        while b"end of the test" not in seen:
            seen += os.read(ours, 65536)
        assert process.returncode == 0 and (b"2/2" in seen) is shown
    os.close(ours)
    os.close(theirs)
