"""How the machine and its browsers are told to believe the local authority, and to stop: tables of commands.

Nothing is run here but by `run`, which is given every command after it was shown. Sources: update-ca-certificates(8)
(Debian, SUSE), update-ca-trust(8) (Fedora, Arch), security(1) (macOS), certutil of Windows (`-user`: no administrator),
certutil of NSS (Chromium on Linux, Firefox everywhere).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

NICKNAME = "llr local authority"
ANCHOR = "llr-local-authority.crt"

type Run = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Machine:
    """What of this machine decides. `platform` is `sys.platform`; `folders` those of ANCHORS that exist; `tools` the
    commands that can be run; `nss` the certificate databases of the person's browsers."""

    platform: str
    home: PurePath
    folders: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    nss: tuple[PurePath, ...] = ()
    root: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what it is for. `optional`: that it fails (what is to be removed is not there, for example) is
    no failure of the whole."""

    purpose: str
    command: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Anchors:
    """A folder that a distribution gathers authorities from, and the commands that gather them."""

    folder: str
    gather: tuple[str, ...]
    gather_again: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The certificate: its file, and its SHA-1 in hexadecimal."""

    file: PurePath
    sha1: str = field(default="")


# the first whose folder exists and whose command can be run
ANCHORS: tuple[Anchors, ...] = (
    Anchors(
        "/usr/local/share/ca-certificates", ("update-ca-certificates",), ("update-ca-certificates", "--fresh")
    ),  # Debian, Ubuntu, Alpine
    Anchors("/etc/pki/ca-trust/source/anchors", ("update-ca-trust",), ("update-ca-trust",)),  # Fedora, RHEL
    Anchors("/etc/ca-certificates/trust-source/anchors", ("update-ca-trust",), ("update-ca-trust",)),  # Arch
    Anchors("/etc/pki/trust/anchors", ("update-ca-certificates",), ("update-ca-certificates",)),  # SUSE
)
TOOLS = frozenset({"update-ca-certificates", "update-ca-trust", "security", "certutil", "sudo"})


def trusting(machine: Machine, subject: Subject) -> tuple[Step, ...]:
    """What makes `machine` believe the authority; empty when it is not known how."""
    return _SYSTEMS.get(machine.platform, _nothing)(machine, subject, True) + _nss(machine, subject, True)


def distrusting(machine: Machine, subject: Subject) -> tuple[Step, ...]:
    """What undoes `trusting`."""
    return _SYSTEMS.get(machine.platform, _nothing)(machine, subject, False) + _nss(machine, subject, False)


def carry_out(steps: Sequence[Step], run: Run, show: Callable[[Step], None]) -> Step | None:
    """Shows and runs each step. Gives the one that failed, after which none is run."""
    for step in steps:
        show(step)
        if run(step.command) != 0 and not step.optional:
            return step
    return None


def find_machine(platform: str, env: Mapping[str, str], which: Callable[[str], str | None], *, root: bool) -> Machine:
    """This machine. Only looks; what cannot be read is not there."""
    home = Path(env.get("HOME") or Path.home())
    return Machine(
        platform,
        home,
        folders=frozenset(each.folder for each in ANCHORS if Path(each.folder).is_dir()),
        tools=frozenset(tool for tool in TOOLS if which(tool)),
        nss=tuple(sorted(database.parent for pattern in _NSS for database in home.glob(pattern))),
        root=root,
    )


_NSS = (
    ".pki/nssdb/cert9.db",
    ".mozilla/firefox/*/cert9.db",
    "snap/firefox/common/.mozilla/firefox/*/cert9.db",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/*/cert9.db",
    "Library/Application Support/Firefox/Profiles/*/cert9.db",
)


def _nothing(machine: Machine, subject: Subject, trust: bool) -> tuple[Step, ...]:
    return ()


def _linux(machine: Machine, subject: Subject, trust: bool) -> tuple[Step, ...]:
    for anchors in ANCHORS:
        if anchors.folder in machine.folders and anchors.gather[0] in machine.tools:
            place = str(PurePosixPath(anchors.folder) / ANCHOR)
            commands: tuple[tuple[str, ...], ...]
            if trust:
                commands = (("install", "-m", "644", str(subject.file), place), anchors.gather)
            else:
                commands = (("rm", "-f", place), anchors.gather_again)
            what = "the system's store (for every user)"
            return tuple(Step(what, _as_root(machine, command)) for command in commands)
    return ()


def _mac(machine: Machine, subject: Subject, trust: bool) -> tuple[Step, ...]:
    keychain = str(machine.home / "Library/Keychains/login.keychain-db")
    what = "your login keychain"
    if trust:
        command = ("security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", keychain, str(subject.file))
        return (Step(what, command),)
    return (
        Step(what, ("security", "remove-trusted-cert", str(subject.file)), optional=True),
        Step(what, ("security", "delete-certificate", "-Z", subject.sha1, keychain)),
    )


def _windows(machine: Machine, subject: Subject, trust: bool) -> tuple[Step, ...]:
    verb, named = ("-addstore", str(subject.file)) if trust else ("-delstore", subject.sha1)
    return (Step("your own store of Windows", ("certutil", "-user", verb, "Root", named)),)


_SYSTEMS: Mapping[str, Callable[[Machine, Subject, bool], tuple[Step, ...]]] = {
    "linux": _linux,
    "darwin": _mac,
    "win32": _windows,
}


def _nss(machine: Machine, subject: Subject, trust: bool) -> tuple[Step, ...]:
    """The databases of browsers that do not ask the system. Windows has another `certutil`."""
    if machine.platform == "win32" or "certutil" not in machine.tools:
        return ()
    more = ("-A", "-t", "C,,", "-n", NICKNAME, "-i", str(subject.file)) if trust else ("-D", "-n", NICKNAME)
    return tuple(
        Step(f"the browser's database {folder}", ("certutil", "-d", f"sql:{folder}", *more), optional=not trust)
        for folder in machine.nss
    )


def _as_root(machine: Machine, command: tuple[str, ...]) -> tuple[str, ...]:
    return command if machine.root or "sudo" not in machine.tools else ("sudo", *command)
