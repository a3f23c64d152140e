"""The guide itself. Its sections and the names of its values are the predecessor's, so that agents find them."""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from llr_cli.agent_brief.gates import GATES, Probed

VERSION = 2

INTRO = """\
# llr: agent guide v2

llr is an LLM router on this machine. Coding tools ask it at one local address; it sends each request to a provider of
the configuration, translates between the formats of Anthropic, OpenAI (Chat Completions, Responses) and Gemini, keeps
within rate limits, and falls back when a provider fails. You may set it up with the commands below; every one of them
takes --help, most take --json and --dry-run. Exit codes: 0 done, 1 failed, 2 misused.
Never print, read aloud or commit a key; llr masks them, and takes them from a variable or from standard input."""

DISCOVERY = """\
## DISCOVERY COMMANDS
llr status --json                     # running routers, who rests and why, limits, the last requests
llr doctor --json                     # what is wrong, each with its mend (--offline asks no provider)
llr config list --json                # everything that routes, keys masked
llr config validate --json            # whether the file is right, and every problem in it
llr route explain MODEL               # where a name would go, and why; nothing is sent
llr tools status --json               # which coding tools are connected, and what would win over it
llr logs --failed --since 1h --json   # requests that failed
llr stats --since 1d --by model       # tokens, latencies, fallbacks
llr config operations                 # the predecessor's `llr config --operation=NAME`, which works too"""

DECISION = """\
## MODEL/GROUP DECISION INPUT
Before you change what answers, ask the person, or find in the configuration:
1. Which providers do they pay for, and is a key in a variable (name it) or to be typed?
2. Which model is to answer by default, which one when that fails, which one small and cheap?
3. Is there a limit of requests or tokens that must not be passed?
Names that tools ask for can be aliases, globs included: `claude-haiku-*`, `gpt-*`. Strategies: ordered, auto,
round-robin, weighted-rr, quota-aware-weighted-rr, least-latency, least-busy."""

WORKFLOWS = """\
## CONFIG WORKFLOWS
# a provider that llr knows, with the key in a variable
llr config provider presets
llr config provider add openrouter --api-key-env OPENROUTER_API_KEY --models z-ai/glm-5.1
# any other one
llr config provider add ID --base-url https://host/v1 --format openai --api-key-env NAME --models a,b
llr config provider test ID           # calls each model (costs a few tokens)
llr config provider discover ID       # what models it lists
# names of your own
llr config alias add main --targets ID/a --fallbacks ID/b --strategy ordered
llr config default set main
llr config limits set ID --requests 60 --window minute
llr config fallbacks set ID a OTHER/b
# a key that clients have to show
llr config key generate
# always, before and after
llr config validate
A running router takes a changed file by itself within a second; a file with mistakes leaves it as it was.
llr start --detach                    # if none runs; llr stop, llr restart, llr reload
llr reclaim --port PORT               # if the port is taken: names the process, asks before it ends it"""

PLAYBOOK = """\
## CODING TOOL PATCH PLAYBOOK
Connect a tool only when its gate above says ready. Only user-level files are edited, value by value; undo is exact.
llr tools on TOOL --dry-run           # shows the difference
llr tools on TOOL --model REF
llr tools undo TOOL
- Claude Code (claude-code): patch_gate_claude_code. Roles: --role opus=REF --role sonnet=REF --role haiku=REF.
- Codex (codex): patch_gate_codex_cli. It needs the Responses endpoint; context windows go into its model catalogue.
- AMP (amp): patch_gate_amp. Modes and agents: llr config amp route; versions after May 2026 run models on its servers.
- OpenCode (opencode): patch_gate_opencode.
- Factory Droid (factory): patch_gate_factory_droid.
- Gemini CLI (gemini): patch_gate_gemini_cli.
- Qwen Code (qwen): patch_gate_qwen_code.
Without touching a file: llr run -- claude"""

UPDATE = """\
## UPDATE RULE
llr update --check                    # says whether there is something newer; without --check it is installed
Update only when the person asks for it. Routers that run go on as they are until llr restart --all."""


