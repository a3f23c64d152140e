"""Specification of addons/core/tool_of.py."""

import pytest

from addons.core.tool_of import SIGNS, UNKNOWN, tool_of

SEEN = [
    ("/v1/messages", {"user-agent": "claude-cli/2.1.329 (external, sdk-cli)"}, "claude-code"),
    ("/v1/messages", {"x-claude-code-session-id": "x"}, "claude-code"),
    ("/v1/responses", {"user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm"}, "codex"),
    ("/v1/responses", {"originator": "codex_exec"}, "codex"),
    ("/api/provider/anthropic/v1/messages", {"user-agent": "AW/JS 0.78.0"}, "amp"),
    ("/v1/messages", {"x-amp-thread-id": "T-1"}, "amp"),
    ("/v1beta/models/m:generateContent", {"user-agent": "GeminiCLI/0.9 (linux; x64)"}, "gemini-cli"),
    ("/v1/chat/completions", {"user-agent": "OpenAI/JS 6.26.0"}, "openai-sdk"),
    ("/v1/messages", {"user-agent": "Anthropic/JS 0.91.1"}, "anthropic-sdk"),
    ("/v1/messages", {"user-agent": "AsyncAnthropic/Python 0.80.0"}, "anthropic-sdk"),
    (
        "/gemini/v1beta/models/m:generateContent",
        {"user-agent": "google-genai-sdk/1.52.0 gl-node/v24.21.0"},
        "google-sdk",
    ),
    ("/v1/messages", {"user-agent": "curl/8.5"}, "curl"),
    ("/v1/messages", {"user-agent": "Bun/1.4.4"}, UNKNOWN),
    ("/v1/messages", {}, UNKNOWN),
]


@pytest.mark.parametrize(("path", "headers", "tool"), SEEN)
def test_a_tool_is_known_by_what_it_says_of_itself(path: str, headers: dict[str, str], tool: str) -> None:
    assert tool_of(path, headers) == tool


def test_every_sign_says_something() -> None:
    assert all(sign.path or sign.header or sign.agent or sign.originator for sign in SIGNS)
