"""One file with the system's authorities and ours."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509

from certs import bundle
from certs.bundle import bundle_file, write_bundle
from certs.ca import HOSTS, Authority, CertificateProblem, create, new_authority
from harness.certificates import Authority as Other

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"LLM_ROUTER_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
def authority(env: dict[str, str]) -> Authority:
    return create(env, HOSTS, NOW)


def subjects(path: Path) -> list[str]:
    return [each.subject.rfc4514_string() for each in x509.load_pem_x509_certificates(path.read_bytes())]


def test_the_systems_come_first_and_then_ours(env: dict[str, str], authority: Authority, tmp_path: Path) -> None:
    env["SSL_CERT_FILE"] = str(Other(tmp_path, "a company").file)
    path, count = write_bundle(env, authority)
    assert (subjects(path), count) == (["CN=a company", "CN=llr local authority"], 2)


def test_an_old_one_of_ours_is_left_out(env: dict[str, str], authority: Authority, tmp_path: Path) -> None:
    system = tmp_path / "system.pem"
    system.write_bytes(Other(tmp_path, "a company").file.read_bytes() + new_authority(HOSTS, NOW).pem)
    env["SSL_CERT_FILE"] = str(system)
    path, _ = write_bundle(env, authority)
    assert authority.pem in path.read_bytes()
    assert subjects(path) == ["CN=a company", "CN=llr local authority"]


def test_a_bundle_is_not_made_of_itself(env: dict[str, str], authority: Authority, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(bundle, "_USUAL", (str(Other(tmp_path, "the system").file),))
    env["SSL_CERT_FILE"] = str(bundle_file(env))
    for _ in range(2):
        path, count = write_bundle(env, authority)
        assert (subjects(path), count) == (["CN=the system", "CN=llr local authority"], 2)


def test_a_bundle_of_ours_alone_is_not_made(env: dict[str, str], authority: Authority,
                                            monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(bundle, "system_authorities", lambda _: [])
    with pytest.raises(CertificateProblem, match="SSL_CERT_FILE"):
        write_bundle(env, authority)
    assert not bundle_file(env).exists()


def test_it_holds_no_key(env: dict[str, str], authority: Authority, tmp_path: Path) -> None:
    """Promise 49."""
    env["SSL_CERT_FILE"] = str(Other(tmp_path).file)
    assert b"PRIVATE" not in write_bundle(env, authority)[0].read_bytes()
