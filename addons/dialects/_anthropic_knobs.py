"""The settings of a foreign request, as far as Anthropic Messages has them. Source: Anthropic documentation,
"Create a Message", "Extended thinking" and "Structured outputs"."""

from typing import Any

from addons.core import effort as efforts
from addons.core.model import Loss, Request
from addons.dialects.base import Body

FORCED = ("any", "tool")


def knobs(request: Request, body: Body, losses: list[Loss]) -> Body:
    """`body` is what was rendered so far: its limit, its messages and its tool choice decide what is allowed."""
    out = _reasoning(request, body, losses)
    out |= _sampling(request, "thinking" in out, losses)
    stops = [stop for stop in request.stop if stop.strip()]
    if stops:
        out["stop_sequences"] = stops
    if len(stops) < len(request.stop):
        losses.append(Loss("stop", "a stop sequence of white space alone is refused"))
    if request.format is not None and request.format.schema is not None:
        out["output_config"] = {"format": {"type": "json_schema", "schema": request.format.schema}}
    elif request.format is not None:
        losses.append(Loss("response_format", "JSON without a schema cannot be demanded"))
    if request.cache_key is not None:
        losses.append(Loss("prompt_cache_key", "Anthropic caches by marks in the content"))
    if request.user is not None:
        losses.append(Loss("user", "it means nothing to another provider"))
    return out


def _sampling(request: Request, thinks: bool, losses: list[Loss]) -> Body:
    out: Body = {}
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p), ("top_k", request.top_k)):
        if value is None:
            continue
        if thinks:
            losses.append(Loss(name, "not allowed while the model thinks"))
        elif name == "temperature" and value > 1:
            out[name] = 1
            losses.append(Loss(name, "1 is the highest value"))
        else:
            out[name] = value
    return out


def _reasoning(request: Request, body: Body, losses: list[Loss]) -> Body:
    wanted = request.reasoning
    if wanted is None or (wanted.effort is None and wanted.budget is None):
        return {}
    tokens = efforts.budget(wanted, body["max_tokens"])
    if tokens is None:
        return {}
    if body.get("tool_choice", {}).get("type") in FORCED:
        losses.append(Loss("reasoning", "a forced tool excludes thinking"))
        return {}
    if _resumes_unthinking(body["messages"]):
        losses.append(Loss("reasoning", "the turn goes on after a call whose thinking was not sent: no thinking"))
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}}


def _resumes_unthinking(messages: list[dict[str, Any]]) -> bool:
    """Whether the model is to go on after tool results while its own message does not begin with thinking: with
    thinking on, the API refuses that ("a final `assistant` message must start with a thinking block")."""
    if len(messages) < 2 or not any(block["type"] == "tool_result" for block in messages[-1]["content"]):
        return False
    return messages[-2]["content"][0]["type"] not in ("thinking", "redacted_thinking")
