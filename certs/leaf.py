"""Certificates for single hosts, signed by the local authority. They are short-lived, and made anew in time."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from addons.edge.places import private_dir, private_file
from certs.ca import SKEW, Authority, CertificateProblem, folder, general_name, normalised, secret_pem

# platforms refuse what is valid for longer than 398 days, soon 200 (CA/Browser Forum ballot SC-081)
DAYS = 90
RENEW_BEFORE = dt.timedelta(days=15)
# for people only: with spaces in it, no verifier takes it for a host name that the constraints would have to permit
_COMMON_NAME = "llr for {}"
_COMMON_NAME_LENGTH = 64


def new_leaf(authority: Authority, host: str, now: dt.datetime) -> bytes:
    """A key and a certificate for `host`, in PEM. Raises CertificateProblem when the authority may not vouch for it, or
    its own time is over."""
    name = normalised(host)
    if not authority.covers(name):
        raise CertificateProblem(
            f"the authority is not made for {name}, only for {', '.join(authority.hosts)}; "
            f"`llr certs create --renew --host {name}` would make one that is"
        )
    end = min(now + dt.timedelta(days=DAYS), authority.certificate.not_valid_after_utc)
    if end <= now:
        raise CertificateProblem("the authority's time is over; `llr certs create --renew` makes a new one")
    key = ec.generate_private_key(ec.SECP256R1())
    return secret_pem(key) + _certificate(authority, name, key.public_key(), now, end).public_bytes(
        serialization.Encoding.PEM
    )


def leaf_file(env: Mapping[str, str], authority: Authority, host: str, now: dt.datetime) -> Path:
    """The file with a key and a certificate for `host`: the one that is there, when it is good for a while yet. Raises
    CertificateProblem and OSError."""
    name = normalised(host)
    path = folder(env) / "leaves" / f"{name.replace(':', '_')}.pem"
    if not _is_good(path, authority, now):
        made = new_leaf(authority, name, now)
        private_dir(path.parent)
        private_file(path, made)
    return path


def _certificate(
    authority: Authority, host: str, key: ec.EllipticCurvePublicKey, now: dt.datetime, end: dt.datetime
) -> x509.Certificate:
    issuer = authority.certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=False, crl_sign=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _COMMON_NAME.format(host)[:_COMMON_NAME_LENGTH])])
        )
        .issuer_name(issuer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - SKEW, issuer.not_valid_before_utc))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([general_name(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _is_good(path: Path, authority: Authority, now: dt.datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        found.verify_directly_issued_by(authority.certificate)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    return found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEW_BEFORE
