"""What starts a router at login: ours, and the predecessor's, which would take the port before us."""

import sys
from collections.abc import Iterable

from llr_cli.doctor.checks import Finding, Subject
from llr_cli.lifecycle import services


def service(subject: Subject) -> Iterable[Finding]:
    found = services.of(sys.platform, subject.own)
    if found is None:
        return
    state = services.state(found, services.first_line)
    if state.get("predecessor"):
        text = f"the predecessor's service is there, too, and takes the same port: {state['predecessor']}"
        yield Finding("startup", "warning", text, "disable it, and remove its file")
    if not state["installed"]:
        yield Finding("startup", "note", "no router is started at login", "llr startup install")
    elif state["running"] is False:
        yield Finding("startup", "warning", f"{found.name} does not run", f"see its output: {found.output}")
    else:
        yield Finding("startup", "ok", f"{found.name} starts a router at login")
