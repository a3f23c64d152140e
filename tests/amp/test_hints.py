"""Specification of addons/amp/hints.py, on recorded requests (tests/fixtures/amp, with their texts cut)."""

import json
from pathlib import Path
from typing import Any

import pytest

from addons.amp.catalogue import mode_of
from addons.amp.hints import AmpHints, entity_name, is_amp, read_hints

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "amp").glob("*.json"))


def recorded(name: str) -> Any:
    return json.loads((Path(__file__).parent.parent / "fixtures" / "amp" / f"{name}.json").read_text())


def told(row: Any) -> AmpHints:
    model = row["body"].get("model") or row["path"].rpartition("/")[2].partition(":")[0]
    return read_hints(row["headers"], row["body"], model=model)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_recorded_request_is_told_apart(path: Path) -> None:
    row = json.loads(path.read_text())
    hints = told(row)
    model = row["body"].get("model", "")
    mode = hints.mode or (mode_of(model, hints.version) if hints.main else None)
    assert (hints.agent or mode) == row["entity"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_recorded_request_is_amps(path: Path) -> None:
    assert is_amp(json.loads(path.read_text())["headers"])


def test_others_are_not() -> None:
    assert not is_amp({"user-agent": "claude-cli/2.1", "content-type": "application/json"})


def test_the_title_of_a_thread_in_smart_mode_is_a_title() -> None:
    hints = told(recorded("title_february"))
    assert (hints.mode, hints.agent, hints.forced) == ("smart", "title", "set_title")


def test_the_agent_itself_is_known_by_its_numbered_messages_or_by_its_users_state() -> None:
    assert read_hints({"x-amp-message-id": "0"}, {}).main
    state = [{"role": "user", "content": [{"type": "text", "text": "# User State\n"}]}]
    assert read_hints({}, {"messages": state}).main
    assert not read_hints({}, {"messages": [{"role": "user", "content": "find main"}]}).main


def test_all_that_the_headers_say() -> None:
    headers = {
        "x-amp-mode": "Rush",
        "x-amp-feature": "amp.chat",
        "x-amp-override-provider": "Groq",
        "x-amp-client-application": "CLI Execute Mode",
        "x-amp-client-version": "0.0.1777897475-g2324e1",
    }
    hints = read_hints(headers, {}, "anthropic", native=True)
    assert (hints.mode, hints.feature, hints.override_provider) == ("rush", "amp.chat", "groq")
    assert (hints.application, hints.version, hints.provider) == ("CLI Execute Mode", "0.0.1777897475", "anthropic")
    assert hints.native and hints.why == "x-amp-mode is rush"


def test_the_features_of_helpers_tell_them() -> None:
    for feature, agent in (("amp.painter", "painter"), ("amp.review", "review")):
        assert read_hints({"x-amp-feature": feature}, {}).agent == agent


def test_the_reviewers_tools_tell_them() -> None:
    """In the code of both versions; a part of the work has tools that write, too."""
    asked = [{"role": "user", "content": "x"}]
    for names in (["Read", "Grep", "glob", "Bash"], ["Read", "Grep", "glob", "web_search", "read_web_page", "Bash"]):
        tools = [{"name": name} for name in names]
        assert read_hints({}, {"tools": tools, "messages": asked}).agent == "review"
        tools.append({"name": "edit_file"})
        assert read_hints({}, {"tools": tools, "messages": asked}).agent == "task"


def test_other_features_tell_nothing() -> None:
    for feature in ("amp.chat", "amp.context-analyze", ""):
        assert read_hints({"x-amp-feature": feature}, {}).agent is None


def test_the_shape_of_the_answer_tells_a_handoff() -> None:
    """AMP 0.0.1777897475 in `deep`, where it is no call."""
    name = "create_handoff_context"
    responses = {"text": {"format": {"type": "json_schema", "name": name, "schema": {}}}}
    chat = {"response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": {}}}}
    for body in (responses, chat):
        assert read_hints({"x-amp-message-id": "1"}, body).agent == "handoff"
    assert read_hints({}, {"text": {"format": {"type": "text"}}}).agent is None


@pytest.mark.parametrize(
    ("system", "agent"),
    [
        ("You are the Oracle - an expert", "oracle"),
        ("You are the Librarian, a", "librarian"),
        ("You do a code review.", "review"),
        ("You are an engineer reviewing code changes.", "review"),
        ("You generate git diff commands that show", "review"),
        ("You generate git commands to list changed files.", "review"),
    ],
)
def test_a_helpers_prompt_tells_it(system: str, agent: str) -> None:
    asked = [{"role": "user", "content": "x"}]
    for body in (
        {"system": system, "messages": asked},
        {"system": [{"type": "text", "text": system}], "messages": asked},
        {"messages": [{"role": "system", "content": system}, *asked]},
        {"input": [{"role": "system", "content": system}, *asked]},
        {"systemInstruction": {"parts": [{"text": system}]}, "contents": []},
    ):
        assert read_hints({}, body).agent == agent


def test_the_librarians_tools_tell_it() -> None:
    assert read_hints({}, {"tools": [{"name": "search_github"}, {"name": "Read"}]}).agent == "librarian"


def test_the_finders_tools_tell_it_in_every_dialect() -> None:
    names = ["Read", "Grep", "glob"]
    for tools in (
        [{"name": name} for name in names],
        [{"type": "function", "function": {"name": name}} for name in names],
        [{"functionDeclarations": [{"name": name} for name in names]}],
    ):
        assert read_hints({}, {"tools": tools}).agent == "search"


@pytest.mark.parametrize(
    "body",
    [
        {"tools": 1, "tool_choice": 1, "messages": 1, "system": 1, "generationConfig": 1},
        {"tools": [1, {"function": 2}, {"functionDeclarations": 3}, {"name": 4}], "messages": [1, {"content": 2}]},
        {"tools": [{"functionDeclarations": [None, {"name": None}]}], "contents": [{"role": "user", "parts": [7]}]},
        {"systemInstruction": "x", "input": "text", "generationConfig": {"responseModalities": 1}},
        {"generationConfig": {"responseJsonSchema": {"properties": []}}, "tool_choice": {"function": []}},
    ],
)
def test_bodies_of_any_shape_are_read(body: dict[str, Any]) -> None:
    assert read_hints({}, body).agent is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("finder", "search"),
        ("Look At", "look-at"),
        ("lookat", "look-at"),
        ("titling", "title"),
        ("Mine_too", "mine-too"),
    ],
)
def test_entities_are_called_by_many_names(word: str, name: str) -> None:
    assert entity_name(word) == name
