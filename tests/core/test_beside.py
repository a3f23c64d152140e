"""What stands beside the parts of a request is told when another dialect has no place for it. Promise 22."""

from typing import Any

import pytest

from addons.core.model import DialectName, Loss
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI


def told(client: DialectName, target: DialectName, body: dict[str, Any]) -> list[Loss]:
    request = DIALECTS[client].parse_request({"model": "m", **body})
    return list(DIALECTS[target].render_request(request, Traits.of("m"), ToolNames.of(request)).losses)


def paths(client: DialectName, target: DialectName, body: dict[str, Any]) -> list[str]:
    return [loss.path for loss in told(client, target, body)]


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_citations_of_a_text_are_told_once_however_many_there_are(target: DialectName) -> None:
    """Promise 22."""
    block = {"type": "text", "text": "a", "citations": [{"type": "char_location"}]}
    body = {"messages": [{"role": "assistant", "content": [block, block]}, {"role": "user", "content": [block]}]}
    assert paths(CLAUDE, target, body) == ["messages[].content[].citations"]


def test_marks_for_a_prompt_cache_are_no_loss() -> None:
    block = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    assert paths(CLAUDE, CHAT, {"messages": [{"role": "user", "content": [block]}]}) == []


def test_what_stands_beside_the_content_of_a_message_is_told() -> None:
    """Promise 22."""
    body = {"messages": [{"role": "user", "name": "Ann", "content": "Hi"}]}
    assert paths(CHAT, RESPONSES, body) == ["messages[].name"]


def test_what_stands_beside_the_schema_of_a_tool_is_told() -> None:
    """Promise 22."""
    tool = {"name": "f", "input_schema": {"type": "object"}, "input_examples": [{}]}
    body = {"messages": [{"role": "user", "content": "Hi"}], "tools": [tool]}
    assert paths(CLAUDE, CHAT, body) == ["tools[].input_examples"]


def test_the_phase_of_an_item_is_told_and_its_id_is_not() -> None:
    """Promise 22."""
    content = [{"type": "output_text", "text": "a", "annotations": []}]
    item = {"type": "message", "id": "m1", "status": "completed", "phase": "commentary", "role": "assistant"}
    body = {
        "input": [{"role": "user", "content": "Hi"}, {**item, "content": content}, {"role": "user", "content": "b"}]
    }
    assert paths(RESPONSES, CHAT, body) == ["input[].phase"]


def test_none_of_it_is_content() -> None:
    body = {"messages": [{"role": "user", "name": "Ann", "content": "Hi"}]}
    assert not any(loss.content for loss in told(CHAT, CLAUDE, body))
