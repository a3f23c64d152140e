"""The store behind `previous_response_id` and `item_reference`."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseInputItem, ResponseOutputItem

from addons.core.response_store import OVERHEAD, ResponseStore, as_input, completed_response, input_items
from harness.stopwatch import side_by_side

type Item = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> ResponseStore:
    return ResponseStore(max_age=100.0, max_bytes=1_000_000, now=clock)


def user(text: str, name: str | None = None) -> Item:
    item: Item = {"type": "message", "role": "user", "content": text}
    return item if name is None else {**item, "id": name}


def said(text: str, name: str = "msg_1") -> Item:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": name, "role": "assistant", "status": "completed", "content": content}


def test_a_response_is_what_was_asked_and_what_was_answered(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello")])
    assert store.items("resp_1") == [user("hi"), said("hello")]


def test_an_unknown_response_is_none(store: ResponseStore) -> None:
    assert store.items("resp_1") is None


def test_a_conversation_may_be_empty(store: ResponseStore) -> None:
    store.remember("resp_1", [], [])
    assert store.items("resp_1") == []


def test_a_later_response_of_the_same_name_counts(store: ResponseStore) -> None:
    store.remember("resp_1", [user("one")], [])
    store.remember("resp_1", [user("two")], [])
    assert store.items("resp_1") == [user("two")]
    assert len(store) == 1


def test_equal_items_in_a_row_are_kept_apart(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi"), user("hi")], [])
    assert store.items("resp_1") == [user("hi"), user("hi")]


def test_a_conversation_can_branch(store: ResponseStore) -> None:
    store.remember("a", [user("hi")], [said("hello")])
    start = store.items("a") or []
    store.remember("b", [*start, user("left")], [])
    store.remember("c", [*start, user("right")], [])
    assert store.items("b") == [user("hi"), said("hello"), user("left")]
    assert store.items("c") == [user("hi"), said("hello"), user("right")]


def long_conversation(store: ResponseStore, turns: int, *, resent: bool) -> None:
    """`resent`: the client sends its whole history itself, as values of its own."""
    history: list[Item] = []
    for n in range(turns):
        history = [*history, user(f"question {n:04}")]
        store.remember(f"resp_{n}", history, [said(f"answer {n:04}", f"msg_{n:04}")])
        if resent:
            history = [dict(item) for item in [*history, said(f"answer {n:04}", f"msg_{n:04}")]]
        else:
            history = store.items(f"resp_{n}") or []


@pytest.mark.parametrize("resent", [False, True])
def test_a_long_conversation_is_kept_once(store: ResponseStore, resent: bool) -> None:
    long_conversation(store, 1, resent=resent)
    one = store.size
    long_conversation(store, 50, resent=resent)
    assert store.size == 50 * one


def test_what_is_too_old_is_gone(store: ResponseStore, clock: Clock) -> None:
    store.remember("old", [user("hi", "msg_a")], [])
    clock.now = 50.0
    store.remember("young", [user("ho")], [])
    clock.now = 101.0
    assert store.items("old") is None
    assert store.item("msg_a") is None
    assert store.items("young") == [user("ho")]


def test_a_young_response_keeps_what_an_old_one_began(store: ResponseStore, clock: Clock) -> None:
    store.remember("old", [user("hi")], [])
    clock.now = 50.0
    store.remember("young", [user("hi"), user("ho")], [])
    clock.now = 101.0
    assert store.items("old") is None
    assert store.items("young") == [user("hi"), user("ho")]


def test_the_oldest_go_when_it_grows_too_large(clock: Clock) -> None:
    store = ResponseStore(100.0, 4 * (1000 + OVERHEAD), clock)
    for n in range(10):
        store.remember(f"resp_{n}", [user(f"{n}" * 1000)], [])
    assert [n for n in range(10) if store.items(f"resp_{n}") is not None] == [7, 8, 9]
    assert store.size <= 4 * (1000 + OVERHEAD)


def test_a_conversation_beyond_the_cap_is_not_kept(clock: Clock) -> None:
    store = ResponseStore(100.0, 1000, clock)
    store.remember("resp_1", [user("x" * 2000)], [])
    assert store.items("resp_1") is None
    assert store.size == 0


def test_many_empty_responses_are_capped_too(clock: Clock) -> None:
    store = ResponseStore(100.0, 10 * OVERHEAD, clock)
    for n in range(100):
        store.remember(f"resp_{n}", [], [])
    assert len(store) == 10


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.sampled_from("abc"), max_size=4), st.integers(0, 40))))
def test_no_byte_is_lost_count_of(steps: list[tuple[int, list[str], int]]) -> None:
    """Whatever is remembered and forgotten: an empty store weighs nothing."""
    clock = Clock()
    store = ResponseStore(100.0, 3000, clock)
    for name, texts, pause in steps:
        store.remember(f"resp_{name}", [user(text, text) for text in texts], [])
        clock.now += pause
        assert store.size <= 3000
    clock.now += 101.0
    assert store.items("resp_0") is None
    assert (len(store), store.size, store.item("a")) == (0, 0, None)


def test_an_item_is_found_by_its_id(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi", "msg_a")], [said("hello", "msg_b")])
    assert store.item("msg_a") == user("hi", "msg_a")
    assert store.item("msg_b") == said("hello", "msg_b")
    assert store.item("msg_c") is None


def test_a_previous_response_becomes_input(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello")])
    body = {"model": "m", "previous_response_id": "resp_1", "input": [user("more")]}
    assert store.expanded(body) == {"model": "m", "input": [user("hi"), said("hello"), user("more")]}


def test_a_bare_text_becomes_a_message_after_what_was_stored(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [])
    more = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "more"}]}
    assert store.expanded({"previous_response_id": "resp_1", "input": "more"}) == {"input": [user("hi"), more]}


def test_no_new_input_at_all_is_fine(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [])
    assert store.expanded({"previous_response_id": "resp_1"}) == {"input": [user("hi")]}


@pytest.mark.parametrize(
    "body",
    [
        {"input": "hi"},
        {"previous_response_id": "resp_unknown", "input": "hi"},
        {"previous_response_id": None, "input": [user("hi")]},
        {"previous_response_id": ["odd"], "input": 7},
        {"input": [{"type": "item_reference", "id": "msg_unknown"}, {"id": "msg_unknown"}, "odd", None]},
    ],
)
def test_with_nothing_stored_the_body_is_the_same_object(store: ResponseStore, body: Item) -> None:
    assert store.expanded(body) is body


@pytest.mark.parametrize("mark", [{"type": "item_reference"}, {"type": None}, {}])
def test_a_reference_becomes_the_item(store: ResponseStore, mark: Item) -> None:
    store.remember("resp_1", [], [said("hello", "msg_b")])
    unknown = {"type": "item_reference", "id": "msg_x"}
    body = {"input": [{**mark, "id": "msg_b"}, user("more"), unknown]}
    assert store.expanded(body) == {"input": [said("hello", "msg_b"), user("more"), unknown]}


def test_an_item_that_has_content_is_no_reference(store: ResponseStore) -> None:
    store.remember("resp_1", [], [said("hello", "msg_b")])
    body = {"input": [{**user("mine"), "id": "msg_b"}]}
    assert store.expanded(body) is body


def test_a_reference_is_resolved_beside_a_previous_response(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello", "msg_b")])
    body = {"previous_response_id": "resp_1", "input": [{"type": "item_reference", "id": "msg_b"}]}
    assert store.expanded(body) == {"input": [user("hi"), said("hello", "msg_b"), said("hello", "msg_b")]}


def test_the_body_that_was_given_is_not_changed(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello", "msg_b")])
    given = [{"type": "item_reference", "id": "msg_b"}]
    body = {"previous_response_id": "resp_1", "input": given}
    store.expanded(body)
    assert body == {"previous_response_id": "resp_1", "input": [{"type": "item_reference", "id": "msg_b"}]}


def fields(union: object) -> dict[str, set[str]]:
    """The members of every item type of an SDK's union."""
    found: dict[str, set[str]] = {}
    for model in get_args(get_args(union)[0]):
        kind = model.model_fields.get("type")
        for name in ("",) if kind is None else _literals(kind.annotation):
            found.setdefault(name, set()).update(model.model_fields)
    return found


