"""What Anthropic's Messages API refuses for some of its models and takes for others.

Source: Anthropic's guides "Adaptive thinking", "Effort", "Structured outputs" and "Migrating to the latest models".
A model that no row knows is taken as able to do everything.
"""

import re
from dataclasses import dataclass
from typing import Any

from clients.checks_schema import closed
from clients.complaint import Json, demand, demand_known, fields

EFFORTS = ("low", "medium", "high", "xhigh", "max")
OUTPUT_CONFIG = fields("effort format task_budget")
# constraints that structured outputs do not enforce, and therefore refuse
UNENFORCED = fields(
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength maxItems uniqueItems"
)


@dataclass(frozen=True)
class Rules:
    """`kinds`: the types of thinking that the model takes. `forced`: whether a tool choice may force a call."""

    kinds: frozenset[str] = fields("enabled adaptive disabled between_tools")
    efforts: tuple[str, ...] = EFFORTS
    sampling: bool = True
    prefill: bool = True
    structured: bool = True
    forced: bool = True


def _model(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"claude-(?:{pattern})")


def _newest(kinds: str, *, forced: bool = False) -> Rules:
    return Rules(fields(kinds), sampling=False, prefill=False, forced=forced)


BUDGET = fields("enabled disabled")
FAMILIES = (
    (_model(r"3-5|3-opus|3-haiku|3-sonnet"), Rules(fields("disabled"), (), structured=False)),
    (_model(r"3-7|(opus|sonnet)-4(-0|-2025|$)|opus-4-1"), Rules(BUDGET, (), structured=False)),
    (_model(r"opus-4-5"), Rules(BUDGET, EFFORTS[:3])),
    (_model(r"(sonnet|haiku)-4-5"), Rules(BUDGET, ())),
    (_model(r"(opus|sonnet)-4-6"), Rules(BUDGET | {"adaptive"}, ("low", "medium", "high", "max"), prefill=False)),
    (_model(r"opus-4-[78]|(opus|sonnet)-5(?!-\d\b)|haiku-5-5"), _newest("adaptive disabled", forced=True)),
    (_model(r"sonnet-5-5"), _newest("adaptive between_tools")),
    (_model(r""), _newest("adaptive")),
)
ANY = Rules()


# the longest answer
LONGEST = (
    (_model(r"3-opus|3-haiku|3-sonnet"), 4_096),
    (_model(r"3-5"), 8_192),
    (_model(r"opus-4(-0|-2025|$)|opus-4-1"), 32_000),
    (_model(r"3-7|sonnet-4|haiku-4|opus-4-5"), 64_000),
    (_model(r""), 128_000),
)


def rules_of(model: str) -> Rules:
    return next((rules for family, rules in FAMILIES if family.match(model)), ANY)


def check_model(body: Json) -> None:
    """Raises Complaint."""
    model = body["model"]
    rules = rules_of(model)
    longest = next((count for family, count in LONGEST if family.match(model)), None)
    demand(
        longest is None or body["max_tokens"] <= longest,
        f"max_tokens: {body['max_tokens']} > {longest}, which is the maximum allowed number of output tokens",
    )
    kind = (body.get("thinking") or {}).get("type", "disabled")
    demand(kind in ANY.kinds, f"thinking: Input tag {kind!r} does not match")
    # what says nothing of thinking asks for nothing that could be refused
    demand(
        "thinking" not in body or kind in rules.kinds,
        f'"thinking.type.{kind}" is not supported for this model. It takes {sorted(rules.kinds)}',
    )
    effort = (body.get("output_config") or {}).get("effort")
    idle = kind == "between_tools" or (kind == "disabled" and "thinking" in body and not rules.sampling)
    demand(not idle or effort not in ("xhigh", "max"), f"effort {effort!r} is not supported with thinking {kind!r}")
    choice = body.get("tool_choice", {}).get("type", "auto")
    demand(
        rules.forced or choice in ("auto", "none"), "tool_choice that forces tool use is not supported for this model."
    )
    for name in ("temperature", "top_p", "top_k"):
        demand(rules.sampling or name not in body, f"`{name}` is deprecated for this model.")
    last = body["messages"][-1]["role"]
    demand(
        rules.prefill or last != "assistant",
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    )
    _output_config(body.get("output_config") or {}, rules)
    for tool in body.get("tools", ()):
        if tool.get("strict"):
            _structured(tool["input_schema"], rules, f"tools.{tool['name']}.input_schema")


def _output_config(config: Json, rules: Rules) -> None:
    demand_known(config, OUTPUT_CONFIG, "output_config.{}: Extra inputs are not permitted")
    effort = config.get("effort")
    demand(effort is None or effort in EFFORTS, f"output_config.effort: Input should be one of {EFFORTS}")
    demand(effort is None or rules.efforts, "This model does not support the effort parameter.")
    demand(effort is None or effort in rules.efforts, f"This model does not support effort level {effort!r}.")
    wanted = config.get("format")
    if wanted is not None:
        demand(wanted["type"] == "json_schema", "output_config.format.type: Input should be 'json_schema'")
        demand(set(wanted) == {"type", "schema"}, "output_config.format: Extra inputs are not permitted")
        _structured(wanted["schema"], rules, "output_config.format.schema")


def _structured(schema: Any, rules: Rules, where: str) -> None:
    demand(rules.structured, "This model does not support structured outputs")
    closed(schema, where, unenforced=UNENFORCED)
