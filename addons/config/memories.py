"""Which Responses providers remember what they have answered, as far as their host tells.

`statelessResponses` of a provider or a model says it otherwise. Sources: OpenAI API reference ("Conversation state"),
Azure OpenAI ("Responses API"), xAI ("Stateful responses": 30 days); OpenRouter ("Responses API": stateless), Groq
("Responses API": what is not supported); Codex, whose backend takes `store: false` alone. What runs at home may keep
them or not: vLLM does when it is told to, LM Studio until it ends, Ollama never.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from addons.core.plan import Memory

# by the end of the host's name
HOSTS: Mapping[str, Memory] = {
    "api.openai.com": "keeps",
    "openai.azure.com": "keeps",
    "services.ai.azure.com": "keeps",
    "cognitiveservices.azure.com": "keeps",
    "api.x.ai": "keeps",
    "chatgpt.com": "none",
    "openrouter.ai": "none",
    "api.groq.com": "none",
}


def memory_at(url: str | None) -> Memory:
    """What is known of the provider whose Responses are at `url`; None: it has none."""
    host = (urlsplit(url).hostname or "") if url else ""
    return next((memory for end, memory in HOSTS.items() if host == end or host.endswith(f".{end}")), "unsure")


def memory_of[M: (Memory, None)](stateless: bool | None, default: M) -> Memory | M:
    """What the document says, else `default`."""
    return default if stateless is None else "none" if stateless else "keeps"