def _literals(annotation: object) -> list[str]:
    args = get_args(annotation)
    return [arg for arg in args if isinstance(arg, str)] + [name for arg in args for name in _literals(arg)]


def test_what_is_sent_back_are_members_that_the_sdk_takes() -> None:
    """The oracle: the SDK's types of what comes out and of what goes in."""
    taken = fields(ResponseInputItem)
    for kind, members in fields(ResponseOutputItem).items():
        replayed = as_input({**dict.fromkeys(members, "x"), "type": kind})
        assert replayed.keys() <= taken[kind], kind


@pytest.mark.parametrize("status", ["completed", None])
def test_reasoning_is_sent_back_without_a_status(status: str | None) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "s", "status": status}
    assert as_input(item) == {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "s"}


def test_a_status_that_says_nothing_is_not_sent_back() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "namespace": None}
    assert as_input({**call, "status": None}) == call


@pytest.mark.parametrize("kind", ["response.completed", "response.incomplete"])
def test_the_last_event_tells_id_and_output(kind: str) -> None:
    event = {"type": kind, "response": {"id": "resp_1", "output": [said("hello")]}}
    assert completed_response(event) == ("resp_1", [said("hello")])


def test_an_output_that_is_missing_is_empty() -> None:
    assert completed_response({"type": "response.completed", "response": {"id": "resp_1"}}) == ("resp_1", [])


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.created", "response": {"id": "resp_1", "output": []}},
        {"type": "response.failed", "response": {"id": "resp_1", "output": []}},
        {"type": "response.completed", "response": {"output": []}},
        {"type": "response.completed"},
        {"type": 7},
        ["odd"],
        None,
    ],
)
def test_other_events_complete_nothing(event: object) -> None:
    assert completed_response(event) is None


