"""How a coding tool is told where the router is, for one run of it. Sources: the tools' own documentation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

KEY_VARIABLE = "LLR_API_KEY"
# a tool does not start without any key, and a router without a masterKey takes every key
ANY_KEY = "llr"


class Tool(StrEnum):
    AMP = "amp"
    CLAUDE = "claude"
    CODEX = "codex"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Pointing:
    """`variables` are set to the router's URL and what is added to it. `keys` are variables of which one must be set,
    the last one is when none is. `program` needs `options` (made of the URL and whether all is only observed)."""

    names: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    program: str = ""
    options: Callable[[str, bool], list[str]] = lambda url, observed: []


def _codex(url: str, observed: bool) -> list[str]:
    """A provider of its own, for which no login is needed; observed, the login and its provider stay."""
    if observed:
        return ["-c", f'openai_base_url="{url}/v1"']
    provider = f'{{name="llr",base_url="{url}/v1",wire_api="responses",env_key="{KEY_VARIABLE}"}}'
    return ["-c", f"model_providers.llr={provider}", "-c", 'model_provider="llr"']


TOOLS: Mapping[Tool, Pointing] = {
    Tool.CLAUDE: Pointing(
        frozenset({"claude-code"}), {"ANTHROPIC_BASE_URL": ""}, ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
    ),
    Tool.CODEX: Pointing(frozenset({"codex"}), {"OPENAI_BASE_URL": "/v1"}, (KEY_VARIABLE,), "codex", _codex),
    Tool.AMP: Pointing(frozenset({"amp"}), {"AMP_URL": ""}),
    Tool.ANY: Pointing(
        variables={"OPENAI_API_BASE": "/v1", "GOOGLE_GEMINI_BASE_URL": ""}, keys=("OPENAI_API_KEY",)
    ),
}  # fmt: skip


def names_of(tool: Tool) -> frozenset[str]:
    """What the router calls the tool; empty: any."""
    return TOOLS[tool].names


def pointed(
    command: Sequence[str], env: Mapping[str, str], tool: Tool, url: str, key: str | None, *, observed: bool
) -> tuple[list[str], dict[str, str]]:
    """`command` and its environment, so that the tool asks the router at `url`. `key` is the router's, if it wants one;
    a tool that is only observed keeps its own."""
    chosen = list(TOOLS.values()) if tool is Tool.ANY else [TOOLS[tool]]
    words, variables = list(command), dict(env)
    for each in chosen:
        variables |= {name: f"{url}{path}" for name, path in each.variables.items()}
        if not observed and each.keys and (key or not any(env.get(name) for name in each.keys)):
            variables[each.keys[-1]] = key or ANY_KEY
        if each.program and Path(words[0]).name == each.program:
            words[1:1] = each.options(url, observed)
    # the way to this machine leads through no proxy
    variables["NO_PROXY"] = variables["no_proxy"] = ",".join(
        filter(None, (env.get("NO_PROXY") or env.get("no_proxy"), "127.0.0.1,localhost"))
    )
    return words, variables
