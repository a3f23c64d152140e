"""What Anthropic would refuse in the history of one of its own clients, taken out before it goes there."""

import json
import re
from typing import Any

import pytest

from addons.core.model import DialectName, Thinking
from addons.core.sealed_text import seal as seal_text
from addons.dialects._anthropic_seal import seal
from addons.dialects.anthropic_messages import DIALECT

type Json = dict[str, Any]

OWN = {"type": "thinking", "thinking": "mine", "signature": "U0lH"}
UNSIGNED = {"type": "thinking", "thinking": "theirs", "signature": ""}
SEALED = {
    "type": "thinking",
    "thinking": "theirs",
    "signature": seal(Thinking("theirs", "ENC", id="rs_1", dialect=DialectName.RESPONSES)),
}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
BUDGET = {"type": "enabled", "budget_tokens": 2000}
CLEARING = {"type": "clear_thinking_20251015", "keep": "all"}
REDACTED = {"type": "redacted_thinking", "data": seal(Thinking("", "c2ln", dialect=DialectName.GEMINI))}
either = pytest.mark.parametrize("foreign", [UNSIGNED, SEALED, REDACTED], ids=["unsigned", "sealed", "redacted"])


def user(*blocks: Json) -> Json:
    return {"role": "user", "content": list(blocks) or "go"}


def model(*blocks: Json) -> Json:
    return {"role": "assistant", "content": list(blocks)}


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def residue(body: Json, **style: Any) -> tuple[Json, str]:
    """The members to replace, and what is lost."""
    changes, losses = DIALECT.residue(json.dumps(body, **style).encode(), body)
    return changes, " ".join(f"{loss.path}: {loss.why}" for loss in losses)


def body(*messages: Json, **members: Any) -> Json:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **members}


@either
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_thinking_of_another_provider_is_taken_out(foreign: Json, separators: tuple[str, str]) -> None:
    """Promise 15, however the client writes its JSON."""
    changes, lost = residue(body(user(), model(foreign, text("a")), user()), separators=separators)

    assert changes == {"messages": [user(), model(text("a")), user()]}
    assert lost == "messages: thinking of another provider is not sent"


@either
def test_thinking_that_anthropic_signed_stays(foreign: Json) -> None:
    """Promise 15."""
    changes, _ = residue(body(user(), model(OWN, foreign, text("a")), user()))

    assert changes["messages"][1] == model(OWN, text("a"))


@pytest.mark.parametrize(
    "messages",
    [
        (user(), model(OWN, text("a")), user()),
        (user(), {"role": "assistant", "content": "a"}, user()),
        (user(text('he wrote {"signature": ""}')),),
        (user(text("bGxyOjE6")),),
        (user(), model({**CALL, "input": {"signature": ""}}), user(RESULT)),
        (user(), model({"type": "redacted_thinking", "data": "x"}, text("a")), user()),
    ],
    ids=["signed", "bare text", "quoted", "the mark in a text", "in the input of a call", "redacted"],
)
def test_a_body_without_any_is_left_as_it_is(messages: tuple[Json, ...]) -> None:
    assert residue(body(*messages)) == ({}, "")


@either
def test_the_bodys_own_objects_are_not_changed(foreign: Json) -> None:
    given = body(user(), model(foreign, text("a")), user())
    before = json.dumps(given)

    residue(given)
    assert json.dumps(given) == before


@either
def test_a_message_of_nothing_else_goes_altogether(foreign: Json) -> None:
    """Anthropic refuses an empty message."""
    changes, _ = residue(body(user(), model(foreign), user(text("on"))))

    assert changes["messages"] == [user(), user(text("on"))]


@either
def test_a_budget_is_withdrawn_in_the_middle_of_a_turn(foreign: Json) -> None:
    """The message that called must begin with thinking, and the only thinking there was is another provider's."""
    changes, lost = residue(body(user(), model(foreign, CALL), user(RESULT), thinking=BUDGET))

    assert changes["thinking"] == {"type": "disabled"}
    assert "no thinking" in lost


@either
@pytest.mark.parametrize(
    ("messages", "thinking"),
    [
        ((model(CALL), user(RESULT)), {"type": "adaptive"}),
        ((model(CALL), user(RESULT)), {"type": "disabled"}),
        ((model(CALL), user(RESULT)), None),
        ((model(text("a")), user()), BUDGET),
        ((model(OWN, CALL), user(RESULT)), BUDGET),
    ],
    ids=["adaptive", "disabled", "unsaid", "a new turn", "its own thinking"],
)
def test_else_the_wish_for_thinking_stays(foreign: Json, messages: tuple[Json, Json], thinking: Json | None) -> None:
    """Adaptive thinking does not ask how a message begins; some models refuse to be told not to think."""
    said = {} if thinking is None else {"thinking": thinking}
    changes, _ = residue(body(user(), model(foreign, text("b")), user(), *messages, **said))

    assert changes.keys() == {"messages"}


