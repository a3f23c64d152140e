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
    adaptive: bool = True
    budget: bool = True
    efforts: tuple[str, ...] = EFFORTS
    sampling: bool = True
    prefill: bool = True
    structured: bool = True


def _model(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"claude-(?:{pattern})")


OLD = Rules(adaptive=False, efforts=(), structured=False)
FAMILIES = (
    (_model(r"3-5|3-opus|3-haiku|3-sonnet"), Rules(adaptive=False, budget=False, efforts=(), structured=False)),
    (_model(r"3-7|(opus|sonnet)-4(-0|-2025|$)|opus-4-1"), OLD),
    (_model(r"opus-4-5"), Rules(adaptive=False, efforts=EFFORTS[:3])),
    (_model(r"(sonnet|haiku)-4-5"), Rules(adaptive=False, efforts=())),
    (_model(r"(opus|sonnet)-4-6"), Rules(efforts=("low", "medium", "high", "max"), prefill=False)),
    (_model(r""), Rules(budget=False, sampling=False, prefill=False)),
)
ANY = Rules()


def rules_of(model: str) -> Rules:
    return next((rules for family, rules in FAMILIES if family.match(model)), ANY)


def check_model(body: Json) -> None:
    """Raises Complaint."""
    model = body["model"]
    rules = rules_of(model)
    kind = (body.get("thinking") or {}).get("type", "disabled")
    demand(kind in ("enabled", "adaptive", "disabled"), f"thinking: Input tag {kind!r} does not match")
    demand(rules.adaptive or kind != "adaptive", "adaptive thinking is not supported on this model")
    demand(
        rules.budget or kind != "enabled",
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and effort',
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
