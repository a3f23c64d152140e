"""Content of one dialect in words for all the others."""

import pytest

from addons.core.in_words import field_losses, in_words, loss_of
from addons.core.model import DialectName, Opaque, Request

CLAUDE, RESPONSES = DialectName.ANTHROPIC, DialectName.RESPONSES
TEXTS = [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two"}]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"type": "server_tool_use", "name": "fetch", "input": {"url": "u"}}, '[called fetch with {"url":"u"}]'),
        ({"type": "web_search_tool_result", "content": [{"title": "T", "url": "u", "encrypted_content": "E"}]},
         "[web search results]\n- T: u"),
        ({"type": "web_search_tool_result", "content": {"error_code": "max_uses_exceeded"}},
         "[the web search failed: max_uses_exceeded]"),
        ({"type": "web_fetch_tool_result", "content": {"url": "u", "content": {
            "type": "document", "source": {"type": "text", "data": "page"}}}}, "[fetched u]\npage"),
        ({"type": "web_fetch_tool_result", "content": {"error_code": "gone"}}, "[the fetch failed: gone]"),
        ({"type": "code_execution_tool_result", "content": {"stdout": "1", "stderr": "", "return_code": 0}},
         "[output of the code]\n1"),
        ({"type": "text_editor_code_execution_tool_result", "content": {"content": "a"}}, "[output of the editor]\na"),
        ({"type": "text_editor_code_execution_tool_result", "content": {"is_file_update": True}},
         "[output of the editor]\ndone"),
        ({"type": "advisor_tool_result", "content": {"text": "Wait"}}, "[advice of another model]\nWait"),
        ({"type": "tool_search_tool_result", "content": {"tool_references": [{"tool_name": "f"}]}},
         "[tools found: f]"),
        ({"type": "compaction", "content": "All"}, "[summary of the conversation so far]\nAll"),
        ({"type": "mcp_tool_result", "content": TEXTS}, "[result of the tool]\none\ntwo"),
        ({"type": "search_result", "title": "T", "source": "s", "content": TEXTS}, "[search result: T (s)]\none\ntwo"),
        ({"type": "document", "title": "T", "source": {"type": "content", "content": TEXTS}}, "T\none\ntwo"),
        ({"type": "document", "source": {"type": "content", "content": "whole"}}, "whole"),
        ({"type": "web_search_call", "action": {"type": "search", "query": "q"}}, "[searched the web for: q]"),
        ({"type": "web_search_call"}, "[searched the web]"),
    ],
)  # fmt: skip
def test_what_is_said(raw, words):
    assert in_words(Opaque(CLAUDE, raw)) == words


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "document", "source": {"type": "file", "file_id": "f"}},
        {"type": "container_upload", "file_id": "f"},
        {"type": "web_fetch"},
        {},
        "text",
        None,
    ],
)
def test_what_has_no_words(raw):
    assert in_words(Opaque(CLAUDE, raw)) is None


@pytest.mark.parametrize("kind", ["web_search_tool_result", "web_fetch_tool_result", "search_result", "document"])
@pytest.mark.parametrize("content", [None, 7, "x", [], [None], {}, {"content": 7}])
def test_any_shape_is_survived(kind, content):
    assert isinstance(in_words(Opaque(CLAUDE, {"type": kind, "content": content, "source": content})), str | None)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("container_upload", True), ("item_reference", True), ("additional_tools", False), ("tool_search_output", False)],
)
def test_what_the_model_should_have_read_is_content(kind, content):
    loss = loss_of(Opaque(RESPONSES, {"type": kind}, "input[2]"))

    assert (loss.path, loss.content) == ("input[2]", content)


def test_the_fields_of_a_request_are_told_but_for_those_that_are_carried():
    request = Request(CLAUDE, "m", (), extras={"container": "c", "speed": "fast", "kept": 1})

    losses = field_losses(request, "no such field", frozenset({"kept"}))
    assert [(loss.path, loss.content) for loss in losses] == [("container", True), ("speed", False)]
