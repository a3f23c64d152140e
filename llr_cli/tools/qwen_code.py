"""Qwen Code: the variables of an OpenAI-compatible server in the user's `.env` for it; the settings choose them."""

from pathlib import Path

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.tool import Places, Project, Tool, Where, Wiring

ELSEWHERE = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL")
SELECTED = ("security", "auth", "selectedType")
# the router's own name for its default model
DEFAULT = "default"


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    values = {
        "OPENAI_BASE_URL": f"{wiring.origin}/openai/v1",
        "OPENAI_API_KEY": wiring.key,
        "OPENAI_MODEL": wiring.model or DEFAULT,
    }
    variables = tuple(Edit((name,), value) for name, value in values.items())
    return (
        FileEdits(_folder(places) / ".env", "dotenv", variables, secret=True),
        FileEdits(_folder(places) / "settings.json", "jsonc", (Edit(SELECTED, "openai"),)),
    )


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_folder(places) / ".env", "dotenv", ("OPENAI_BASE_URL",)),)


def _folder(places: Places) -> Path:
    return places.home / ".qwen"


TOOL = Tool(
    name="qwen",
    title="Qwen Code",
    change=change,
    base_url=base_url,
    program="qwen",
    synonyms=("qwen-code",),
    variables=ELSEWHERE,
    projects=(
        Project(".qwen/settings.json", "jsonc", (SELECTED, ("modelProviders",), ("model", "name"))),
        # one of these hides the user's file altogether, whatever it says
        Project(".qwen/.env", "dotenv", tuple((name,) for name in ELSEWHERE)),
        Project(".env", "dotenv", tuple((name,) for name in ELSEWHERE)),
    ),
)
