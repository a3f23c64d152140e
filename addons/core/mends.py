"""Single mends of a request body: what a provider has refused is taken away, everything else stays.

Each takes a body and an argument, and gives a new body (sharing what did not change), or the very same one when there
is nothing to mend. `rectify` decides which one a refusal calls for.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from addons.core.effort import LADDER, clamp
from addons.core.tool_limit import within

type Body = dict[str, Any]
type Mend = Callable[[Body, str], Body]

# a tuple: what stands in a client's `type` need not be hashable
THINKING_BLOCKS = ("thinking", "redacted_thinking")
# Google's documented stand-in for a signature that is not to be checked ("Thought signatures" guide)
UNCHECKED_SIGNATURE = "skip_thought_signature_validator"
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
MIN_BUDGET = 1024
MARK_LIMIT = 4


def digest(text: str) -> str:
    """What is kept of a signature that was refused."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def signatures(body: Body) -> list[str]:
    """Every signature of thinking in the history, of whichever dialect."""
    blocks = [block for message in _dicts(body.get("messages")) for block in _dicts(message.get("content"))]
    found = [block.get("signature") or block.get("data") for block in blocks if block.get("type") in THINKING_BLOCKS]
    found += [item.get("encrypted_content") for item in _dicts(body.get("input")) if item.get("type") == "reasoning"]
    parts = [part for content in _dicts(body.get("contents")) for part in _dicts(content.get("parts"))]
    found += [part.get("thoughtSignature") for part in parts]
    return [signature for signature in found if isinstance(signature, str)]


def without(body: Body, path: str) -> Body:
    """Without the field at `path` (dots; numbers and `*` stand for every item of a list). A step that the body does
    not have is skipped: Anthropic's paths name the variant of a union too."""
    mended: Body = _without(body, path.split("."))
    return mended


