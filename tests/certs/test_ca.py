"""The authority: what it may vouch for, who can read its key, and that it is never half there."""

import datetime as dt
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certs.ca import (
    HOSTS,
    Authority,
    CertificateProblem,
    authority_file,
    certificate_file,
    create,
    folder,
    load,
    new_authority,
    normalised,
    remove,
)
from certs.leaf import leaf_file

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
SECRET = "PRIVATE" + " KEY"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"LLM_ROUTER_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(env: dict[str, str]) -> set[str]:
    return {path.name for path in folder(env).rglob("*") if path.is_file()}


@pytest.mark.usefixtures("no_umask")
def test_only_its_owner_can_read_the_key(env: dict[str, str]) -> None:
    """Promises 46 and 49."""
    made = create(env, HOSTS, NOW)
    leaf = leaf_file(env, made, "chatgpt.com", NOW)
    assert [mode(path) for path in (authority_file(env), leaf)] == [0o600, 0o600]
    assert [mode(path) for path in (folder(env), leaf.parent)] == [0o700, 0o700]


def test_a_key_that_others_can_read_is_closed_again(env: dict[str, str]) -> None:
    """Promise 46."""
    create(env, HOSTS, NOW)
    authority_file(env).chmod(0o644)
    load(env)
    assert mode(authority_file(env)) == 0o600


def test_what_it_is(env: dict[str, str]) -> None:
    certificate = create(env, HOSTS, NOW).certificate
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    key = certificate.public_key()
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert constraints.critical
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert certificate.not_valid_before_utc <= NOW < certificate.not_valid_after_utc


def test_it_is_for_the_routed_hosts_and_what_is_below_them(env: dict[str, str]) -> None:
    made = create(env, HOSTS, NOW)
    for host in ("api.anthropic.com", "chatgpt.com", "us-central1-aiplatform.googleapis.com", "ampcode.com"):
        assert made.covers(host)
    for host in ("anthropic.com", "notchatgpt.com", "example.com", "googleapis.com.evil.example", "127.0.0.2"):
        assert not made.covers(host)


def test_it_is_read_as_it_was_made(env: dict[str, str]) -> None:
    made = create(env, ["a.example", "127.0.0.1", "::1"], NOW)
    found = load(env)
    assert (found.fingerprint, found.hosts) == (made.fingerprint, ["a.example", "127.0.0.1", "::1"])


def test_it_is_not_replaced_unasked(env: dict[str, str]) -> None:
    made = create(env, HOSTS, NOW)
    with pytest.raises(CertificateProblem, match="--renew"):
        create(env, HOSTS, NOW)
    assert load(env).fingerprint == made.fingerprint
    assert create(env, HOSTS, NOW, renew=True).fingerprint == load(env).fingerprint != made.fingerprint


def test_the_public_file_holds_no_key(env: dict[str, str]) -> None:
    """Promise 49."""
    made = create(env, HOSTS, NOW)
    assert certificate_file(env).read_bytes() == made.pem
    assert SECRET not in certificate_file(env).read_text()
    assert SECRET in authority_file(env).read_text()


