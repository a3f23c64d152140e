"""The authority itself: a key and a certificate that can vouch for the routed hosts and for nobody else.

Both lie in one file, so that there is never a key without its certificate: a kill at any moment leaves the old file or
the new one. It refuses to write anywhere but below the folder of state, and never shows the key to anybody.

Sources: RFC 5280 §4.2.1.9 (basic constraints), §4.2.1.10 (name constraints: a name stands for itself and all below it).
"""

import datetime as dt
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from addons.core.guard import authority as authority_of
from addons.edge.places import private_dir, private_file, state_dir

COMMON_NAME = "llr local authority"
# Vertex AI's hosts are `REGION-aiplatform.googleapis.com`: a constraint cannot name a part of a label
HOSTS: tuple[str, ...] = (
    "api.anthropic.com",
    "api.openai.com",
    "chatgpt.com",
    "generativelanguage.googleapis.com",
    "googleapis.com",
    "ampcode.com",
    # the router itself, for `llr start --tls`
    "localhost",
    "127.0.0.1",
    "::1",
)
DAYS = 730
SKEW = dt.timedelta(hours=1)
_ALL_ADDRESSES: Mapping[int, str] = {4: "0.0.0.0/0", 6: "::/0"}

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CertificateProblem(Exception):
    """What cannot be done with the authority; the text says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The key is for signing, and shown nowhere."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate, which is no secret."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def hosts(self) -> list[str]:
        """The names and addresses that it may vouch for, with all names below them."""
        found = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        return [_shown(each) for each in found]

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def sha1(self) -> str:
        """The name by which keychains find a certificate."""
        return self.certificate.fingerprint(hashes.SHA1()).hex().upper()

    def covers(self, host: str) -> bool:
        """Whether a leaf for `host` would be believed."""
        return any(host == each or (_address(each) is None and host.endswith(f".{each}")) for each in self.hosts)


def folder(env: Mapping[str, str]) -> Path:
    """Where everything about certificates lies."""
    return state_dir(env) / "certs"


def authority_file(env: Mapping[str, str]) -> Path:
    """Key and certificate."""
    return folder(env) / "authority.pem"


def certificate_file(env: Mapping[str, str]) -> Path:
    """The certificate alone, for those who shall trust it."""
    return folder(env) / "authority.crt"


def normalised(host: str) -> str:
    """`host`, a name (a leading `*.` is dropped: constraints cover what is below) or an address, in one spelling.
    Raises CertificateProblem."""
    text = host.strip().lower().removeprefix("*.")
    address = _address(text)
    if address is not None:
        return str(address)
    found = authority_of(text)
    if found is None or found.port is not None or not all(text.split(".")):
        raise CertificateProblem(f"{host!r} is neither a host name nor an address")
    return found.name


def new_authority(hosts: Sequence[str], now: dt.datetime) -> Authority:
    """An authority that may vouch for `hosts` only. Raises CertificateProblem when there are none."""
    if not hosts:
        raise CertificateProblem("an authority without hosts could vouch for everybody")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints([normalised(host) for host in hosts]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def create(env: Mapping[str, str], hosts: Sequence[str], now: dt.datetime, *, renew: bool = False) -> Authority:
    """Makes the authority of this person. Raises CertificateProblem when there is one and it is not to be renewed,
    OSError when it cannot be written."""
    path = authority_file(env)
    if path.exists() and not renew:
        raise CertificateProblem(f"there is an authority at {path} already; --renew replaces it")
    made = new_authority(list(dict.fromkeys(hosts)), now)
    private_dir(path.parent)
    _sweep(path.parent)
    private_file(path, secret_pem(made.key) + made.pem)
    _publish(env, made)
    return made


def load(env: Mapping[str, str]) -> Authority:
    """The authority of this person. Raises CertificateProblem when there is none, or it cannot be read, OSError when
    what is missing beside it cannot be written."""
    path = authority_file(env)
    try:
        data = path.read_bytes()
        key = serialization.load_pem_private_key(data, None)
        certificate = x509.load_pem_x509_certificate(data)
    except FileNotFoundError:
        raise CertificateProblem("there is no authority yet; `llr certs create` makes one") from None
    except OSError as error:
        raise CertificateProblem(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):  # its text could quote what it failed on
        raise CertificateProblem(f"{path} is damaged; `llr certs create --renew` replaces it") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise CertificateProblem(f"{path} is not an authority of llr's; `llr certs create --renew` replaces it")
    if path.stat().st_mode & 0o077:  # promise 46
        path.chmod(0o600)
    found = Authority(key, certificate)
    _publish(env, found)
    return found


def remove(env: Mapping[str, str]) -> list[Path]:
    """Deletes everything about certificates, the key first; gives what was there. Raises OSError."""
    home = folder(env)
    gone: list[Path] = []
    for path in (authority_file(env), *sorted(home.glob("*.pem*")), *sorted(home.glob("*.crt*")), *_leaves(home)):
        if path.is_file():
            path.unlink()
            gone.append(path)
    for empty in (home / "leaves", home):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
    return gone


def secret_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """For a private file, and nothing else."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def general_name(host: str) -> x509.GeneralName:
    """`host` as certificates name it."""
    address = _address(host)
    return x509.DNSName(host) if address is None else x509.IPAddress(address)


def _leaves(home: Path) -> list[Path]:
    return sorted((home / "leaves").glob("*.pem*"))


def _publish(env: Mapping[str, str], made: Authority) -> None:
    """Writes the certificate beside its key, unless it is there."""
    path = certificate_file(env)
    if not path.is_file() or path.read_bytes() != made.pem:
        private_file(path, made.pem)


def _sweep(home: Path) -> None:
    """Drafts of a process that was killed hold keys."""
    for draft in home.glob("*.new"):
        draft.unlink(missing_ok=True)


def _constraints(hosts: Sequence[str]) -> x509.NameConstraints:
    """Only `hosts`: a kind of address of which none is permitted is excluded as a whole."""
    addresses = [address for address in map(_address, hosts) if address is not None]
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts if _address(host) is None]
    kinds = {address.version for address in addresses}
    excluded = [
        x509.IPAddress(ipaddress.ip_network(everything))
        for kind, everything in _ALL_ADDRESSES.items()
        if kind not in kinds
    ]
    permitted = names + [x509.IPAddress(ipaddress.ip_network(address)) for address in addresses]
    return x509.NameConstraints(permitted, [*excluded, *([] if names else [x509.DNSName("")])] or None)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _shown(name: x509.GeneralName) -> str:
    value = name.value
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return str(value.network_address)
    return str(value)
