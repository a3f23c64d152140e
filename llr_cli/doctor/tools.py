"""The coding tools: whether they are connected, and what would win over it in this folder (promise 31)."""

from collections.abc import Iterable

from addons.edge.probe import authority
from llr_cli.doctor.checks import Finding, State, Subject
from llr_cli.tools import actions
from llr_cli.tools.journal import JournalProblem
from llr_cli.tools.registry import TOOLS
from llr_cli.tools.status import Status, status
from llr_cli.tools.tool import Tool


def tools(subject: Subject) -> Iterable[Finding]:
    # the person's own shell counts here, not the router's
    places = actions.places_of(subject.own)
    try:
        records = actions.journal_of(places).records()
    except (JournalProblem, OSError) as problem:
        yield Finding("tools", "failed", str(problem), "llr tools status")
        return
    instance = subject.instance
    scheme, host = ("http", "127.0.0.1") if instance is None else (instance.scheme, instance.host)
    origin = f"{scheme}://{authority(host, subject.port)}"
    for tool in TOOLS:
        if not actions.installed(tool, places):
            continue
        try:
            found = status(tool, places, records, origin)
        except OSError as error:
            yield Finding(tool.name, "failed", f"{error.filename}: {error.strerror}", "make the file readable")
            continue
        yield _connected(tool, found, origin)
        for override in found.overrides:
            if subject.own.get(override.key, "").startswith(origin):
                continue
            text = f"{override.source} wins over the tool's own file: {override.key} {override.value}".rstrip()
            mend = f"unset {override.key}" if override.source.startswith("$") else f"remove it from {override.source}"
            yield Finding(f"{tool.name} override", "warning", text, mend)


def _connected(tool: Tool, found: Status, origin: str) -> Finding:
    turn_on = f"llr tools on {tool.name}"
    if found.state == "on" and found.base_url is not None and not found.base_url.startswith(origin):
        text = f"it asks {found.base_url}, and not {origin}"
        return Finding(tool.name, "warning", text, turn_on)
    rows: dict[str, tuple[State, str, str]] = {
        "on": ("ok", f"it asks {found.base_url or origin}", ""),
        "changed": ("warning", "what llr wrote was changed since", turn_on),
        "foreign": ("note", f"it asks {found.base_url}, set by somebody else", f"{turn_on}, if it should ask llr"),
        "off": ("note", "it is not connected", turn_on),
        "unreadable": ("failed", found.problem, "mend the file"),
    }
    state, text, mend = rows[found.state]
    return Finding(tool.name, state, text, mend)
