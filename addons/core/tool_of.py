"""Which coding tool a request comes from, by what it says of itself.

Sources: recordings of the tools named here (AMP's bundled SDKs have minified names, so its paths and headers tell).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Sign:
    """The first sign that fits names the tool: `path` is a prefix, `header` must be there, `agent` and `originator`
    are patterns of User-Agent and Originator."""

    tool: str
    path: str | None = None
    header: str | None = None
    agent: re.Pattern[str] | None = None
    originator: re.Pattern[str] | None = None

    def is_shown(self, path: str, headers: Mapping[str, str]) -> bool:
        """By what is there."""
        return (self.path is not None and path.startswith(self.path)) or (
            self.header is not None and self.header in headers
        )

    def is_named(self, agent: str, originator: str) -> bool:
        """By what the tool calls itself."""
        return (self.agent is not None and self.agent.match(agent) is not None) or (
            self.originator is not None and self.originator.match(originator) is not None
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
    Sign("llr", agent=_words(r"llr[-/]")),  # its own commands, which ask whether it answers
)
UNKNOWN = "unknown"
KEPT = 256  # names of tools that are known again

_SHOWN = tuple((place, sign) for place, sign in enumerate(SIGNS) if sign.path is not None or sign.header is not None)


def tool_of(path: str, headers: Mapping[str, str]) -> str:
    """The tool's name; `unknown` when nothing tells. `headers` have lower-case names."""
    named = _named(headers.get("user-agent", ""), headers.get("originator", ""))
    place = next((place for place, sign in _SHOWN if place < named and sign.is_shown(path, headers)), named)
    return SIGNS[place].tool if place < len(SIGNS) else UNKNOWN


@lru_cache(maxsize=KEPT)
def _named(agent: str, originator: str) -> int:
    """The place of the first sign by which a tool of these names is known; else behind the last one."""
    return next((place for place, sign in enumerate(SIGNS) if sign.is_named(agent, originator)), len(SIGNS))
