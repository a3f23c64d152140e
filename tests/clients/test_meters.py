"""What a tool reports of itself is read as it is meant, and nothing is read out of nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from clients import meters, reporter
from clients.meters import Meter
from clients.script import ALL, SEEN
from clients.tools import Ran


def lines(*values: Any) -> str:
    return "\n".join(["Reading additional input...", *map(json.dumps, values)])


CLAUDE_USAGE = {
    "input_tokens": 60,
    "cache_read_input_tokens": 40,
    "cache_creation_input_tokens": 5,
    "output_tokens": 20,
}
CLAUDE = {"type": "result", "is_error": False, "result": "done", "usage": CLAUDE_USAGE}
CODEX_USAGE = {"input_tokens": 105, "cached_input_tokens": 40, "output_tokens": 20}
PI_USAGE = {"input": 60, "cacheRead": 40, "cacheWrite": 5, "output": 20}
SAID = {"role": "assistant", "content": [{"type": "thinking"}, {"type": "text", "text": "done"}], "usage": PI_USAGE}
GEMINI = {
    "response": "done",
    "stats": {"models": {"m": {"tokens": {"prompt": 105, "cached": 40, "candidates": 15, "thoughts": 5}}}},
}
STEP = {"tokens": {"input": 60, "output": 15, "reasoning": 5, "cache": {"read": 40, "write": 5}}}
REPORTS: dict[str, tuple[Callable[[str], tuple[str, Meter]], str]] = {
    "claude": (meters.of_claude_code, lines({"type": "system"}, CLAUDE)),
    "codex": (
        meters.of_codex,
        lines(
            {"type": "item.completed", "item": {"type": "agent_message", "text": "done"}},
            {"type": "turn.completed", "usage": CODEX_USAGE},
        ),
    ),
    "pi": (meters.of_pi, lines({"type": "message_end", "message": SAID}, {"type": "agent_end"})),
    "opencode": (
        meters.of_opencode,
        lines({"type": "text", "part": {"text": "done"}}, {"type": "step_finish", "part": STEP}),
    ),
    "gemini": (meters.of_gemini_cli, f"Loaded.\n{json.dumps(GEMINI, indent=2)}"),
}


@pytest.mark.parametrize("tool", REPORTS)
def test_a_report_gives_the_answer_and_the_counts(tool: str) -> None:
    read, report = REPORTS[tool]

    assert read(report) == ("done", Meter(105, 40, 20))


@pytest.mark.parametrize("output", ["", "killed", '{"type": "error"}', "{\n cut"])
@pytest.mark.parametrize("tool", REPORTS)
def test_where_nothing_is_reported_nothing_was_said(tool: str, output: str) -> None:
    assert REPORTS[tool][0](output) == ("", Meter())


def test_an_error_of_claude_code_is_no_answer() -> None:
    assert meters.of_claude_code(lines({**CLAUDE, "is_error": True})) == ("", Meter())


def test_the_turns_of_pi_add_up() -> None:
    turn = {"type": "message_end", "message": SAID}

    assert meters.of_pi(lines(turn, turn))[1] == Meter(210, 80, 40)


@pytest.mark.parametrize(
    ("ran", "seen"),
    [
        (Ran(0, "", f"{SEEN} {' '.join(ALL)}"), ALL),
        (Ran(1, "", f"{SEEN} {' '.join(ALL)}"), ()),
        (Ran(0, " ".join(ALL), " ".join(ALL)), ()),
        (Ran(0, "", f"{SEEN} mock-tool-ok-%d"), ()),
    ],
    ids=["all", "failed", "not quoted", "the command alone"],
)
def test_only_what_the_final_answer_quotes_was_seen(ran: Ran, seen: tuple[str, ...]) -> None:
    assert ran.seen == seen


def test_the_reporter_tells_whether_the_arguments_arrived_as_they_were_written() -> None:
    changed = {**reporter.ARGUMENTS, "count": "3"}

    assert reporter.report("one", reporter.ARGUMENTS) == ("mock-report-one-9", False)
    assert reporter.report("one", {**reporter.ARGUMENTS, "kind": None}) == ("mock-report-one-9", False)
    assert reporter.report("one", changed)[1]
