"""Gemini CLI: its base URL is a variable only, so it stands in the user's `.env` for it; the settings say that a key
is used."""

from pathlib import Path

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.tool import Places, Project, Tool, Where, Wiring

BASE_URL = ("GOOGLE_GEMINI_BASE_URL",)
ELSEWHERE = ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", "GEMINI_MODEL")
SELECTED = ("security", "auth", "selectedType")


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    values = {"GOOGLE_GEMINI_BASE_URL": wiring.origin, "GEMINI_API_KEY": wiring.key}
    if wiring.model is not None:
        values["GEMINI_MODEL"] = wiring.model
    variables = tuple(Edit((name,), value) for name, value in values.items())
    return (
        FileEdits(_folder(places) / ".env", "dotenv", variables, secret=True),
        FileEdits(_folder(places) / "settings.json", "jsonc", (Edit(SELECTED, "gemini-api-key"),)),
    )


def base_url(places: Places) -> tuple[Where, ...]:
    return (Where(_folder(places) / ".env", "dotenv", BASE_URL),)


def _folder(places: Places) -> Path:
    return places.named("GEMINI_CLI_HOME", "") / ".gemini"


TOOL = Tool(
    name="gemini",
    title="Gemini CLI",
    change=change,
    base_url=base_url,
    program="gemini",
    synonyms=("gemini-cli",),
    variables=ELSEWHERE,
    projects=(
        Project(".gemini/settings.json", "jsonc", (SELECTED,)),
        # one of these hides the user's file altogether, whatever it says
        Project(".gemini/.env", "dotenv", tuple((name,) for name in ELSEWHERE)),
        Project(".env", "dotenv", tuple((name,) for name in ELSEWHERE)),
    ),
)