def _without(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        items = [_without(item, rest if step == "*" or step.isdecimal() else steps) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    if step not in value:
        return _without(value, rest)
    if not rest:
        return {key: item for key, item in value.items() if key != step}
    inner = _without(value[step], rest)
    return value if inner is value[step] else {**value, step: inner}


def renamed(body: Body, names: str) -> Body:
    """`names` is `old>new`."""
    old, _, new = names.partition(">")
    return {(new if key == old else key): item for key, item in body.items()} if old in body else body


def capped(body: Body, limit: str) -> Body:
    """No more than `limit` tokens are asked for."""
    most = int(limit)
    changed: Body = {name: most for name in LIMITS if isinstance(body.get(name), int) and body[name] > most}
    config = body.get("generationConfig")
    if isinstance(config, dict) and isinstance(config.get("maxOutputTokens"), int) and config["maxOutputTokens"] > most:
        changed["generationConfig"] = {**config, "maxOutputTokens": most}
    return {**body, **changed} if changed else body


def fewer_tools(body: Body, limit: str) -> Body:
    """No more than `limit` tools are offered."""
    return within(body, int(limit))[0]


def effort_within(body: Body, levels: str) -> Body:
    """The effort, wherever the dialect has it, as one of `levels` (comma-separated)."""
    supported = tuple(level for level in LADDER if level in levels.split(","))
    if not supported:
        return body
    changed: Body = {}
    if (level := body.get("reasoning_effort")) in LADDER and level not in supported:
        changed["reasoning_effort"] = clamp(level, supported)
    for name in ("reasoning", "output_config"):
        inner = body.get(name)
        if isinstance(inner, dict) and (level := inner.get("effort")) in LADDER and level not in supported:
            changed[name] = {**inner, "effort": clamp(level, supported)}
    return {**body, **changed} if changed else body


def without_thinking(body: Body, _: str = "") -> Body:
    """Anthropic: the model does not think; settings that need thinking go along."""
    if "thinking" not in body:
        return body
    kept = {key: item for key, item in body.items() if key != "thinking"}
    return without_clearing(kept)


def without_clearing(body: Body) -> Body:
    """Anthropic's context editing refuses to clear thinking where there is none."""
    management = body.get("context_management")
    edits = management.get("edits") if isinstance(management, dict) else None
    if not isinstance(management, dict) or not isinstance(edits, list):
        return body
    kept = [edit for edit in edits if not (isinstance(edit, dict) and "thinking" in str(edit.get("type")))]
    if len(kept) == len(edits):
        return body
    if not kept:
        return {key: item for key, item in body.items() if key != "context_management"}
    return {**body, "context_management": {**management, "edits": kept}}


def unthinking_when_forced(body: Body, _: str) -> Body:
    choice = body.get("tool_choice")
    forced = isinstance(choice, dict) and choice.get("type") in ("any", "tool")
    return without_thinking(body) if forced else body


def unthinking_mid_turn(body: Body, _: str = "") -> Body:
    """Anthropic wants the message that the results answer to begin with thinking, if the model is to think."""
    messages = _dicts(body.get("messages"))
    last = _dicts(messages[-1].get("content")) if len(messages) > 1 else []
    if not any(block.get("type") == "tool_result" for block in last):
        return body
    called = next((message for message in reversed(messages) if message.get("role") == "assistant"), {})
    first = next(iter(_dicts(called.get("content"))), {})
    return body if first.get("type") in THINKING_BLOCKS else without_thinking(body)


def thinking_by_budget(body: Body, _: str) -> Body:
    thinking = body.get("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") != "adaptive":
        return body
    limit = body.get("max_tokens")
    budget = int(limit * 0.75) if isinstance(limit, int) else MIN_BUDGET
    if budget < MIN_BUDGET:
        return without_thinking(body)
    return {**without(body, "output_config.effort"), "thinking": {"type": "enabled", "budget_tokens": budget}}


def thinking_within_limits(body: Body, _: str) -> Body:
    """Anthropic: a budget is at least 1024 tokens and less than `max_tokens`; without room for one there is none."""
    thinking, limit = body.get("thinking"), body.get("max_tokens")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if not isinstance(thinking, dict) or not isinstance(budget, int) or not isinstance(limit, int):
        return body
    fitting = max(budget, MIN_BUDGET) if budget < limit else int(limit * 0.75)
    if fitting == budget:
        return body
    if not MIN_BUDGET <= fitting < limit:
        return without_thinking(body)
    return {**body, "thinking": {**thinking, "budget_tokens": fitting}}


def temperature_alone(body: Body, _: str) -> Body:
    return without(body, "top_p") if "temperature" in body else body


def no_temperature_when_thinking(body: Body, _: str) -> Body:
    thinking = body.get("thinking")
    thinks = isinstance(thinking, dict) and thinking.get("type") != "disabled"
    return without(body, "temperature") if thinks else body


def no_effort_beside_tools(body: Body, _: str) -> Body:
    return without(body, "reasoning_effort") if "tools" in body else body


def thinking_adaptively(body: Body, _: str) -> Body:
    thinking = body.get("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") != "enabled":
        return body
    return {**body, "thinking": {"type": "adaptive"}}


def system_as_user(body: Body, _: str) -> Body:
    """Anthropic providers of old take `system` only at the top: what stands in between becomes the user's words."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not any(message.get("role") == "system" for message in _dicts(messages)):
        return body
    return {**body, "messages": [_as_user(message) for message in messages]}


def _as_user(message: Any) -> Any:
    if not isinstance(message, dict) or message.get("role") != "system":
        return message
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return {"role": "user", "content": [_reminder(block) for block in _dicts(blocks)]}


def _reminder(block: Body) -> Body:
    return {**block, "text": f"<system-reminder>\n{block.get('text', '')}\n</system-reminder>"}


def without_signature(body: Body, refused: str) -> Body:
    """Without the thinking whose signature has the digest `refused`."""
    if not any(digest(signature) == refused for signature in signatures(body)):
        return body
    changed: Body = {}
    if isinstance(body.get("messages"), list):
        changed["messages"] = [
            kept for message in body["messages"] if (kept := _unsigned(message, refused)) is not None
        ]
    if isinstance(body.get("input"), list):
        changed["input"] = [item for item in body["input"] if not _is_signed(item, "encrypted_content", refused)]
    if isinstance(body.get("contents"), list):
        changed["contents"] = [_unchecked(content, refused) for content in body["contents"]]
    return unthinking_mid_turn({**body, **changed})


def _unsigned(message: Any, refused: str) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    kept = [b for b in content if not (_is_signed(b, "signature", refused) or _is_signed(b, "data", refused))]
    return message if len(kept) == len(content) else {**message, "content": kept} if kept else None


def _is_signed(item: Any, key: str, refused: str) -> bool:
    return isinstance(item, dict) and isinstance(item.get(key), str) and digest(item[key]) == refused


def _unchecked(content: Any, refused: str) -> Any:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list):
        return content
    signed = "thoughtSignature"
    return {
        **content,
        "parts": [
            {**part, signed: UNCHECKED_SIGNATURE} if _is_signed(part, signed, refused) else part for part in parts
        ],
    }


def fewer_marks(body: Body, _: str) -> Body:
    """At most four `cache_control` marks (Anthropic's limit): the first ones beyond it go."""
    total = _count_marks(body)
    mended: Body = body if total <= MARK_LIMIT else _unmarked(body, [total - MARK_LIMIT])
    return mended


def _count_marks(value: Any) -> int:
    if isinstance(value, dict):
        return ("cache_control" in value) + sum(map(_count_marks, value.values()))
    return sum(map(_count_marks, value)) if isinstance(value, list) else 0


def _unmarked(value: Any, left: list[int]) -> Any:
    if isinstance(value, list):
        return [_unmarked(item, left) for item in value]
    if not isinstance(value, dict) or not left[0]:
        return value
    if "cache_control" in value:
        left[0] -= 1
        value = {key: item for key, item in value.items() if key != "cache_control"}
    return {key: _unmarked(item, left) for key, item in value.items()}


def _dicts(value: object) -> list[Body]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


MENDS: Mapping[str, Mend] = {
    "without": without,
    "renamed": renamed,
    "capped": capped,
    "effort": effort_within,
    "signature": without_signature,
    "no thinking": without_thinking,
    "no thinking when a tool is forced": unthinking_when_forced,
    "no thinking in the middle of a turn": unthinking_mid_turn,
    "thinking by budget": thinking_by_budget,
    "thinking adaptively": thinking_adaptively,
    "thinking within its limits": thinking_within_limits,
    "no temperature when thinking": no_temperature_when_thinking,
    "no top_p beside temperature": temperature_alone,
    "no effort beside tools": no_effort_beside_tools,
    "system as user": system_as_user,
    "fewer cache marks": fewer_marks,
    "fewer tools": fewer_tools,
    # what takes more than the body to mend: `addons.continued`
    "spelt out": lambda body, argument: body,
}


def applied(body: Body, mends: Iterable[tuple[str, str]]) -> tuple[Body, list[tuple[str, str]]]:
    """`body` with `mends` (name, argument) in order, and those of them that changed it."""
    effective = []
    for name, argument in mends:
        mended = MENDS[name](body, argument)
        if mended is not body:
            effective.append((name, argument))
            body = mended
    return body, effective
