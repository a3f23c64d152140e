"""Makes a client's request of what was saved and what the command line says."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from addons.config.models import FORMATS
from addons.core.errors import BadRequest
from addons.core.http import Ask
from addons.core.model import DialectName
from addons.core.plan import Plan
from addons.core.saved_request import saved_request
from addons.core.splice import JsonObject
from addons.edge.capture_files import Folder
from llr_cli.capture_source import of_dump

# the paths that clients use; Gemini's names the model
PATHS: Mapping[DialectName, str] = {
    DialectName.ANTHROPIC: "/v1/messages",
    DialectName.CHAT: "/v1/chat/completions",
    DialectName.RESPONSES: "/v1/responses",
    DialectName.COMPLETIONS: "/v1/completions",
    DialectName.GEMINI: "/v1beta/models/{model}:generateContent",
}
UNIFIED = "/"


def saved_in(data: bytes, name: str, wanted: str | None, plan: Plan) -> bytes:
    """One request, as `ask_of` takes it: of a capture or of a dump of mitmproxy's the one whose id begins with `wanted`
    or the last one, else `data` itself. `name` is where it was read. Raises Unusable."""
    from addons.replaying import NotReplayable, chosen, saved

    found = of_dump(data, full=True, plan=plan) or _folder(Path(name))
    if found is None:
        return data
    try:
        return saved(chosen(found.requests(), wanted))
    except NotReplayable as problem:
        raise Unusable(str(problem)) from None


def _folder(path: Path) -> Folder | None:
    """The capture whose lines are at `path`."""
    folder = Folder(path.parent)
    return folder if path in folder.segments() and folder.about.exists() else None


class Unusable(Exception):
    """The words of the command line do not make a request; the text says why."""


def ask_of(data: bytes, path: str | None, client_format: str | None, model: str | None, headers: Iterable[str]) -> Ask:
    """The request. Raises Unusable."""
    saved = saved_request(data)
    if path is not None and client_format is not None:
        raise Unusable("--path and --format say the same: give one of them")
    where, _, query = path.partition("?") if path is not None else (saved.path or UNIFIED, "", saved.query)
    body = saved.body
    if client_format is not None:
        where, query = _path(client_format, model), ""
    if model is not None:
        in_path = _names_model(where)
        where, body = (_renamed(where, model), body) if in_path else (where, _with_model(body, model))
    given = {"content-type": "application/json", **saved.headers, **dict(map(_header, headers))}
    return Ask("POST", f"/{where.lstrip('/')}", query, given, body)


def _path(client_format: str, model: str | None) -> str:
    dialect = FORMATS.get(client_format)
    if dialect is None:
        raise Unusable(f"--format: one of {', '.join(sorted(FORMATS))} is expected, not {client_format!r}")
    if dialect is DialectName.GEMINI and model is None:
        raise Unusable("--format gemini: its paths name the model, so --model is needed (or the whole --path)")
    return PATHS[dialect].format(model=quote(model or "", safe=""))


def _names_model(path: str) -> bool:
    """Whether the model stands in the path."""
    return "models/" in path and ":" in path


def _renamed(path: str, model: str) -> str:
    before, _, rest = path.partition("models/")
    return f"{before}models/{quote(model, safe='')}:{rest.rpartition(':')[2]}"


def _with_model(body: bytes, model: str) -> bytes:
    try:
        return JsonObject(body).bytes_with({"model": model})
    except BadRequest:  # told by the router's own words later
        return body


def _header(text: str) -> tuple[str, str]:
    name, mark, value = text.partition(":")
    if not mark or not name.strip():
        raise Unusable(f"--header: 'name: value' is expected, not {text!r}")
    return name.strip().lower(), value.strip()
