"""The settings of a foreign request, as far as Anthropic Messages has them. Source: Anthropic documentation,
"Create a Message", "Thinking" (and its page on rejected configurations), "Effort" and "Structured outputs"."""

from typing import Any

from addons.core import effort as efforts
from addons.core.model import Effort, Loss, Request
from addons.core.traits import Traits
from addons.dialects._anthropic_tools import FORCED
from addons.dialects.base import Body

NO_THOUGHT: tuple[Effort, ...] = ("none", "minimal")
_SILENT = ("disabled", "between_tools")


def knobs(request: Request, model: Traits, body: Body, form: Body | None, losses: list[Loss]) -> Body:
    """`body` is what was rendered so far: its limit, its messages and its tool choice decide what is allowed. `form`
    is the format of the answer."""
    out = _reasoning(request, model, body, losses)
    if form is not None:
        out["output_config"] = {**out.get("output_config", {}), "format": form}
    out |= _sampling(request, model, out.get("thinking", {}).get("type") in ("enabled", "adaptive"), losses)
    stops = [stop for stop in request.stop if stop.strip()]
    if stops:
        out["stop_sequences"] = stops
    if len(stops) < len(request.stop):
        losses.append(Loss("stop", "a stop sequence of white space alone is refused"))
    if request.cache_key is not None and not model.cache_marks:
        losses.append(Loss("prompt_cache_key", "Anthropic caches by marks in the content"))
    if request.user is not None:
        losses.append(Loss("user", "it means nothing to another provider"))
    return out


def _sampling(request: Request, model: Traits, thinks: bool, losses: list[Loss]) -> Body:
    out: Body = {}
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p), ("top_k", request.top_k)):
        if value is None:
            continue
        if thinks:
            losses.append(Loss(name, "not allowed while the model thinks"))
        elif not model.sampling:
            losses.append(Loss(name, f"{model.id} refuses it"))
        elif name == "top_p" and model.one_sampling and "temperature" in out:
            losses.append(Loss(name, f"{model.id} refuses it beside a temperature"))
        elif name == "temperature" and value > 1:
            out[name] = 1
            losses.append(Loss(name, "1 is the highest value"))
        else:
            out[name] = value
    return out


def _reasoning(request: Request, model: Traits, body: Body, losses: list[Loss]) -> Body:
    wanted = request.reasoning
    level = efforts.effort(wanted, body["max_tokens"]) if wanted is not None else None
    forced = body.get("tool_choice", {}).get("type") in FORCED
    if model.thinking == "adaptive":
        if forced and level not in (None, *NO_THOUGHT):
            losses.append(Loss("reasoning", "a forced tool excludes thinking"))
        return _idle(model, losses) if forced or level in NO_THOUGHT else _adaptive(request, model, level)
    if level is None or level in NO_THOUGHT or wanted is None:
        return {}
    why = _obstacle(model, body["messages"], forced=forced)
    if why is not None:
        losses.append(Loss("reasoning", why))
        return {}
    tokens = efforts.budget(wanted, body["max_tokens"])
    return {} if tokens is None else {"thinking": {"type": "enabled", "budget_tokens": tokens}}


def _adaptive(request: Request, model: Traits, level: Effort | None) -> Body:
    """The newest models hide their thoughts unless a summary is asked for."""
    wanted = request.reasoning
    if wanted is None or (level is None and not wanted.adaptive):
        return {}
    thinking = {"type": "adaptive"}
    if wanted.summary not in (None, "none"):
        thinking["display"] = "summarized"
    config = {} if level is None else {"output_config": {"effort": efforts.clamp(level, model.efforts)}}
    return {"thinking": thinking, **config}


def _idle(model: Traits, losses: list[Loss]) -> Body:
    """What keeps an adaptive model from thinking."""
    if model.idle in _SILENT:
        return {"thinking": {"type": model.idle}}
    if model.idle == "never":
        losses.append(Loss("reasoning", f"{model.id} always thinks: the least effort is asked for"))
        return {"output_config": {"effort": model.efforts[0]}}
    return {}


def _obstacle(model: Traits, messages: list[dict[str, Any]], *, forced: bool) -> str | None:
    """Why a thinking budget cannot be given."""
    if model.thinking == "none":
        return f"{model.id} does not think"
    if forced:
        return "a forced tool excludes thinking"
    if messages[-1]["role"] == "assistant":
        return "an answer that is begun excludes thinking"
    if _resumes_unthinking(messages):
        return "the turn goes on after a call whose thinking was not sent: no thinking"
    return None


def _resumes_unthinking(messages: list[dict[str, Any]]) -> bool:
    """Whether the model is to go on after tool results while its own message does not begin with thinking: with
    thinking on, the API refuses that ("a final `assistant` message must start with a thinking block"). Adaptive
    thinking is not so strict."""
    if len(messages) < 2 or not any(block["type"] == "tool_result" for block in messages[-1]["content"]):
        return False
    return messages[-2]["content"][0]["type"] not in ("thinking", "redacted_thinking")