def text(facts: Mapping[str, Any], seen: Probed) -> str:
    """The guide, for reading."""
    parts = (
        INTRO,
        DISCOVERY,
        "## CURRENT STATE\n" + "\n".join(_state(facts)),
        DECISION,
        "## PRE-PATCH API GATE\n" + "\n".join(_gates(seen)),
        "## LIVE TEST COMMANDS\n" + "\n".join(live_tests(facts)),
        WORKFLOWS,
        PLAYBOOK,
        "## NEXT SUGGESTIONS\n" + "\n".join(f"- {each}" for each in suggestions(facts, seen)),
        UPDATE,
    )
    return "\n\n".join(parts) + "\n"


def as_json(facts: Mapping[str, Any], seen: Probed) -> dict[str, Any]:
    return {
        "guide": VERSION,
        "state": dict(facts),
        "gates": dict(seen.gates),
        "tools": {gate: tool for gate, (_, tool) in GATES.items()},
        "probes": {name: {"status": status, "models": seen.models.get(name)} for name, status in seen.statuses.items()},
        "liveTests": list(live_tests(facts)),
        "next": list(suggestions(facts, seen)),
    }


def _state(facts: Mapping[str, Any]) -> Iterable[str]:
    for name, value in facts.items():
        if name == "model_aliases":
            yield f"model_aliases={_said(list(value))}"
            yield f"alias_strategies={_said({each: alias['strategy'] for each, alias in value.items()})}"
        else:
            yield f"{name}={_said(value)}"


def _said(value: Any) -> str:
    # a name with a line break in it must not look like a line of the guide
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value, ensure_ascii=False)


def _gates(seen: Probed) -> Iterable[str]:
    yield "Values: ready, blocked, blocked-auth, blocked-responses-endpoint-missing, pending-live-test."
    for name, status in seen.statuses.items():
        yield f"{name} -> {status or 'no answer'}"
    for gate, value in seen.gates.items():
        yield f"{gate}={value}"


def live_tests(facts: Mapping[str, Any]) -> Iterable[str]:
    """What shows that it works. The first three cost nothing; the last asks a provider."""
    url = facts["local_server_url"]
    key = ' -H "Authorization: Bearer $LLM_ROUTER_MASTER_KEY"' if facts["require_auth"] else ""
    yield f"curl -sS {url}/health"
    yield f"curl -sS{key} {url}/openai/v1/models"
    yield f"curl -sS{key} -H 'anthropic-version: 2023-06-01' {url}/anthropic/v1/models"
    model = _asked_for(facts)
    if model is not None:
        body = json.dumps({"model": model, "input": "Reply with OK."})
        kind = "-H 'content-type: application/json'"
        yield f"curl -sS{key} {kind} -d {shlex.quote(body)} {url}/openai/v1/responses"


def _asked_for(facts: Mapping[str, Any]) -> str | None:
    plain = (each for each in facts["model_aliases"] if not set("*?") & set(each))
    return next(plain, None) or facts["default_model"] or next(iter(facts["models"]), None)


def suggestions(facts: Mapping[str, Any], seen: Probed) -> Iterable[str]:
    """What to do next, the most urgent first."""
    if not facts["config_valid"]:
        yield "The configuration cannot be used: llr config validate; without a file: llr config init"
        return
    if not facts["providers"]:
        yield "No provider is configured: llr config provider presets, then llr config provider add"
    for provider in facts["providers"]:
        if provider["key"] == "missing":
            yield f"{provider['id']} has no key: llr config key set --provider {provider['id']}"
    if facts["models"] and not facts["model_aliases"] and facts["default_model"] is None:
        yield "Tools ask for names of their own: llr config alias add, llr config default set"
    if not facts["local_server_running"]:
        yield "No router runs: llr start --detach"
    blocked = [gate for gate, value in seen.gates.items() if value.startswith("blocked")]
    if facts["local_server_running"] and blocked:
        yield f"{', '.join(blocked)}: llr doctor"
    ready = [GATES[gate][1] for gate, value in seen.gates.items() if value == "ready"]
    if ready:
        yield f"Connect a tool, if the person wants it: llr tools on {ready[0]} --dry-run (ready: {', '.join(ready)})"
    if facts["providers"]:
        yield "Find out whether keys work: llr doctor"