@pytest.mark.parametrize("value", [None, 7, {}])
def test_an_input_that_is_none_has_no_items(value: object) -> None:
    assert input_items(value) == []


def test_a_summary_in_an_answer_takes_the_place_of_the_conversation(store: ResponseStore) -> None:
    summary = {"type": "compaction", "encrypted_content": "sealed"}
    store.remember("resp_1", [user("hi"), {"type": "compaction_trigger"}], [summary])
    assert store.items("resp_1") == [summary]


def test_a_summary_among_the_input_stands_where_the_client_put_it(store: ResponseStore) -> None:
    given = [user("kept"), {"type": "compaction", "encrypted_content": "sealed"}]
    store.remember("resp_1", given, [])
    assert store.items("resp_1") == given


def test_a_new_limit_holds_for_what_is_there_already(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [])
    store.limit(100.0, 10)
    assert (store.items("resp_1"), store.size) == (None, 0)


@pytest.mark.parametrize("given", [["odd", None, 7, user("hi")], [user("hi")]])
def test_what_is_no_item_is_no_part_of_a_conversation(given: list[object]) -> None:
    assert input_items(given) == [user("hi")]


def test_a_conversation_costs_the_same_however_many_there_are() -> None:
    """What looks at all of them shows a factor of eight here."""

    def work(conversations: int) -> Callable[[], object]:
        def run() -> None:
            store = ResponseStore(1000.0, 10**9, lambda: 0.0)
            for number in range(conversations):
                store.remember(f"resp_{number}", [user(f"hi {number}")], [said("hello", f"msg_{number}")])

        return run

    factors = []
    for _ in range(4):
        few, many = side_by_side([work(500), work(4000)], rounds=2)
        factors.append(many / few / 8)
        if factors[-1] < 2.0:
            return
    pytest.fail(f"{factors} times what is linear")


def test_what_a_body_refers_to_has_its_keepers_and_makers(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello")], maker="a", keeper="a")
    mark = {"type": "item_reference", "id": "msg_1"}
    found = store.expansion({"previous_response_id": "resp_1", "input": [mark, user("more")]})
    assert found is not None
    assert found.keepers == {"a"}
    assert found.makers == (None, "a", "a", None)


def test_what_was_translated_is_kept_by_nobody(store: ResponseStore) -> None:
    store.remember("resp_1", [user("hi")], [said("hello")])
    found = store.expansion({"previous_response_id": "resp_1", "input": "more"})
    assert found is not None
    assert (found.keepers, found.makers) == ({""}, (None, "", None))


def test_a_body_that_refers_to_nothing_known_has_no_expansion(store: ResponseStore) -> None:
    assert store.expansion({"previous_response_id": "resp_1", "input": "more"}) is None


def test_items_nested_deeper_than_any_real_one_are_told_apart(store: ResponseStore) -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    store.remember("resp_1", [{"type": "message", "content": deep}], [])
    store.remember("resp_2", [{"type": "message", "content": [deep]}], [])
    assert store.items("resp_1") != store.items("resp_2")
