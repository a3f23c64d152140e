"""AMP: its URL in the settings of the user or of a workspace, and the key for that URL among the user's secrets."""

from pathlib import Path

from llr_cli.tools.edits import Edit, FileEdits
from llr_cli.tools.tool import Places, Project, Tool, Where, Wiring

URL = ("amp.url",)
WORKSPACE = ".amp/settings.json"


def change(wiring: Wiring, places: Places) -> tuple[FileEdits, ...]:
    settings = places.work / WORKSPACE if wiring.workspace else _settings(places)
    secrets = places.named("AMP_SECRETS_FILE", places.data("amp/secrets.json"))
    # with and without the slash: which one AMP looks for depends on its version
    keys = tuple(Edit((f"apiKey@{wiring.origin}{slash}",), wiring.key) for slash in ("", "/"))
    # the key first: AMP asks for a login at a URL that it has none for
    return FileEdits(secrets, "jsonc", keys, secret=True), FileEdits(settings, "jsonc", (Edit(URL, wiring.origin),))


def base_url(places: Places) -> tuple[Where, ...]:
    return Where(_settings(places), "jsonc", URL), Where(places.work / WORKSPACE, "jsonc", URL)


def _settings(places: Places) -> Path:
    return places.named("AMP_SETTINGS_FILE", places.config("amp/settings.json"))


TOOL = Tool(
    name="amp",
    title="AMP",
    change=change,
    base_url=base_url,
    program="amp",
    synonyms=("ampcode",),
    variables=("AMP_URL",),
    projects=(Project(WORKSPACE, "jsonc", (URL,)),),
    workspaces=True,
)
