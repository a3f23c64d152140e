"""One file with the system's authorities and the local one, for tools that take a file and not the system's word."""

import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

from addons.edge.places import private_dir, private_file
from certs.ca import COMMON_NAME, Authority, CertificateProblem, folder

# who reads which variable: Node (adds to its own), OpenSSL with Python and Go (replaces), Codex
VARIABLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CODEX_CA_CERTIFICATE")
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_USUAL = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS, the BSDs
)


def bundle_file(env: Mapping[str, str]) -> Path:
    return folder(env) / "bundle.pem"


def write_bundle(env: Mapping[str, str], authority: Authority) -> tuple[Path, int]:
    """Writes the bundle anew; gives it, and how many authorities are in it. Raises CertificateProblem when the system's
    cannot be found (a tool that is given ours alone believes nobody else), OSError when it cannot be written."""
    path = bundle_file(env)
    found = [each for each in system_authorities(env) if not _is_ours(each)]
    if not found:
        raise CertificateProblem(
            "the system's certificate authorities were not found; name their file in SSL_CERT_FILE"
        )
    data = "".join(found).encode() + authority.pem
    private_dir(path.parent)
    private_file(path, data)
    return path, len(found) + 1


def system_authorities(env: Mapping[str, str]) -> list[str]:
    """Those of the file that SSL_CERT_FILE names (unless that is our bundle), else of the first usual file that there
    is, else what Python finds (the stores of Windows). They stay as they are: systems believe some that are malformed,
    over which a strict parser would stumble."""
    for path in _files(env):
        try:
            found = _BLOCK.findall(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        if found:
            return [f"{block}\n" for block in found]
    context = ssl.create_default_context()
    return [ssl.DER_cert_to_PEM_cert(each) for each in context.get_ca_certs(binary_form=True)]


def _files(env: Mapping[str, str]) -> Iterable[Path]:
    named = env.get("SSL_CERT_FILE", "")
    if named and Path(named) != bundle_file(env):
        yield Path(named)
    default = ssl.get_default_verify_paths().openssl_cafile
    yield from (Path(each) for each in (*_USUAL, default))


def _is_ours(block: str) -> bool:
    """Also one that was renewed since it was trusted."""
    try:
        return COMMON_NAME.encode() in ssl.PEM_cert_to_DER_cert(block)
    except ValueError:
        return False
