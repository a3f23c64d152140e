"""What each tool itself says at the end of a run: its final answer, and how many tokens it counts.

Source: the tools' own JSON reports (`claude -p --output-format json`, `codex exec --json`, `pi --mode json`,
`gemini --output-format json`, `opencode run --format json`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

type Json = dict[str, Any]


@dataclass(frozen=True)
class Meter:
    """`input` is everything that went in, `cached` what of it came from a cache."""

    input: int = 0
    cached: int = 0
    output: int = 0

    def __add__(self, other: "Meter") -> "Meter":
        return Meter(self.input + other.input, self.cached + other.cached, self.output + other.output)


def _lines(output: str) -> Iterator[Json]:
    """The lines that are JSON objects; a tool may say other things between them."""
    for line in output.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value


def of_claude_code(output: str) -> tuple[str, Meter]:
    result = next((line for line in _lines(output) if line.get("type") == "result" and not line["is_error"]), None)
    if result is None:
        return "", Meter()
    usage = result["usage"]
    cached = usage["cache_read_input_tokens"]
    went_in = usage["input_tokens"] + cached + usage["cache_creation_input_tokens"]
    return result["result"], Meter(went_in, cached, usage["output_tokens"])


def of_codex(output: str) -> tuple[str, Meter]:
    text, meter = "", Meter()
    for event in _lines(output):
        if event.get("type") == "item.completed" and event["item"]["type"] == "agent_message":
            text = event["item"]["text"]
        if event.get("type") == "turn.completed":
            usage = event["usage"]
            meter += Meter(usage["input_tokens"], usage["cached_input_tokens"], usage["output_tokens"])
    return text, meter


def of_pi(output: str) -> tuple[str, Meter]:
    text, meter = "", Meter()
    for event in _lines(output):
        message = event.get("message", {})
        if event.get("type") == "message_end" and message["role"] == "assistant":
            usage = message["usage"]
            went_in = usage["input"] + usage["cacheRead"] + usage["cacheWrite"]
            meter += Meter(went_in, usage["cacheRead"], usage["output"])
            text = "".join(part["text"] for part in message["content"] if part["type"] == "text")
    return text, meter


def of_gemini_cli(output: str) -> tuple[str, Meter]:
    """The report is one object over many lines, and stands last."""
    position = output.find("{\n")
    try:
        report = json.loads(output[position:]) if position >= 0 else {}
    except ValueError:
        report = {}
    meter = Meter()
    for model in report.get("stats", {}).get("models", {}).values():
        tokens = model["tokens"]
        meter += Meter(tokens["prompt"], tokens["cached"], tokens["candidates"] + tokens["thoughts"])
    return report.get("response") or "", meter


def of_opencode(output: str) -> tuple[str, Meter]:
    """What it spends on a title is not reported."""
    text, meter = "", Meter()
    for event in _lines(output):
        part = event.get("part", {})
        if event.get("type") == "text":
            text = part["text"]
        if event.get("type") == "step_finish":
            tokens, cache = part["tokens"], part["tokens"]["cache"]
            went_in = tokens["input"] + cache["read"] + cache["write"]
            meter += Meter(went_in, cache["read"], tokens["output"] + tokens["reasoning"])
    return text, meter
