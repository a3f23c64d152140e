"""Tool names on the wire and back, and the free text of custom tools."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.core.accumulate import fold
from addons.core.events import Begin, Event, Finish, FinishReason, PartClose, PartDelta, PartOpen
from addons.core.model import DialectName, Format, HostedTool, Message, Request, Text, Tool, ToolCall, ToolKind
from addons.core.tools import Origin, Restorer, ToolNames, custom_arguments

LEGAL = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
ORIGINS = st.builds(
    Origin,
    st.text(min_size=1, max_size=80) | st.sampled_from(["exec", "a.b", "a_b", "x" * 64, "x" * 65, "functions__exec"]),
    st.none() | st.sampled_from(["functions", "multi_agent_v1", "n.s", "x" * 63]),
    st.sampled_from(["function", "custom"]),
)


def request(*tools: Tool | HostedTool, called: tuple[ToolCall, ...] = ()) -> Request:
    return Request(DialectName.RESPONSES, "m", (Message("assistant", (Text("t"), *called)),), tools)


def restored(names: ToolNames, *events: Event) -> list[Event]:
    restorer = Restorer(names)
    return [out for event in events for out in restorer.feed(event)]


@given(st.lists(ORIGINS, max_size=12))
def test_every_tool_gets_a_legal_wire_name_of_its_own_and_comes_back(origins: list[Origin]) -> None:
    names = ToolNames(origins)
    first_of = {(origin.namespace, origin.name): origin for origin in reversed(origins)}

    wires = {key: names.wire(key[1], key[0]) for key in first_of}

    assert all(LEGAL.match(wire) for wire in wires.values())
    assert len(set(wires.values())) == len(first_of)
    assert all(names.origin(wires[key]) == origin for key, origin in first_of.items())


@given(st.lists(ORIGINS, max_size=8))
def test_the_same_tools_always_get_the_same_names(origins: list[Origin]) -> None:
    """Promise 16: the provider's prompt cache keeps hitting."""
    first, second = ToolNames(origins), ToolNames(list(origins))

    for origin in origins:
        assert first.wire(origin.name, origin.namespace) == second.wire(origin.name, origin.namespace)


def test_a_legal_name_stays_as_it_is() -> None:
    names = ToolNames.of(request(Tool("Bash"), Tool("mcp__x__y-z")))

    assert (names.wire("Bash"), names.wire("mcp__x__y-z"), names.needed) == ("Bash", "mcp__x__y-z", False)


def test_a_namespaced_tool_is_named_after_its_namespace() -> None:
    names = ToolNames.of(request(Tool("close_agent", namespace="multi_agent_v1")))

    assert names.wire("close_agent", "multi_agent_v1") == "multi_agent_v1__close_agent"
    assert names.needed


def test_a_plain_legal_name_wins_over_a_flattened_one() -> None:
    names = ToolNames.of(request(Tool("exec", namespace="functions"), Tool("functions__exec")))

    assert names.wire("functions__exec") == "functions__exec"
    assert names.origin(names.wire("exec", "functions")) == Origin("exec", "functions")


def test_a_tool_named_like_the_way_out_of_a_collision_keeps_its_name_too() -> None:
    clash = ToolNames([Origin("a_b"), Origin("a.b")]).wire("a.b")
    names = ToolNames([Origin("a_b"), Origin(clash), Origin("a.b")])

    assert len({names.wire("a_b"), names.wire(clash), names.wire("a.b")}) == 3
    assert names.wire(clash) == clash


def test_a_tool_that_only_the_history_calls_is_in_the_table() -> None:
    names = ToolNames.of(request(called=(ToolCall("c", "apply.patch", "x", kind="custom"),)))

    assert names.origin(names.wire("apply.patch")) == Origin("apply.patch", None, "custom")


def test_hosted_tools_have_no_wire_name() -> None:
    assert not ToolNames.of(request(HostedTool(DialectName.RESPONSES, "web_search", {}))).needed


def test_a_name_that_nobody_offered_is_left_as_the_model_made_it_up() -> None:
    assert ToolNames([]).origin("made_up") == Origin("made_up")


def test_a_namespaced_call_comes_back_with_its_namespace() -> None:
    names = ToolNames.of(request(Tool("wait", namespace="functions")))

    [opened] = restored(names, PartOpen(0, "tool_call", id="c", name="functions__wait"))

    assert opened == PartOpen(0, "tool_call", id="c", name="wait", namespace="functions")


CUSTOM = ToolNames.of(request(Tool("exec", kind="custom", namespace="functions")))


