"""A Gemini body as a canonical request. Source: Gemini API reference, "Generating content" and "GenerationConfig".

Model and method stand in the path of a Gemini request: whoever received it adds them to the body as `model` and
`stream`. Members of `generationConfig` and `toolConfig` without a canonical home stand in the extras under dotted
names, such as `generationConfig.seed`, so that a Loss names exactly what is lost.
"""

from addons.core.effort import effort_of
from addons.core.errors import BadRequest
from addons.core.model import DialectName, Format, Reasoning, Request
from addons.dialects._gemini_contents import parse_contents, parse_system
from addons.dialects._gemini_members import dotted, members, whole
from addons.dialects._gemini_offer import parse_tool_config, parse_tools
from addons.dialects._gemini_schema import from_gemini
from addons.dialects.base import Body
from addons.dialects.shapes import as_dict, as_list, as_str, number, optional, text, without

GEMINI = DialectName.GEMINI
CONFIG = "generationConfig"
SYSTEM = "systemInstruction"
THINKING = "generationConfig.thinkingConfig"

_KNOWN = ("model", "stream", "contents", "systemInstruction", "tools", "toolConfig", CONFIG)
_SETTINGS = (
    "maxOutputTokens", "temperature", "topP", "topK", "stopSequences", "responseMimeType", "responseSchema",
    "responseJsonSchema", "thinkingConfig",
)  # fmt: skip
_FORMAT: tuple[str, ...] = ("responseMimeType", "responseSchema", "responseJsonSchema")
_JSON = "application/json"


def parse_request(body: Body) -> Request:
    """`body` with the `model` and the `stream` that the path named. Raises BadRequest naming the field."""
    raw = members(body, "")
    if not raw.get("contents"):
        raise BadRequest("contents", "a list of contents is expected")
    config = members(raw.get(CONFIG, {}), CONFIG)
    choice, choice_extras = parse_tool_config(raw.get("toolConfig"))
    reasoning, thinking_extras = _reasoning(config)
    form, form_extras = _format(config)
    extras = without(raw, *_KNOWN) | dotted(CONFIG, without(config, *_SETTINGS))
    if isinstance(raw.get(SYSTEM), dict):
        extras |= dotted(SYSTEM, without(members(raw[SYSTEM], SYSTEM), "role", "parts"))
    return Request(
        dialect=GEMINI,
        model=text(raw, "model") or "",
        messages=parse_system(raw.get("systemInstruction")) + parse_contents(raw["contents"]),
        tools=parse_tools(raw.get("tools")),
        tool_choice=choice,
        stream=raw.get("stream") is True,
        max_tokens=whole(config, "maxOutputTokens", CONFIG),
        temperature=_number(config, "temperature"),
        top_p=_number(config, "topP"),
        top_k=whole(config, "topK", CONFIG),
        stop=_stops(config),
        reasoning=reasoning,
        format=form,
        extras=extras | choice_extras | thinking_extras | form_extras,
    )


def _number(config: Body, key: str) -> float | None:
    try:
        return number(config, key)
    except BadRequest as error:
        raise BadRequest(f"{CONFIG}.{error.path}", error.expected) from error


def _stops(config: Body) -> tuple[str, ...]:
    path = f"{CONFIG}.stopSequences"
    return tuple(as_str(stop, f"{path}[{n}]") for n, stop in enumerate(as_list(config.get("stopSequences", []), path)))


def _reasoning(config: Body) -> tuple[Reasoning | None, Body]:
    """A budget of 0 turns thinking off, and -1 leaves the amount to the model. Asking for the thoughts to be shown is
    what Responses calls a summary."""
    if "thinkingConfig" not in config:
        return None, {}
    raw = members(config["thinkingConfig"], THINKING)
    others = without(raw, "thinkingLevel", "thinkingBudget", "includeThoughts")
    word = optional(raw, "thinkingLevel", str, "a string", THINKING)
    level = effort_of(word)
    if word is not None and level is None and not word.endswith("_UNSPECIFIED"):
        # a level that is newer than this table: its own provider may know it
        others["thinkingLevel"] = word
    budget = whole(raw, "thinkingBudget", THINKING)
    shown = optional(raw, "includeThoughts", bool, "true or false", THINKING)
    found = Reasoning(
        effort=level,
        budget=budget if budget is not None and budget > 0 else None,
        enabled=None if budget is None else budget != 0,
        adaptive=budget == -1,
        summary="auto" if shown else None,
    )
    return found, dotted(THINKING, others)


def _format(config: Body) -> tuple[Format | None, Body]:
    """Structured output; a MIME type that is not JSON stays with its schema in the extras."""
    kind = optional(config, "responseMimeType", str, "a string", CONFIG)
    schema = config.get("responseJsonSchema", config.get("responseSchema"))
    if kind not in (None, _JSON):
        kept: Body = {} if kind == "text/plain" else {key: config[key] for key in _FORMAT if key in config}
        return None, dotted(CONFIG, kept)
    if schema is None:
        return (None if kind is None else Format()), {}
    return Format(from_gemini(as_dict(schema, f"{CONFIG}.responseSchema"))), {}
