"""Which commands make whom believe the authority, as a table; nothing is run but a fake."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from certs.trust import ANCHORS, Machine, Step, Subject, carry_out, distrusting, find_machine, trusting

FILE = PurePosixPath("/home/me/.local/state/llr/certs/authority.crt")
SUBJECT = Subject(FILE, "AB12")
HOME = PurePosixPath("/home/me")
PLACES = {
    "debian": ("/usr/local/share/ca-certificates", "update-ca-certificates"),
    "fedora": ("/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    "arch": ("/etc/ca-certificates/trust-source/anchors", "update-ca-trust"),
    "suse": ("/etc/pki/trust/anchors", "update-ca-certificates"),
}
AGAIN = {"debian": "update-ca-certificates --fresh"}


def linux(name: str, *tools: str, root: bool = False, nss: tuple[str, ...] = ()) -> Machine:
    folder, command = PLACES[name]
    databases = tuple(PurePosixPath(each) for each in nss)
    return Machine("linux", HOME, frozenset({folder}), frozenset({command, *tools}), databases, root)


def lines(steps: Sequence[Step]) -> list[str]:
    return [" ".join(step.command) for step in steps]


@pytest.mark.parametrize("name", PLACES)
def test_linux_is_told_by_a_file_and_a_command(name: str) -> None:
    folder, command = PLACES[name]
    place = f"{folder}/llr-local-authority.crt"
    machine = linux(name, "sudo")
    assert lines(trusting(machine, SUBJECT)) == [f"sudo install -m 644 {FILE} {place}", f"sudo {command}"]
    assert lines(distrusting(machine, SUBJECT)) == [f"sudo rm -f {place}", f"sudo {AGAIN.get(name, command)}"]


def test_the_table_knows_every_place() -> None:
    assert {(each.folder, each.gather[0]) for each in ANCHORS} == set(PLACES.values())


@pytest.mark.parametrize(("tools", "root"), [(("sudo",), True), ((), False)])
def test_root_needs_no_sudo_and_a_missing_one_is_not_called(tools: tuple[str, ...], root: bool) -> None:
    commands = lines(trusting(linux("debian", *tools, root=root), SUBJECT))
    assert not [command for command in commands if command.startswith("sudo")]


def test_the_login_keychain_is_enough_on_macos() -> None:
    machine = Machine("darwin", PurePosixPath("/Users/me"), tools=frozenset({"security", "sudo"}))
    keychain = "/Users/me/Library/Keychains/login.keychain-db"
    assert lines(trusting(machine, SUBJECT)) == [f"security add-trusted-cert -r trustRoot -p ssl -k {keychain} {FILE}"]
    assert lines(distrusting(machine, SUBJECT)) == [
        f"security remove-trusted-cert {FILE}",
        f"security delete-certificate -Z AB12 {keychain}",
    ]


def test_the_persons_own_store_is_enough_on_windows() -> None:
    file = PureWindowsPath(r"C:\Users\me\authority.crt")
    machine = Machine("win32", PureWindowsPath(r"C:\Users\me"), tools=frozenset({"certutil"}), nss=(HOME,))
    subject = Subject(file, "AB12")
    assert lines(trusting(machine, subject)) == [f"certutil -user -addstore Root {file}"]
    assert lines(distrusting(machine, subject)) == ["certutil -user -delstore Root AB12"]


def test_browsers_with_databases_of_their_own_are_told_where_certutil_is() -> None:
    databases = ("/home/me/.pki/nssdb", "/home/me/.mozilla/firefox/x.default")
    machine = linux("debian", "certutil", nss=databases)
    trusted, forgotten = trusting(machine, SUBJECT)[2:], distrusting(machine, SUBJECT)[2:]
    assert [step.command for step in trusted] == [
        ("certutil", "-d", f"sql:{each}", "-A", "-t", "C,,", "-n", "llr local authority", "-i", str(FILE))
        for each in databases
    ]
    assert [step.command for step in forgotten] == [
        ("certutil", "-d", f"sql:{each}", "-D", "-n", "llr local authority") for each in databases
    ]
    assert not any(step.optional for step in trusted)
    assert all(step.optional for step in forgotten)  # it may never have been there
    assert len(trusting(linux("debian", nss=databases), SUBJECT)) == 2


def test_an_unknown_system_is_told_nothing() -> None:
    assert trusting(Machine("plan9", HOME), SUBJECT) == ()
    assert trusting(Machine("linux", HOME), SUBJECT) == ()


class Runner:
    """Runs nothing; `fails` are the numbers of the commands that fail."""

    def __init__(self, *fails: int) -> None:
        self.log: list[str] = []
        self._fails = fails
        self._count = 0

    def run(self, command: Sequence[str]) -> int:
        self.log.append(f"run {' '.join(command)}")
        self._count += 1
        return 1 if self._count - 1 in self._fails else 0

    def show(self, step: Step) -> None:
        self.log.append(f"show {' '.join(step.command)}")


STEPS = (Step("one", ("a",)), Step("two", ("b",), optional=True), Step("three", ("c",)))


def test_every_command_is_shown_before_it_is_run() -> None:
    runner = Runner()
    assert carry_out(STEPS, runner.run, runner.show) is None
    assert runner.log == ["show a", "run a", "show b", "run b", "show c", "run c"]


def test_after_a_failure_nothing_more_is_run() -> None:
    runner = Runner(0)
    assert carry_out(STEPS, runner.run, runner.show) == STEPS[0]
    assert runner.log == ["show a", "run a"]


def test_what_is_optional_may_fail() -> None:
    runner = Runner(1)
    assert carry_out(STEPS, runner.run, runner.show) is None
    assert runner.log[-1] == "run c"


def test_the_machine_is_only_looked_at(tmp_path: Path) -> None:
    for name in (".pki/nssdb", ".mozilla/firefox/a.default", ".mozilla/firefox/b.other"):
        (tmp_path / name).mkdir(parents=True)
    for name in (".pki/nssdb", ".mozilla/firefox/a.default"):
        (tmp_path / name / "cert9.db").touch()
    found = find_machine("linux", {"HOME": str(tmp_path)}, {"certutil": "/usr/bin/certutil"}.get, root=False)
    assert found.nss == (tmp_path / ".mozilla/firefox/a.default", tmp_path / ".pki/nssdb")
    assert found.tools == {"certutil"}