def custom_call(*pieces: str) -> ToolCall:
    opened = PartOpen(0, "tool_call", id="c", name="functions__exec")
    deltas = [PartDelta(0, piece) for piece in pieces]
    answer = fold(restored(CUSTOM, Begin(), opened, *deltas, PartClose(0), Finish(FinishReason.TOOL_USE)))
    [part] = answer.parts
    assert isinstance(part, ToolCall)
    return part


@given(st.text(), st.integers(0, 40))
def test_the_free_text_of_a_custom_tool_survives_the_json_around_it(text: str, cut: int) -> None:
    """Promise 14."""
    wrapped = custom_arguments(text)

    assert custom_call(wrapped[:cut], wrapped[cut:]) == ToolCall("c", "exec", text, "custom", "functions")


@pytest.mark.parametrize("text", ["\ud83d", "\u2028", '{"input": "x"}', "line\r\nline\x00", " spaces "])
def test_awkward_free_text_survives_too(text: str) -> None:
    """Promise 14 and 18."""
    assert custom_call(custom_arguments(text)).arguments == text


@pytest.mark.parametrize("broken", ['{"code": "x"}', "plain text", "[1]", '{"input": 5}', ""])
def test_arguments_of_another_shape_are_handed_on_as_they_are(broken: str) -> None:
    """Promise 14: forwarded, not repaired."""
    assert custom_call(broken).arguments == broken


@given(st.text(), st.integers(0, 20))
def test_the_arguments_of_a_function_pass_untouched(arguments: str, cut: int) -> None:
    """Promise 14."""
    events = [
        PartOpen(0, "tool_call", id="c", name="functions__wait"),
        PartDelta(0, arguments[:cut]),
        PartDelta(0, arguments[cut:]),
        PartClose(0),
    ]

    assert restored(ToolNames([Origin("wait", "functions")]), *events)[1:] == events[1:]


def test_two_calls_at_once_do_not_mix() -> None:
    names = ToolNames([Origin("exec", None, "custom"), Origin("read")])
    events: list[Event] = [
        PartOpen(0, "tool_call", id="a", name="exec"),
        PartOpen(1, "tool_call", id="b", name="read"),
        PartDelta(0, '{"input":'),
        PartDelta(1, "{}"),
        PartDelta(0, '"js"}'),
        PartClose(1),
        PartClose(0),
    ]

    assert fold(restored(names, *events)).parts == (ToolCall("a", "exec", "js", "custom"), ToolCall("b", "read", "{}"))


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def asking(*tools: Tool) -> ToolNames:
    return ToolNames.of(Request(DialectName.CHAT, "m", (), tools=tools, format=Format(SCHEMA)))


def test_only_a_request_for_a_schema_has_a_stand_in() -> None:
    assert asking().answer == "json_answer" and asking().needed
    assert ToolNames.of(Request(DialectName.CHAT, "m", (), format=Format())).answer is None


def test_a_tool_of_the_client_keeps_the_name_that_the_stand_in_would_have() -> None:
    names = asking(Tool("json_answer"))

    assert names.wire("json_answer") == "json_answer"
    assert names.answer not in (None, "json_answer")


def test_a_call_of_the_stand_in_is_the_text_of_the_answer_as_it_streams() -> None:
    events = restored(
        asking(),
        PartOpen(0, "tool_call", id="c", name="json_answer"),
        PartDelta(0, '{"a":'),
        PartDelta(0, "1}"),
        PartClose(0),
        Finish(FinishReason.TOOL_USE),
    )

    assert events == [
        PartOpen(0, "text"),
        PartDelta(0, '{"a":'),
        PartDelta(0, "1}"),
        PartClose(0),
        Finish(FinishReason.END_TURN),
    ]


def test_an_answer_without_members_is_still_an_object() -> None:
    events = restored(asking(), PartOpen(0, "tool_call", id="c", name="json_answer"), PartClose(0))

    assert fold(events).parts == (Text("{}"),)


@pytest.mark.parametrize("kind", ["function", "custom"])
def test_a_turn_that_calls_a_tool_besides_still_waits_for_its_result(kind: ToolKind) -> None:
    events = restored(
        asking(Tool("read")),
        PartOpen(0, "tool_call", id="a", name="read", tool_kind=kind),
        PartClose(0),
        PartOpen(1, "tool_call", id="c", name="json_answer"),
        PartClose(1),
        Finish(FinishReason.TOOL_USE),
    )

    assert events[-1] == Finish(FinishReason.TOOL_USE)


def test_an_answer_that_was_cut_says_so() -> None:
    events = restored(
        asking(),
        PartOpen(0, "tool_call", id="c", name="json_answer"),
        PartDelta(0, '{"a'),
        PartClose(0),
        Finish(FinishReason.MAX_TOKENS),
    )

    assert events[-1] == Finish(FinishReason.MAX_TOKENS)