def test_the_key_is_not_shown(env: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Promise 49."""
    made = create(env, HOSTS, NOW)
    secret = f"{made.key.private_numbers().private_value}"
    authority_file(env).write_text(authority_file(env).read_text().replace("A", "#"))
    with pytest.raises(CertificateProblem) as problem:
        load(env)
    for shown in (repr(made), str(made), str(problem.value), caplog.text):
        assert "key=" not in shown
        assert secret not in shown


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\x00"])
def test_a_damaged_file_is_told(env: dict[str, str], content: bytes) -> None:
    create(env, HOSTS, NOW)
    authority_file(env).write_bytes(content)
    with pytest.raises(CertificateProblem, match="damaged"):
        load(env)


def test_a_key_beside_another_certificate_is_told(env: dict[str, str]) -> None:
    create(env, HOSTS, NOW)
    text, other = authority_file(env).read_text(), new_authority(HOSTS, NOW)
    authority_file(env).write_text(text[: text.index("-----BEGIN CERT")] + other.pem.decode())
    with pytest.raises(CertificateProblem, match="not an authority"):
        load(env)


def test_nothing_is_there_before_it_is_made(env: dict[str, str]) -> None:
    with pytest.raises(CertificateProblem, match="llr certs create"):
        load(env)
    assert not folder(env).exists()


def test_removing_leaves_nothing(env: dict[str, str]) -> None:
    leaf_file(env, create(env, HOSTS, NOW), "chatgpt.com", NOW)
    (folder(env) / "authority.pem.1.new").write_text("a draft of a process that was killed")
    remove(env)
    assert not folder(env).exists()
    assert remove(env) == []


@pytest.mark.parametrize(
    ("host", "found"),
    [("API.Anthropic.com", "api.anthropic.com"), ("*.googleapis.com", "googleapis.com"), ("[::1]", "::1"),
     ("127.0.0.1", "127.0.0.1"), (" a.example ", "a.example")],
)  # fmt: skip
def test_a_host_has_one_spelling(host: str, found: str) -> None:
    assert normalised(host) == found


@pytest.mark.parametrize(
    "host", ["", "*", "https://a.example", "a.example:443", "a/b", "a..b", ".a", "a.", "é.example"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(CertificateProblem):
        normalised(host)


def test_an_authority_for_everybody_is_not_made() -> None:
    with pytest.raises(CertificateProblem):
        new_authority([], NOW)


# Renews in children that are killed before their file operation 0, 1, 2 …; says how many were. In a process of its own:
# a fork needs one without threads.
KILLER = """
import datetime as dt, os, signal, sys
from certs.ca import HOSTS, create, folder

STEPS = {"open", "os.rename", "os.mkdir", "os.chmod", "os.remove"}
NOW = dt.datetime.fromisoformat(sys.argv[2])

def renew(left, env):
    def hook(event, args):
        nonlocal left
        if event in STEPS and str(args[0]).startswith(sys.argv[1]):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    create(env, HOSTS, NOW, renew=True)
    os._exit(0)

number, killed = 0, True
while killed:
    env = {"LLM_ROUTER_STATE_DIR": f"{sys.argv[1]}/{number}"}
    if sys.argv[3] == "old":
        create(env, HOSTS, NOW)
    child = os.fork()
    if not child:
        renew(number, env)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    number += killed
print(number)
"""


@pytest.mark.parametrize("before", ["none", "old"])
def test_a_kill_at_any_moment_leaves_the_old_one_or_a_new_one(tmp_path: Path, before: str) -> None:
    """Promise 49, as promise 30 says it of files: never a half one, and never one that others can read."""
    command = [sys.executable, "-c", KILLER, str(tmp_path), NOW.isoformat(), before]
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    killed = int(done.stdout)
    found = [_found({"LLM_ROUTER_STATE_DIR": str(tmp_path / str(number))}) for number in range(killed + 1)]
    assert killed >= 4
    assert found[-1] is not None
    assert (found[0] is None) is (before == "none")
    assert before == "none" or None not in found
    assert {mode(path) & 0o077 for path in tmp_path.rglob("certs/*") if path.is_file()} == {0}


def _found(env: dict[str, str]) -> str | None:
    try:
        return load(env).fingerprint
    except CertificateProblem as problem:
        assert "there is no authority yet" in str(problem)  # never a half one
        return None


def test_the_next_one_clears_what_a_killed_process_left(env: dict[str, str]) -> None:
    create(env, HOSTS, NOW)
    (folder(env) / "authority.pem.1.new").write_text("a key")
    create(env, HOSTS, NOW, renew=True)
    assert files(env) == {"authority.pem", "authority.crt"}


def test_no_key_is_in_the_sources() -> None:
    """Promise 49: what goes into the wheel."""
    root = Path(__file__).resolve().parents[2]
    sources = [path for name in ("addons", "llr_cli", "certs") for path in (root / name).rglob("*") if path.is_file()]
    assert len(sources) > 100
    assert not [path for path in sources if path.suffix in (".pem", ".crt", ".key", ".p12", ".pfx", ".der")]
    assert not [path for path in sources if f"{SECRET}-----\n".encode() in path.read_bytes()]


def test_the_authority_type_keeps_its_key_out_of_its_text() -> None:
    assert "key" not in repr(new_authority(["a.example"], NOW))
    assert Authority.__dataclass_fields__["key"].repr is False
