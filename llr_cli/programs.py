"""How a coding tool is told of the router for one run, without touching a file: by variables and options.

Sources: the tools' documentation, and what the installed versions do (see the tests with the real tools).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KEY_VARIABLE = "LLR_API_KEY"
# what the tools' own providers would be reached by, past the router
_PAST = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "ANTHROPIC_SMALL_FAST_MODEL")


@dataclass(frozen=True, slots=True)
class Router:
    """Where the router is and what it wants; `demands` says whether it insists on its key. `model` is what the tool
    shall ask for, `models` what it may be shown; `proxy` and `bundle` are there when the tool's own hosts are
    intercepted."""

    url: str
    key: str
    model: str | None = None
    models: tuple[str, ...] = ()
    proxy: str | None = None
    bundle: Path | None = None
    demands: bool = False


type Options = Callable[[Router, Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Program:
    """`variables` are set to the router's URL and what is added to it, `keys` to its key, `models` to the model;
    `options` come right after the program's name; `gone` are taken out of the environment. `made` makes further
    variables."""

    variables: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    # its account goes on being asked for what is no model's business
    has_account: bool = False
    options: Options = lambda router, words: []
    made: Callable[[Router], dict[str, str]] = lambda router: {}
    # nobody knows how it is told: whatever it asks of the vendors' hosts is taken, too
    intercepted: bool = False


def _claude(router: Router, words: Sequence[str]) -> list[str]:
    """Its own settings win over the environment, and these win over its settings."""
    if any(word.partition("=")[0] == "--settings" for word in words):
        return []
    env = {"ANTHROPIC_BASE_URL": f"{router.url}/anthropic"}
    if router.model is not None:
        env |= dict.fromkeys(_CLAUDE_MODELS, router.model)
    return ["--settings", json.dumps({"env": env})]


def _codex(router: Router, words: Sequence[str]) -> list[str]:
    """A provider of its own, for which no login is needed."""
    url = f"{router.url}/openai/v1"
    provider = f'{{name="llr",base_url="{url}",wire_api="responses",env_key="{KEY_VARIABLE}"}}'
    model = [] if router.model is None else ["-c", f"model={json.dumps(router.model)}"]
    return ["-c", f"model_providers.llr={provider}", "-c", 'model_provider="llr"', *model]


def _opencode(router: Router) -> dict[str, str]:
    names = dict.fromkeys([*([router.model] if router.model else []), *router.models])
    options = {"baseURL": f"{router.url}/openai/v1", "apiKey": router.key}
    models = {name: {"name": name} for name in names}
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "llr", "options": options, "models": models}
    value: dict[str, object] = {"provider": {"llr": provider}}
    if names:
        value |= {"model": f"llr/{next(iter(names))}"}
    return {"OPENCODE_CONFIG_CONTENT": json.dumps(value)}


_CLAUDE_MODELS = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
)

PROGRAMS: Mapping[str, Program] = {
    "claude": Program(
        {"ANTHROPIC_BASE_URL": "/anthropic"},
        ("ANTHROPIC_AUTH_TOKEN",),
        _CLAUDE_MODELS,
        ("ANTHROPIC_API_KEY", *_PAST),
        options=_claude,
    ),
    "codex": Program(keys=(KEY_VARIABLE,), options=_codex),
    "amp": Program({"AMP_URL": ""}, ("AMP_API_KEY",), has_account=True),
    "gemini": Program({"GOOGLE_GEMINI_BASE_URL": ""}, ("GEMINI_API_KEY",), ("GEMINI_MODEL",), ("GOOGLE_API_KEY",)),
    "qwen": Program(
        {"OPENAI_BASE_URL": "/openai/v1"},
        ("OPENAI_API_KEY",),
        ("OPENAI_MODEL",),
        options=lambda router, words: [] if "--auth-type" in words else ["--auth-type", "openai"],
    ),
    "opencode": Program(made=_opencode),
    "aider": Program(
        {"OPENAI_API_BASE": "/openai/v1"},
        ("OPENAI_API_KEY",),
        made=lambda router: {} if router.model is None else {"AIDER_MODEL": f"openai/{router.model}"},
    ),
}
ANY = Program(
    {
        "OPENAI_BASE_URL": "/openai/v1",
        "OPENAI_API_BASE": "/openai/v1",
        "ANTHROPIC_BASE_URL": "/anthropic",
        "GOOGLE_GEMINI_BASE_URL": "",
    },
    ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"),
    ("OPENAI_MODEL", "ANTHROPIC_MODEL", "GEMINI_MODEL"),
    intercepted=True,
)
# who reads which: Node, OpenSSL with Python and Go, Codex, requests, curl
_BUNDLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CODEX_CA_CERTIFICATE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LOCAL = "127.0.0.1,localhost,::1"


def program(words: Sequence[str]) -> Program:
    """What is known of the program that `words` begin with."""
    name = Path(words[0]).name.lower()
    return PROGRAMS.get(name.removesuffix(".exe").removesuffix(".cmd"), ANY)


def told(words: Sequence[str], env: Mapping[str, str], router: Router) -> tuple[list[str], dict[str, str]]:
    """`words` and their environment, so that the tool asks the router; when its own hosts are intercepted, a known tool
    keeps its settings and its login."""
    known = program(words)
    made = {name: value for name, value in env.items() if router.proxy is not None or name not in known.gone}
    said = [*words]
    if router.proxy is None or known is ANY:
        made |= {name: f"{router.url}{path}" for name, path in known.variables.items()}
        keeps = known.has_account and not router.demands
        made |= {name: router.key for name in known.keys if not (keeps and env.get(name))}
        made |= known.made(router)
        if router.model is not None:
            made |= dict.fromkeys(known.models, router.model)
        said[1:1] = known.options(router, words)
    if router.proxy is not None:
        made |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), router.proxy)
        made |= dict.fromkeys(_BUNDLES, str(router.bundle))
        made["NODE_USE_ENV_PROXY"] = "1"
    # the way to this machine leads through no proxy
    past = ",".join(filter(None, (env.get("NO_PROXY") or env.get("no_proxy"), _LOCAL)))
    return said, {**made, "NO_PROXY": past, "no_proxy": past}
