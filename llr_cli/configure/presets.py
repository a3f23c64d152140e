"""What is known of the usual providers: where they are, what they speak, which variable holds the key.

Sources: the providers' documentation of their OpenAI- and Anthropic-compatible layers, and public tables made from it,
as of November 2026. A format is listed only where it is documented; no entry was tried with a real key, which is what
`llr config provider test` is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHAT, RESPONSES, CLAUDE, GEMINI = "openai", "openai-responses", "claude", "gemini"


@dataclass(frozen=True, slots=True)
class Preset:
    """`bases` are by format, the preferred format first. `env` is the variable that holds the key, None where none
    is asked for; `listing` is where the models are listed. `bearer`: its Messages layer wants a bearer token."""

    id: str
    name: str
    bases: Mapping[str, str]
    env: str | None
    listing: str
    synonyms: tuple[str, ...] = ()
    bearer: bool = False
    kind: str = ""
    # variables that the provider's own tools read too
    also: tuple[str, ...] = field(default=())

    @property
    def local(self) -> bool:
        return any("//localhost" in base for base in self.bases.values())

    def flags(self, *, key: bool) -> dict[str, Any]:
        """As flags of `upsert-provider`; with `key` the variable of the key is among them."""
        bases = dict.fromkeys(self.bases.values())
        found: dict[str, Any] = {"provider-id": self.id, "name": self.name, "formats": list(self.bases)}
        if self.kind:
            found["type"] = self.kind
        if len(bases) == 1:
            found["base-url"] = next(iter(bases))
        else:
            found["endpoints-by-format"] = dict(self.bases)
        if self.bearer and CLAUDE in self.bases:
            found["auth-by-format"] = {CLAUDE: {"type": "bearer"}}
        if key and self.env is not None:
            found["api-key-env"] = self.env
        return found


def _one(base: str, *formats: str) -> Mapping[str, str]:
    return dict.fromkeys(formats, base)


PRESETS: tuple[Preset, ...] = (
    Preset(
        "openai",
        "OpenAI",
        _one("https://api.openai.com/v1", RESPONSES, CHAT),
        "OPENAI_API_KEY",
        "https://api.openai.com/v1/models",
    ),
    Preset(
        "anthropic",
        "Anthropic",
        _one("https://api.anthropic.com", CLAUDE),
        "ANTHROPIC_API_KEY",
        "https://api.anthropic.com/v1/models",
        ("claude",),
    ),
    Preset(
        "gemini",
        "Google Gemini",
        _one("https://generativelanguage.googleapis.com", GEMINI),
        "GEMINI_API_KEY",
        "https://generativelanguage.googleapis.com/v1beta/models",
        ("google", "google-gemini"),
        also=("GOOGLE_API_KEY",),
    ),
    Preset(
        "openrouter",
        "OpenRouter",
        {CHAT: "https://openrouter.ai/api/v1", CLAUDE: "https://openrouter.ai/api"},
        "OPENROUTER_API_KEY",
        "https://openrouter.ai/api/v1/models",
        bearer=True,
    ),
    Preset(
        "groq",
        "Groq",
        _one("https://api.groq.com/openai/v1", CHAT),
        "GROQ_API_KEY",
        "https://api.groq.com/openai/v1/models",
    ),
    Preset(
        "zai",
        "Z.AI",
        {CHAT: "https://api.z.ai/api/paas/v4", CLAUDE: "https://api.z.ai/api/anthropic"},
        "ZAI_API_KEY",
        "https://api.z.ai/api/paas/v4/models",
        ("z.ai", "z-ai", "glm", "zhipu"),
        bearer=True,
    ),
    Preset(
        "zai-coding",
        "Z.AI Coding Plan",
        {CHAT: "https://api.z.ai/api/coding/paas/v4", CLAUDE: "https://api.z.ai/api/anthropic"},
        "ZAI_API_KEY",
        "https://api.z.ai/api/coding/paas/v4/models",
        bearer=True,
    ),
    Preset(
        "zai-china",
        "Zhipu (China)",
        {CHAT: "https://open.bigmodel.cn/api/paas/v4", CLAUDE: "https://open.bigmodel.cn/api/anthropic"},
        "ZHIPU_API_KEY",
        "https://open.bigmodel.cn/api/paas/v4/models",
        ("bigmodel",),
        bearer=True,
    ),
    Preset(
        "deepseek",
        "DeepSeek",
        {CHAT: "https://api.deepseek.com", CLAUDE: "https://api.deepseek.com/anthropic"},
        "DEEPSEEK_API_KEY",
        "https://api.deepseek.com/models",
    ),
    Preset(
        "mistral",
        "Mistral",
        _one("https://api.mistral.ai/v1", CHAT),
        "MISTRAL_API_KEY",
        "https://api.mistral.ai/v1/models",
    ),
    Preset(
        "xai",
        "xAI",
        _one("https://api.x.ai/v1", RESPONSES, CHAT),
        "XAI_API_KEY",
        "https://api.x.ai/v1/models",
        ("x.ai", "grok"),
    ),
    Preset(
        "moonshot",
        "Moonshot",
        {CHAT: "https://api.moonshot.ai/v1", CLAUDE: "https://api.moonshot.ai/anthropic"},
        "MOONSHOT_API_KEY",
        "https://api.moonshot.ai/v1/models",
        ("kimi",),
        bearer=True,
    ),
    Preset(
        "minimax",
        "MiniMax",
        {CLAUDE: "https://api.minimax.io/anthropic", CHAT: "https://api.minimax.io/v1"},
        "MINIMAX_API_KEY",
        "https://api.minimax.io/v1/models",
        bearer=True,
    ),
    Preset(
        "together",
        "Together AI",
        _one("https://api.together.xyz/v1", CHAT),
        "TOGETHER_API_KEY",
        "https://api.together.xyz/v1/models",
        ("togetherai",),
    ),
    Preset(
        "fireworks",
        "Fireworks AI",
        {CHAT: "https://api.fireworks.ai/inference/v1", CLAUDE: "https://api.fireworks.ai/inference"},
        "FIREWORKS_API_KEY",
        "https://api.fireworks.ai/inference/v1/models",
        bearer=True,
    ),
    Preset(
        "cerebras",
        "Cerebras",
        _one("https://api.cerebras.ai/v1", CHAT),
        "CEREBRAS_API_KEY",
        "https://api.cerebras.ai/v1/models",
    ),
    Preset(
        "dashscope",
        "Alibaba Qwen",
        _one("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", CHAT),
        "DASHSCOPE_API_KEY",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/models",
        ("qwen", "alibaba"),
    ),
    Preset(
        "ollama",
        "Ollama",
        _one("http://localhost:11434/v1", CHAT, CLAUDE),
        None,
        "http://localhost:11434/v1/models",
        kind="ollama",
    ),
    Preset(
        "lm-studio",
        "LM Studio",
        _one("http://localhost:1234/v1", CHAT, RESPONSES, CLAUDE),
        None,
        "http://localhost:1234/v1/models",
        ("lmstudio",),
    ),
    Preset(
        "vllm",
        "vLLM",
        _one("http://localhost:8000/v1", CHAT, RESPONSES, CLAUDE),
        None,
        "http://localhost:8000/v1/models",
    ),
    Preset(
        "llama-cpp",
        "llama.cpp",
        _one("http://localhost:8080/v1", CHAT),
        None,
        "http://localhost:8080/v1/models",
        ("llama-server", "llamacpp"),
    ),
)  # fmt: skip


def preset(name: str) -> Preset | None:
    """The preset of this name or synonym."""
    name = name.strip().lower()
    return next((each for each in PRESETS if name == each.id or name in each.synonyms), None)


def preset_of(url: str) -> Preset | None:
    """The preset that has this base URL, or one on the same host."""
    from urllib.parse import urlsplit

    host = urlsplit(url).netloc.rpartition("@")[2]
    exact = [each for each in PRESETS if url.rstrip("/") in each.bases.values()]
    same = [each for each in PRESETS if any(urlsplit(base).netloc == host for base in each.bases.values())]
    return next(iter([*exact, *same]), None)
