"""`generationConfig` of a Gemini request. Source: Gemini API reference, "GenerationConfig"; "Thinking"; "Structured
output".

Thoughts are counted inside `maxOutputTokens`, and models think unless they are told not to.
"""

import re
from typing import Any

from addons.core import effort as efforts
from addons.core.model import DialectName, Loss, Reasoning, Request
from addons.core.traits import Traits
from addons.dialects._gemini_schema import as_documented, as_json_schema, has_bare_object, value_for_gemini
from addons.dialects.base import Body

MAX_STOPS = 5
HOTTEST = 2.0
# "the supported range is from 1 (inclusive) to 65537 (exclusive)", as the service refuses more
LONGEST, LONGEST_OF_OLDEST = 65_536, 8_192
JSON = "application/json"

# no reasoners, whatever their family
THOUGHTLESS = re.compile(r".*(image|tts|audio|live)", re.IGNORECASE)
# (model, the least budget, the greatest), first match wins. Source: "Thinking", the table of budgets
BUDGETS: tuple[tuple[re.Pattern[str], int, int], ...] = (
    (re.compile(r".*gemini-2\.5-pro"), 128, 32_768),
    (re.compile(r".*gemini-2\.5-flash-lite"), 0, 24_576),
    (re.compile(r".*gemini-2\.5-flash|.*gemini-flash"), 0, 24_576),
    (re.compile(r".*gemini-3.*pro|.*gemini-pro"), 128, 32_768),
)
LEAST, GREATEST = 0, 24_576
# the flash-lite models refuse a budget below this one (but not 0)
LITE = re.compile(r".*gemini-2\.5-flash-lite")
LITE_LEAST = 512
# these take schemas in Gemini's own form only
OLDEST = re.compile(r"(?:.*[/.])?gemini-(?:1|2\.0)", re.IGNORECASE)
# an answer this short has no room for thoughts that nobody asked for
SHORT = 2048


def config(request: Request, model: Traits, losses: list[Loss], schema: bool = True) -> Body:
    """The whole object; `schema` False: the format is taken care of elsewhere."""
    out = _sampling(request, model, losses)
    out |= _limit(request, model, losses)
    stops = [stop for stop in request.stop if stop]
    if stops:
        out["stopSequences"] = stops[:MAX_STOPS]
    if len(stops) > MAX_STOPS:
        losses.append(Loss("stop", f"only {MAX_STOPS} stop sequences are taken"))
    if request.format is not None and schema:
        out |= _format(request, model, losses)
    thinking = _thinking(request, model, losses)
    return {**out, "thinkingConfig": thinking} if thinking else out


def _limit(request: Request, model: Traits, losses: list[Loss]) -> Body:
    """Anthropic's newest models write more at once than any Gemini does, and their clients ask for it."""
    wanted = request.max_tokens
    if wanted is None:
        return {}
    longest = LONGEST_OF_OLDEST if OLDEST.match(model.id) else LONGEST
    if wanted > longest and request.dialect is not DialectName.GEMINI:
        losses.append(Loss("max_tokens", f"{longest} is the highest value"))
        return {"maxOutputTokens": longest}
    return {"maxOutputTokens": wanted}


def _sampling(request: Request, model: Traits, losses: list[Loss]) -> Body:
    out: Body = {}
    settings: tuple[tuple[str, str, Any], ...] = (
        ("temperature", "temperature", request.temperature),
        ("topP", "top_p", request.top_p),
        ("topK", "top_k", request.top_k),
    )
    for name, path, value in settings:
        if value is None:
            continue
        if not model.sampling:
            losses.append(Loss(path, f"{model.id} does not take it"))
        elif name == "temperature" and value > HOTTEST and request.dialect is not DialectName.GEMINI:
            out[name] = HOTTEST
            losses.append(Loss(path, f"{HOTTEST} is the highest value"))
        else:
            out[name] = value
    return out


def _format(request: Request, model: Traits, losses: list[Loss]) -> Body:
    """As JSON Schema where every keyword is documented for it, else in Gemini's own schema."""
    wanted = request.format
    if wanted is None or wanted.schema is None:
        return {"responseMimeType": JSON}
    oldest = OLDEST.match(model.id)
    plain = None if oldest else as_documented(wanted.schema)
    if plain:
        return {"responseMimeType": JSON, "responseJsonSchema": plain}
    body = value_for_gemini(wanted.schema, losses, "format")
    if has_bare_object(body) and not oldest:
        return {"responseMimeType": JSON, "responseJsonSchema": as_json_schema(body)}
    return {"responseMimeType": JSON, "responseSchema": body}


def _thinking(request: Request, model: Traits, losses: list[Loss]) -> Body:
    wanted = request.reasoning or _short(request, model)
    if wanted is None:
        return {}
    if model.thinking == "none":
        if request.reasoning is not None and not _off(wanted):
            losses.append(Loss("reasoning", f"{model.id} does not think"))
        return {}
    if request.dialect is DialectName.GEMINI:
        amount = _own(wanted, model)
    elif model.thinking == "level":
        amount = _level(wanted, request, model)
    else:
        amount = _budget(wanted, request, model)
    shown = wanted.summary is not None if request.dialect is DialectName.GEMINI else not _off(wanted)
    return {**amount, "includeThoughts": True} if shown else amount


def _short(request: Request, model: Traits) -> Reasoning | None:
    """Other dialects' clients that ask for a short answer and for no thoughts want the answer."""
    thinks = model.thinking in ("budget", "level") and not THOUGHTLESS.match(model.id)
    short = request.max_tokens is not None and request.max_tokens <= SHORT
    return Reasoning(effort="none") if thinks and short and request.dialect is not DialectName.GEMINI else None


def _off(reasoning: Reasoning) -> bool:
    return reasoning.enabled is False or reasoning.effort == "none"


def _own(wanted: Reasoning, model: Traits) -> Body:
    """As the client said it, though the model may be of another generation than the client thinks."""
    if wanted.adaptive:
        return {"thinkingBudget": -1}
    if wanted.effort is not None and model.thinking == "level":
        return {"thinkingLevel": efforts.clamp(wanted.effort, model.efforts)}
    if wanted.effort is not None and wanted.budget is None:
        return {"thinkingBudget": _within(efforts.budget(wanted, GREATEST) or 0, model)}
    if wanted.budget is not None:
        return {"thinkingBudget": wanted.budget}
    return {"thinkingBudget": 0} if wanted.enabled is False else {}


def _level(wanted: Reasoning, request: Request, model: Traits) -> Body:
    """No level is none: the lowest is the nearest."""
    level = efforts.effort(wanted, request.max_tokens)
    return {} if level is None else {"thinkingLevel": efforts.clamp(level, model.efforts)}


def _budget(wanted: Reasoning, request: Request, model: Traits) -> Body:
    if _off(wanted):
        return {"thinkingBudget": _within(0, model)}
    if wanted.adaptive and wanted.effort is None and wanted.budget is None:
        return {"thinkingBudget": -1}
    if wanted.effort is None and wanted.budget is None:
        return {}
    limit = request.max_tokens or model.max_output
    return {"thinkingBudget": _within(efforts.budget(wanted, limit) or 0, model)}


def _within(tokens: int, model: Traits) -> int:
    least, greatest = next(
        ((low, high) for family, low, high in BUDGETS if family.match(model.id.lower())), (LEAST, GREATEST)
    )
    if tokens and LITE.match(model.id.lower()):
        least = LITE_LEAST
    return max(least, min(tokens, greatest))
