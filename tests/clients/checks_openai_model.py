"""What OpenAI's two APIs refuse for some models and take for others, and the rules of strict schemas.

Source: OpenAI's guides "Reasoning models" and "Structured outputs", the pages of the models and the messages of the
API. A model that no row knows belongs to a compatible provider and takes everything.
"""

import re
from typing import Any

from clients.checks_schema import closed, nodes
from clients.complaint import Json, demand, fields

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
LOW_TO_HIGH = ("low", "medium", "high")
BY_MODEL = (
    (re.compile(r"gpt-5(\.[24])?-pro"), ("medium", "high", "xhigh")),
    (re.compile(r"gpt-5\.[2-9]-codex|gpt-5\.1-codex-max"), (*LOW_TO_HIGH, "xhigh")),
    (re.compile(r"gpt-5(\.1)?-codex|o\d|gpt-oss"), LOW_TO_HIGH),
    (re.compile(r"gpt-5\.1"), ("none", *LOW_TO_HIGH)),
    (re.compile(r"gpt-5\.[2-5]"), ("none", *LOW_TO_HIGH, "xhigh")),
    (re.compile(r"gpt-(5\.[6-9]|[6-9])"), ("none", *LOW_TO_HIGH, "xhigh", "max")),
    (re.compile(r"gpt-5"), ("minimal", *LOW_TO_HIGH)),
    (re.compile(r"gpt-[34]"), ()),
)
REASONING = re.compile(r"o\d|gpt-[5-9]")


def _taken(model: str) -> tuple[str, ...]:
    return next((efforts for family, efforts in BY_MODEL if family.match(model)), EFFORTS)


def of_openai(model: str) -> bool:
    """Whether OpenAI itself serves the model."""
    return re.match(r"gpt-\d|o\d", model) is not None


def check_effort(model: str, effort: str | None, name: str) -> None:
    if effort is None:
        return
    demand(effort in EFFORTS, f"Invalid value: {effort!r} for {name}")
    taken = _taken(model)
    demand(taken, f"Unsupported parameter: '{name}' is not supported with this model.")
    demand(
        effort in taken, f"Unsupported value: {name!r} does not support {effort!r} with this model. Supported: {taken}"
    )


def check_sampling(body: Json) -> None:
    """Reasoning models take no sampling, but those that can be told not to reason take it when they do not (which is
    also their default). `max_tokens` is Chat's."""
    model = body["model"]
    if not REASONING.match(model):
        return
    effort = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort") or "none"
    reasons = effort != "none" or "none" not in _taken(model)
    for name in ("temperature", "top_p"):
        demand(
            not reasons or body.get(name) in (None, 1),
            f"Unsupported parameter: '{name}' is not supported with this model.",
        )
    for name in ("stop", "presence_penalty", "frequency_penalty", "logit_bias"):
        demand(not body.get(name), f"Unsupported parameter: '{name}' is not supported with this model.")
    demand(
        "max_tokens" not in body,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    )


LONGEST = (
    (re.compile(r"gpt-4\.1"), 32_768),
    (re.compile(r"gpt-4o"), 16_384),
    (re.compile(r"o[1-4]"), 100_000),
    (re.compile(r"gpt-[5-9]"), 128_000),
)
# names that only OpenAI itself reads, and how long they may be
SHORT = ("user", "safety_identifier", "prompt_cache_key")


def check_lengths(body: Json) -> None:
    if not of_openai(body["model"]):
        return
    longest = next((count for family, count in LONGEST if family.match(body["model"])), None)
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        wanted = body.get(name)
        demand(
            not wanted or longest is None or wanted <= longest,
            f"{name} is too large: {wanted}. This model supports at most {longest} completion tokens",
        )
    for name in SHORT:
        demand(len(body.get(name) or "") <= 64, f"Invalid '{name}': string too long. Expected maximum length 64.")
    metadata = body.get("metadata") or {}
    demand(len(metadata) <= 16, "Invalid 'metadata': too many properties. Expected at most 16.")
    for name, value in metadata.items():
        lawful = isinstance(value, str) and len(value) <= 512 and len(name) <= 64
        demand(lawful, f"Invalid 'metadata.{name}': expected a string of at most 512 characters")
    demand(len(body.get("tools") or ()) <= 128, "Invalid 'tools': array too long. Expected maximum length 128.")


INCLUDES = fields(
    "file_search_call.results web_search_call.results web_search_call.action.sources message.input_image.image_url "
    "computer_call_output.output.image_url code_interpreter_call.outputs reasoning.encrypted_content "
    "message.output_text.logprobs"
)


def check_include(body: Json) -> None:
    unknown = [name for name in body.get("include") or () if name not in INCLUDES]
    demand(not unknown, f"Invalid value: {unknown} for 'include'")


def check_parameters(schema: Any, name: str) -> None:
    """What is refused of the parameters of every function, strict or not."""
    if schema is None:
        return
    where = f"Invalid schema for function '{name}'"
    demand(isinstance(schema, dict) and schema.get("type") == "object", f'{where}: type "object" is expected')
    choices = fields("oneOf anyOf allOf enum not") & set(schema)
    demand(not choices, f"{where}: schema must not have {sorted(choices)} at the top level")
    for node in nodes(schema):
        lists = node.get("type") == "array" or (isinstance(node.get("type"), list) and "array" in node["type"])
        demand(not lists or "items" in node, f"{where}: array schema missing items")


def closed_when_strict(holder: Json, schema: Any, where: str) -> None:
    """`holder` is what says `strict` of `schema`."""
    if holder.get("strict") and schema is not None:
        closed(schema, f"Invalid schema for {where}", all_required=True)
