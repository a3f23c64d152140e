"""AMP's own files, as `set-amp-client-routing` and `set-amp-config --patch-amp-client-config` write them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from addons.config.models import Document
from llr_cli.configure import amp, places
from llr_cli.configure.call import Call, Result
from llr_cli.configure.flags import Given
from llr_cli.configure.refusal import Misused, Refused
from llr_cli.configure.routing import guarded, origin, plan_of, report
from llr_cli.configure.spelling import read
from llr_cli.configure.store import Outcome
from llr_cli.configure.text import Config
from llr_cli.tools import actions
from llr_cli.tools import amp as client
from llr_cli.tools.edits import FileEdits
from llr_cli.tools.offers import shown_key
from llr_cli.tools.spans import jsonc
from llr_cli.tools.spans.common import SpanProblem
from llr_cli.tools.tool import Places, Tool, Wiring

SCOPES = ("global", "workspace")
KEYS = tuple(f"apiKey@{amp.UPSTREAM}{slash}" for slash in ("/", ""))


def route(call: Call) -> Result:
    """Connects AMP to the router, or takes it back; the first time an `amp` block is begun."""
    title, tool = "AMP Client Routing", client.TOOL
    if not call.given.get("enabled", True):
        done = guarded(lambda journal: actions.undo({tool.name}, journal, dry=call.dry), call)
        return report(title, done, call)
    outcome = begin(call)
    return _connected(call, title, outcome)


def configure(call: Call) -> Result:
    """The `amp` block, and AMP's own files too when that is asked for."""
    own = call.given.without("enabled", "patch-amp-client-config", *(name for name in call.given if _of_client(name)))
    if not call.given.get("patch-amp-client-config"):
        idle = [name for name in call.given if _of_client(name)]
        outcome = call.store.edit(lambda config: amp.edit(config, own), dry=call.dry)
        warnings = [f"--{name} has no effect without --patch-amp-client-config" for name in idle]
        return Result("AMP Saved", outcome=outcome, warnings=warnings)

    def change(config: Config) -> Config:
        config = amp.begun(config, _default(config), _own_key(call))
        return amp.edit(config, own) if own else config

    return _connected(call, "AMP Saved", call.store.edit(change, dry=call.dry))


def begin(call: Call) -> Outcome:
    key = _own_key(call)
    return call.store.edit(lambda config: amp.begun(config, _default(config), key), dry=call.dry)


def _connected(call: Call, title: str, outcome: Outcome) -> Result:
    given = call.given
    scope = str(given.get("amp-client-settings-scope", SCOPES[0])).lower()
    if scope not in SCOPES:
        raise Misused(f"--amp-client-settings-scope: expected {' or '.join(SCOPES)}, got {scope!r}")
    key = given.get("amp-client-api-key") or shown_key(plan_of(call))
    wiring = Wiring(origin(given, "amp-client-url"), key, workspace=scope == "workspace")
    tool = _redirected(client.TOOL, given)
    found = actions.places_of(call.env)
    done = guarded(lambda journal: actions.on(tool, wiring, found, journal, dry=call.dry), call)
    return report(title, done, call, outcome=outcome)


def _of_client(flag: str) -> bool:
    return flag.startswith("amp-client-")


def _default(config: Config) -> str | None:
    """The default model, else the first there is. Source: the predecessor begins the same."""
    found = read(config, (), Document, "default_model")
    if isinstance(found, str) and found:
        return found
    owners = places.providers(config)
    names = [f"{owner}/{name}" for owner, path in owners.items() for name in places.models(config, path)]
    return next(iter(names), None)


def _own_key(call: Call) -> str | None:
    """The key that AMP has for its own server, when it has one."""
    found = actions.places_of(call.env)
    file = found.named("AMP_SECRETS_FILE", found.data("amp/secrets.json"))
    try:
        text = file.read_text(encoding="utf-8")
        values: list[Any] = [jsonc.get(text, (key,)) for key in KEYS]
    except (OSError, UnicodeDecodeError, SpanProblem):
        return None
    return next((value for value in values if isinstance(value, str) and value), None)


def _redirected(tool: Tool, given: Given) -> Tool:
    """With the files that the flags name: the secrets are written first, the settings last."""
    named = [given.get("amp-client-secrets-file"), given.get("amp-client-settings-file")]
    if not any(named):
        return tool

    def change(wiring: Wiring, found: Places) -> tuple[FileEdits, ...]:
        changes = tool.change(wiring, found)
        if len(changes) != len(named):
            raise Refused("AMP's files are others than they were: leave the file flags out")
        return tuple(
            each if file is None else replace(each, file=Path(file).expanduser().absolute())
            for each, file in zip(changes, named, strict=True)
        )

    return replace(tool, change=change)
