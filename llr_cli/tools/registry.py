"""The coding tools that llr knows."""

from llr_cli.tools import amp, claude_code, codex, factory, gemini_cli, opencode, qwen_code
from llr_cli.tools.tool import Tool

TOOLS: tuple[Tool, ...] = (
    claude_code.TOOL,
    codex.TOOL,
    amp.TOOL,
    opencode.TOOL,
    factory.TOOL,
    gemini_cli.TOOL,
    qwen_code.TOOL,
)


def tool(name: str) -> Tool | None:
    """The tool of that name, by any of its names."""
    wanted = name.strip().lower().replace("_", "-")
    return next((each for each in TOOLS if wanted in (each.name, *each.synonyms)), None)
