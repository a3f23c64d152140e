"""Claude Code: `settings.json`, whose `env` it takes for its environment."""

from pathlib import Path

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.spans.common import MISSING
from llr_cli.tools.tool import Places, Project, Tool, Where, Wiring

BASE_URL = ("env", "ANTHROPIC_BASE_URL")
ROLES = {
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "subagent": "CLAUDE_CODE_SUBAGENT_MODEL",
}
# each of them would win over what is written here, or be sent along
IN_THE_WAY = ("ANTHROPIC_API_KEY", "ANTHROPIC_SMALL_FAST_MODEL")
ELSEWHERE = ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL")


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    values = {"ANTHROPIC_BASE_URL": f"{wiring.origin}/anthropic", "ANTHROPIC_AUTH_TOKEN": wiring.key}
    if wiring.model is not None:
        values["ANTHROPIC_MODEL"] = wiring.model
    values |= {ROLES[role]: model for role, model in wiring.roles.items()}
    window = _window(wiring)
    if window is not None:
        values["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] = str(window)
    gone = [Edit(("env", name), MISSING) for name in IN_THE_WAY]
    if wiring.effort is not None:
        values["CLAUDE_CODE_EFFORT_LEVEL"] = wiring.effort
        gone.append(Edit(("env", "MAX_THINKING_TOKENS"), MISSING))
    edits = (*(Edit(("env", name), value) for name, value in values.items()), *gone)
    return (FileEdits(_file(places), "jsonc", edits, secret=True),)


def _window(wiring: Wiring) -> int | None:
    """The smallest window of the models that are asked for: of one that it does not know Claude Code believes 1M."""
    asked = {wiring.model, *wiring.roles.values()}
    return min((each.window for each in wiring.models if each.id in asked and each.window is not None), default=None)


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_file(places), "jsonc", BASE_URL),)


def _file(places: Places) -> Path:
    return places.named("CLAUDE_CONFIG_DIR", ".claude") / "settings.json"


TOOL = Tool(
    name="claude-code",
    title="Claude Code",
    change=change,
    base_url=base_url,
    program="claude",
    synonyms=("claude", "claudecode"),
    efforts=("low", "medium", "high", "xhigh", "max"),
    roles=tuple(ROLES),
    variables=ELSEWHERE,
    projects=tuple(
        Project(f".claude/{name}", "jsonc", tuple(("env", variable) for variable in ELSEWHERE))
        for name in ("settings.json", "settings.local.json")
    ),
)
