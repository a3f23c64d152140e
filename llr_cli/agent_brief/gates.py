"""Which coding tools could be connected now: what each of them needs of the router is really asked for.

Nothing is sent to a provider: the model lists are the router's own, and the question to the Responses endpoint is one
that it refuses before it looks for anybody to answer.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from addons.edge.probe import connection
from llr_cli.doctor.checks import Subject

type Gate = Literal["ready", "blocked", "pending-live-test", "blocked-auth", "blocked-responses-endpoint-missing"]

HEALTH = "GET /health"
RESPONSES = "POST /openai/v1/responses"
# name → method, path, headers, body
PROBES: Mapping[str, tuple[str, str, Mapping[str, str], bytes | None]] = {
    HEALTH: ("GET", "/health", {}, None),
    "GET /openai/v1/models": ("GET", "/openai/v1/models", {}, None),
    "GET /anthropic/v1/models": ("GET", "/anthropic/v1/models", {"anthropic-version": "2023-06-01"}, None),
    "GET /v1beta/models": ("GET", "/v1beta/models", {}, None),
    RESPONSES: ("POST", "/openai/v1/responses", {"content-type": "application/json"}, b"{"),
}
# gate → the probes that have to succeed; every gate has a tool of `llr tools` (the last word)
GATES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "patch_gate_claude_code": ((HEALTH, "GET /anthropic/v1/models"), "claude-code"),
    "patch_gate_opencode": ((HEALTH, "GET /openai/v1/models"), "opencode"),
    "patch_gate_codex_cli": ((HEALTH, "GET /openai/v1/models", RESPONSES), "codex"),
    "patch_gate_factory_droid": ((HEALTH, "GET /openai/v1/models"), "factory"),
    "patch_gate_amp": ((HEALTH, "GET /anthropic/v1/models"), "amp"),
    "patch_gate_gemini_cli": ((HEALTH, "GET /v1beta/models"), "gemini"),
    "patch_gate_qwen_code": ((HEALTH, "GET /openai/v1/models"), "qwen"),
}
MODELS = ("data", "models")
REFUSED = frozenset({401, 403})
MISSING = frozenset({404, 405, 501})
# a body that is no JSON: whoever says so is there
UNREADABLE = 400
LIMIT_BYTES = 4 * 1024 * 1024
# who asks, as the activity log has it
AGENT = "llr-ai-help/1"


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probes were answered with (`statuses`; 0: nothing) and which gates that leaves open."""

    gates: Mapping[str, Gate]
    statuses: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, int] = field(default_factory=dict)


def probed(subject: Subject, seconds: float, token: str | None, *, skip: bool = False) -> Probed:
    """Asks whatever listens at the subject's port. The masterKey is shown to a router of this person alone; `token` to
    whoever is there."""
    if skip:
        return Probed(dict.fromkeys(GATES, "pending-live-test"))
    own = subject.plan.master_key if subject.plan is not None and subject.instance is not None else None
    key = token or own
    statuses: dict[str, int] = {}
    models: dict[str, int] = {}
    for name, (method, path, headers, body) in PROBES.items():
        sent = {"user-agent": AGENT, **headers, **({"authorization": f"Bearer {key}"} if key else {})}
        status, found = _asked(subject, method, path, sent, body, seconds)
        statuses[name] = status
        models[name] = _count(found)
        if name == HEALTH and status != 200:
            break
    gates = {gate: _gate(wanted, statuses, models) for gate, (wanted, _) in GATES.items()}
    return Probed(gates, statuses, models)


def _asked(
    subject: Subject, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float
) -> tuple[int, Any]:
    instance = subject.instance
    host, scheme = ("127.0.0.1", "http") if instance is None else (instance.host, instance.scheme)
    router = connection(host, subject.port, seconds, scheme)
    try:
        router.request(method, path, body, dict(headers))
        answer = router.getresponse()
        return answer.status, json.loads(answer.read(LIMIT_BYTES))
    except (OSError, http.client.HTTPException):
        return 0, None
    except ValueError:
        return 0, None  # not a router
    finally:
        router.close()


def _count(body: Any) -> int:
    if not isinstance(body, dict):
        return 0
    return sum(len(body[name]) for name in MODELS if isinstance(body.get(name), list))


def _gate(wanted: tuple[str, ...], statuses: Mapping[str, int], models: Mapping[str, int]) -> Gate:
    for name in wanted:
        status = statuses.get(name, 0)
        if status in REFUSED:
            return "blocked-auth"
        if name == RESPONSES:
            if status in MISSING:
                return "blocked-responses-endpoint-missing"
            if status != UNREADABLE:
                return "blocked"
        elif status != 200 or (name != HEALTH and not models.get(name)):
            return "blocked"
    return "ready"