@pytest.mark.parametrize(
    ("edits", "kept"),
    [
        ([CLEARING], []),
        ([CLEARING, {"type": "clear_tool_uses_20250919"}], [{"type": "clear_tool_uses_20250919"}]),
    ],
)
def test_nothing_is_cleared_of_thinking_that_is_withdrawn(edits: list[Json], kept: list[Json]) -> None:
    """Anthropic refuses `clear_thinking` where there is no thinking."""
    given = body(user(), model(SEALED, CALL), user(RESULT), thinking=BUDGET, context_management={"edits": edits})

    assert residue(given)[0]["context_management"] == {"edits": kept}


@pytest.mark.parametrize("name", ["functions.f:0", "call 1", "ünï"])
def test_ids_of_another_provider_become_legal_together(name: str) -> None:
    changes, lost = residue(body(user(), model({**CALL, "id": name}), user({**RESULT, "tool_use_id": name})))

    call, result = changes["messages"][1]["content"][0], changes["messages"][2]["content"][0]
    assert call["id"] == result["tool_use_id"] and re.fullmatch(r"[a-zA-Z0-9_-]+", call["id"])
    assert ({**call, "id": "t"}, {**result, "tool_use_id": "t"}, lost) == (CALL, RESULT, "")


def test_two_ids_do_not_become_one() -> None:
    calls = [{**CALL, "id": each} for each in ("f:0", "f.0", "f_0")]
    changes, _ = residue(body(user(), model(*calls), user()))

    assert len({block["id"] for block in changes["messages"][1]["content"]}) == 3


def test_what_only_looks_like_an_id_is_left() -> None:
    assert residue(body(user(), model({**CALL, "input": {"id": "a b"}}), user(RESULT))) == ({}, "")


@pytest.mark.parametrize("messages", [None, "x", [1, None, {"content": [1, {"type": "thinking"}]}]])
def test_a_body_of_any_shape_may_be_asked(messages: Any) -> None:
    raw = b'{"signature": ""}'

    assert DIALECT.residue(raw, {"messages": messages, "thinking": 7}) == ({}, [])


SEARCH = {"type": "server_tool_use", "id": "srvtoolu_llr1", "name": "web_search", "input": {"query": "llamas"}}
HIT = {
    "type": "web_search_result",
    "title": "L",
    "url": "https://l.example/",
    "encrypted_content": seal_text("They hum."),
}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_llr1", "content": [HIT]}


def test_a_search_that_the_router_ran_is_told_in_words() -> None:
    """Anthropic refuses an `encrypted_content` that it did not make."""
    changes, lost = residue(body(user(), model(text("a"), SEARCH, FOUND, text("b")), user()))

    _, said, _ = changes["messages"]
    first, call, found, last = said["content"]
    assert (first, last) == (text("a"), text("b"))
    assert "llamas" in call["text"] and "https://l.example/" in found["text"] and "They hum." in found["text"]
    assert lost == "messages: searches that the router ran are sent as text"


def test_a_search_that_anthropic_ran_stays_as_it_is() -> None:
    """Promise 16."""
    own = [{**SEARCH, "id": "srvtoolu_01"}, {**FOUND, "tool_use_id": "srvtoolu_01"}]
    assert residue(body(user(), model(*own), user(text("srvtoolu_llr")))) == ({}, "")


def test_a_search_and_foreign_thinking_are_both_seen_to() -> None:
    changes, _ = residue(body(user(), model(SEALED, SEARCH, FOUND), user()))

    assert [block["type"] for block in changes["messages"][1]["content"]] == ["text", "text"]


PAGE = {"type": "web_search_result_location", "cited_text": "", "title": "A", "url": "https://example.com/a"}


def test_sources_of_another_provider_are_taken_out() -> None:
    """Promise 15: their index is not Anthropic's, which would refuse it."""
    foreign, own = {**PAGE, "encrypted_index": ""}, {**PAGE, "encrypted_index": "RU5D"}
    turns = (user(), model({**text("a"), "citations": [foreign]}, {**text("b"), "citations": [own, foreign]}), user())

    changes, lost = residue(body(*turns))

    assert changes == {"messages": [user(), model(text("a"), {**text("b"), "citations": [own]}), user()]}
    assert lost == "messages: sources that another provider gave are not sent"


@pytest.mark.parametrize(
    "said", [{**text("a"), "citations": [{**PAGE, "encrypted_index": "RU5D"}]}, text('"encrypted_index"')]
)
def test_sources_of_its_own_stay(said: Json) -> None:
    """Promise 15."""
    assert residue(body(user(), model(said), user())) == ({}, "")
