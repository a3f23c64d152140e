"""The environment variables that tune a plan. Source: the predecessor's names (they had no effect in its local
server); a value out of range counts as the nearest one within, with a warning."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from addons.config.fields import CONTROL, NO_BLANK_KEY
from addons.config.findings import Findings
from addons.core.cooldowns import KNOBS as COOLDOWNS
from addons.core.cooldowns import Policy
from addons.core.plan import Deadlines, Plan, RetryPolicy

MASTER_KEY = "LLM_ROUTER_MASTER_KEY"
DAY_MS = 86_400_000
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Knob:
    """A whole number within bounds."""

    name: str
    low: int
    high: int


ATTEMPTS = Knob("LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS", 1, 10)
BASE_DELAY = Knob("LLM_ROUTER_ORIGIN_RETRY_BASE_DELAY_MS", 0, DAY_MS)
MAX_DELAY = Knob("LLM_ROUTER_ORIGIN_RETRY_MAX_DELAY_MS", 0, DAY_MS)
TIMEOUT = Knob("LLM_ROUTER_UPSTREAM_TIMEOUT_MS", 1, DAY_MS)
KEEPALIVE = Knob("LLM_ROUTER_KEEPALIVE_MS", 0, DAY_MS)
MAX_BODY = Knob("LLM_ROUTER_MAX_REQUEST_BODY_BYTES", 4096, 2**40)
RESPONSES_AGE = Knob("LLM_ROUTER_RESPONSES_TTL_MS", 0, 30 * DAY_MS)
RESPONSES_BYTES = Knob("LLM_ROUTER_RESPONSES_MAX_BYTES", 0, 2**40)
ACTIVITY_BYTES = Knob("LLM_ROUTER_ACTIVITY_LOG_MAX_BYTES", 4096, 2**40)
ACTIVITY_KEEP = Knob("LLM_ROUTER_ACTIVITY_LOG_KEEP", 0, 1000)
LARGE_REQUEST = Knob("LLM_ROUTER_LARGE_REQUEST_LOG_THRESHOLD_BYTES", 1024, 2**40)
LARGE_REQUEST_BYTES = 20 * 1024 * 1024


def master_key(env: Mapping[str, str], findings: Findings) -> str | None:
    """The key that replaces the document's; a blank one is a problem and not "none" (promise 38)."""
    value = env.get(MASTER_KEY)
    if value is None:
        return None
    key = value.strip()
    if not key or CONTROL.search(key):
        findings.problems.append(f"{MASTER_KEY}: {NO_BLANK_KEY}" if not key else f"{MASTER_KEY}: expected one line")
    return key


def retry(env: Mapping[str, str], findings: Findings) -> RetryPolicy:
    default = RetryPolicy()
    return RetryPolicy(
        attempts=int(_number(env, ATTEMPTS, default.attempts, findings)),
        base=_number(env, BASE_DELAY, default.base * 1000, findings) / 1000,
        cap=_number(env, MAX_DELAY, default.cap * 1000, findings) / 1000,
        policy_fallback=env.get("LLM_ROUTER_ALLOW_POLICY_FALLBACK", "").strip().lower() in _YES,
    )


def cooldowns(env: Mapping[str, str], findings: Findings) -> Policy:
    """How long what rests after which failure."""
    default = Policy()
    found: dict[str, Any] = {}
    for name, field in COOLDOWNS.items():
        was = getattr(default, field)
        if name.endswith("_MS"):
            found[field] = _number(env, Knob(name, 0, DAY_MS), was * 1000, findings) / 1000
        else:
            found[field] = int(_number(env, Knob(name, 0, 1000), was, findings))
    return replace(default, **found)


def deadlines(env: Mapping[str, str], findings: Findings) -> Deadlines:
    """What holds for providers without `deadlines` of their own."""
    default = Deadlines()
    first_event = _number(env, TIMEOUT, default.first_event * 1000, findings) / 1000
    return Deadlines(default.connect, first_event, default.idle)


def max_body(env: Mapping[str, str], findings: Findings) -> int:
    return int(_number(env, MAX_BODY, Plan().max_body, findings))


def keepalive(env: Mapping[str, str], findings: Findings) -> float:
    return _number(env, KEEPALIVE, Plan().keepalive * 1000, findings) / 1000


def responses_age(env: Mapping[str, str], findings: Findings) -> float:
    """How long an answered conversation can be continued by its id; 0: not at all."""
    return _number(env, RESPONSES_AGE, Plan().responses_age * 1000, findings) / 1000


def responses_bytes(env: Mapping[str, str], findings: Findings) -> int:
    """What all of these conversations may take."""
    return int(_number(env, RESPONSES_BYTES, Plan().responses_bytes, findings))


def activity(env: Mapping[str, str], configured: bool) -> bool:
    """Whether requests are logged; the variable decides over the document."""
    word = env.get("LLM_ROUTER_ACTIVITY_LOG", "").strip().lower()
    return word in _YES or (configured and word not in _NO)


def activity_bytes(env: Mapping[str, str], findings: Findings) -> int:
    """The size at which the log is rotated."""
    return int(_number(env, ACTIVITY_BYTES, Plan().activity_bytes, findings))


def activity_keep(env: Mapping[str, str], findings: Findings) -> int:
    """How many rotated files of the log stay."""
    return int(_number(env, ACTIVITY_KEEP, Plan().activity_keep, findings))


def large_requests(env: Mapping[str, str], findings: Findings) -> int | None:
    """From how many bytes on the shape of a body is logged; None: it never is."""
    if env.get("LLM_ROUTER_LOG_LARGE_REQUESTS", "").strip().lower() not in _YES:
        return None
    threshold, most = int(_number(env, LARGE_REQUEST, LARGE_REQUEST_BYTES, findings)), max_body(env, Findings())
    if threshold > most:
        findings.warnings.append(f"{LARGE_REQUEST.name}: no body has {threshold} bytes, for {MAX_BODY.name} is {most}")
    return threshold


def debug(env: Mapping[str, str]) -> bool:
    names = ("LLM_ROUTER_DEBUG_ROUTING", "LLM_ROUTER_DEBUG")
    return any(env.get(name, "").strip().lower() in _YES for name in names)


def websocket(env: Mapping[str, str]) -> bool:
    return env.get("LLM_ROUTER_WEBSOCKET", "").strip().lower() not in _NO


def fetches(env: Mapping[str, str]) -> bool:
    return env.get("LLM_ROUTER_FETCH_URLS", "").strip().lower() not in _NO


def _number(env: Mapping[str, str], knob: Knob, default: float, findings: Findings) -> float:
    text = env.get(knob.name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", text):
        findings.warnings.append(f"{knob.name}: expected a number, got {text[:40]!r}; {default:g} is used")
        return default
    value = min(max(float(text), knob.low), knob.high)
    if value != float(text):
        findings.warnings.append(f"{knob.name}: expected {knob.low} to {knob.high}, got {text}; {value:g} is used")
    return value
