"""The port: a router of ours, nobody, or somebody else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from addons.edge.listeners import is_taken, listeners
from addons.edge.probe import authority, health
from llr_cli.doctor.checks import Finding, Subject

if TYPE_CHECKING:
    from addons.edge.instance import Instance


def ports(subject: Subject) -> Iterable[Finding]:
    instance = subject.instance
    yield _router(instance, subject) if instance is not None else _without(subject.port)
    if len(subject.instances) > 1:
        known = ", ".join(f"{each.port} (pid {each.pid})" for each in subject.instances)
        yield Finding("several routers", "note", f"they listen at {known}", "llr stop --port PORT, if one is too many")


def _router(instance: "Instance", subject: Subject) -> Finding:
    about = health(instance.host, instance.port, scheme=instance.scheme)
    where = f"port {instance.port}: pid {instance.pid}"
    if about is None:
        return Finding("router", "failed", f"{where} does not answer", f"llr restart --port {instance.port}")
    told = about.get("config")
    problem = told.get("problem") if isinstance(told, dict) else None
    if problem:
        return Finding("router", "failed", f"{where} keeps an older configuration: {problem}", "llr config validate")
    kept = about.get("state")
    problem = kept.get("problem") if isinstance(kept, dict) else None
    if problem:
        return Finding("router", "warning", f"{where} does not keep its state: {problem}", "see the state database")
    if subject.version != instance.version:
        text = f"{where} is version {instance.version}, this is {subject.version}"
        return Finding("router", "warning", text, f"llr restart --port {instance.port}")
    return Finding("router", "ok", f"{where} answers at {instance.scheme}://{authority(instance.host, instance.port)}")


def _without(port: int) -> Finding:
    if not is_taken("127.0.0.1", port):
        return Finding("router", "note", f"none runs; port {port} is free", "llr start --detach")
    found = listeners(port)
    who = ", ".join(f"pid {each.pid} ({' '.join(each.command)[:80]})" for each in found) or "somebody else's process"
    return Finding("router", "failed", f"port {port} is taken by {who}", f"llr reclaim --port {port}")
