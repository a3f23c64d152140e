"""Which coding tool a request comes from, by what it says of itself.

Sources: recordings of the tools named here (AMP's bundled SDKs have minified names, so its paths and headers tell).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """The first sign that fits names the tool: `path` is a prefix, `header` must be there, `agent` and `originator`
    are patterns of User-Agent and Originator."""

    tool: str
    path: str | None = None
    header: str | None = None
    agent: re.Pattern[str] | None = None
    originator: re.Pattern[str] | None = None

    def fits(self, path: str, headers: Mapping[str, str]) -> bool:
        return (
            (self.path is not None and path.startswith(self.path))
            or (self.header is not None and self.header in headers)
            or (self.agent is not None and self.agent.match(headers.get("user-agent", "")) is not None)
            or (self.originator is not None and self.originator.match(headers.get("originator", "")) is not None)
        )


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


SIGNS: tuple[Sign, ...] = (
    Sign("amp", path="/api/provider/"),
    Sign("amp", path="/publishers/google/"),
    Sign("amp", header="x-amp-thread-id"),
    Sign("amp", header="x-amp-client-application"),
    Sign("claude-code", agent=_words(r"claude-(cli|code)/")),
    Sign("claude-code", header="x-claude-code-session-id"),
    Sign("codex", agent=_words(r"codex[_-]"), originator=_words(r"codex")),
    Sign("gemini-cli", agent=_words(r"geminicli")),
    Sign("qwen-code", agent=_words(r"qwencode")),
    Sign("opencode", agent=_words(r"opencode/|ai-sdk/.*opencode")),
    Sign("factory", agent=_words(r"factory-cli|droid")),
    Sign("aider", agent=_words(r"(aider|litellm)")),
    Sign("pi", agent=_words(r"pi(-coding-agent)?/")),
    Sign("cursor", agent=_words(r"cursor")),
    Sign("anthropic-sdk", agent=_words(r"(async)?anthropic/")),
    Sign("openai-sdk", agent=_words(r"(async)?openai/")),
    Sign("google-sdk", agent=_words(r"google-genai-sdk/")),
    Sign("curl", agent=_words(r"curl/")),
)
UNKNOWN = "unknown"


def tool_of(path: str, headers: Mapping[str, str]) -> str:
    """The tool's name; `unknown` when nothing tells. `headers` have lower-case names."""
    return next((sign.tool for sign in SIGNS if sign.fits(path, headers)), UNKNOWN)
