"""Leaves as clients see them: real handshakes, and openssl's own verdict."""

import datetime as dt
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certs import leaf as leaves
from certs.ca import HOSTS, Authority, CertificateProblem, certificate_file, create, new_authority, secret_pem
from certs.leaf import leaf_file, new_leaf

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"LLM_ROUTER_STATE_DIR": str(tmp_path)}


@pytest.fixture
def authority(env: dict[str, str]) -> Authority:
    return create(env, [*HOSTS, "127.0.0.1"], NOW)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def forged(authority: Authority, host: str, folder: Path) -> Path:
    """A leaf that the authority signs though it may not: what a thief of the key would make."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = leaves._certificate(authority, host, key.public_key(), NOW, NOW + DAY)
    path = folder / "forged.pem"
    path.write_bytes(secret_pem(key) + made.public_bytes(serialization.Encoding.PEM))
    return path


def handshake(server_file: Path, trusted: bytes, host: str) -> None:
    """A handshake in memory with the strictest checks that Python has. Raises ssl.SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(server_file)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.load_verify_locations(cadata=trusted.decode())
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize(
    "host", ["api.anthropic.com", "chatgpt.com", "us-central1-aiplatform.googleapis.com", "ampcode.com", "127.0.0.1"]
)
def test_a_client_that_trusts_the_authority_believes_a_leaf(
    env: dict[str, str], authority: Authority, host: str
) -> None:
    handshake(leaf_file(env, authority, host, NOW), authority.pem, host)


def test_a_client_that_does_not_trust_it_does_not(env: dict[str, str], authority: Authority) -> None:
    other = new_authority(HOSTS, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(leaf_file(env, authority, "chatgpt.com", NOW), other.pem, "chatgpt.com")


def test_a_leaf_is_for_its_host_only(env: dict[str, str], authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(leaf_file(env, authority, "chatgpt.com", NOW), authority.pem, "ampcode.com")


@pytest.mark.parametrize("host", ["github.com", "evilchatgpt.com", "anthropic.com", "127.0.0.2", "::2"])
def test_even_the_stolen_key_can_sign_for_nobody_else(authority: Authority, tmp_path: Path, host: str) -> None:
    """The names are enforced by who verifies, not only by us."""
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        handshake(forged(authority, host, tmp_path), authority.pem, host)


def test_an_authority_for_addresses_only_signs_for_no_name(tmp_path: Path) -> None:
    authority = new_authority(["127.0.0.1"], NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        handshake(forged(authority, "github.com", tmp_path), authority.pem, "github.com")
    handshake(forged(authority, "127.0.0.1", tmp_path), authority.pem, "127.0.0.1")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_agrees(env: dict[str, str], authority: Authority, tmp_path: Path) -> None:
    def verdict(path: Path) -> int:
        command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", certificate_file(env), path]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert verdict(leaf_file(env, authority, "api.openai.com", NOW)) == 0
    assert verdict(forged(authority, "github.com", tmp_path)) != 0


def test_a_leaf_lives_under_200_days(env: dict[str, str], authority: Authority) -> None:
    """Promise 49."""
    made = certificate(leaf_file(env, authority, "chatgpt.com", NOW))
    assert made.not_valid_after_utc - made.not_valid_before_utc < 200 * DAY
    assert made.not_valid_before_utc <= NOW < made.not_valid_after_utc


def test_a_leaf_does_not_outlive_its_authority(authority: Authority) -> None:
    end = authority.certificate.not_valid_after_utc
    late = x509.load_pem_x509_certificate(new_leaf(authority, "chatgpt.com", end - DAY))
    assert late.not_valid_after_utc == end
    with pytest.raises(CertificateProblem, match="time is over"):
        new_leaf(authority, "chatgpt.com", end)


def test_a_leaf_says_what_it_is(env: dict[str, str], authority: Authority) -> None:
    made = certificate(leaf_file(env, authority, "ChatGPT.com", NOW))
    basic = made.extensions.get_extension_for_class(x509.BasicConstraints)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert (basic.critical, basic.value.ca) == (True, False)
    assert list(names) == [x509.DNSName("chatgpt.com")]


@pytest.mark.parametrize("host", ["github.com", "evilchatgpt.com", "10.0.0.1"])
def test_a_leaf_that_nobody_would_believe_is_not_made(authority: Authority, host: str) -> None:
    with pytest.raises(CertificateProblem, match="not made for"):
        new_leaf(authority, host, NOW)


def test_a_good_leaf_is_kept_and_an_old_one_is_made_anew(env: dict[str, str], authority: Authority) -> None:
    def print_of(when: dt.datetime) -> bytes:
        return certificate(leaf_file(env, authority, "chatgpt.com", when)).fingerprint(hashes.SHA256())

    first = print_of(NOW)
    assert print_of(NOW + 70 * DAY) == first
    assert print_of(NOW + 80 * DAY) != first


def test_a_leaf_of_another_authority_is_made_anew(env: dict[str, str], authority: Authority) -> None:
    path = leaf_file(env, authority, "chatgpt.com", NOW)
    renewed = create(env, HOSTS, NOW, renew=True)
    handshake(leaf_file(env, renewed, "chatgpt.com", NOW), renewed.pem, "chatgpt.com")
    path.write_bytes(b"damaged")
    handshake(leaf_file(env, renewed, "chatgpt.com", NOW), renewed.pem, "chatgpt.com")
