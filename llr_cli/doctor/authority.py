"""The local certificate authority, for those who intercept: that it is good, closed, and believed."""

import datetime as dt
import ssl
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from certs import ca
from certs.bundle import VARIABLES, bundle_file, system_authorities
from llr_cli.doctor.checks import Finding, Subject

SOON = dt.timedelta(days=14)
VERIFY_SECONDS = 10


def authority(subject: Subject) -> Iterable[Finding]:
    env = subject.own
    if not ca.authority_file(env).exists():
        yield Finding("certificates", "note", "there is no local authority; only interception and --tls need one")
        return
    yield from list(_closed(env))  # before it is loaded, which closes it
    try:
        found = ca.load(env)
    except (ca.CertificateProblem, OSError) as problem:
        yield Finding("certificates", "failed", str(problem), "llr certs create --renew")
        return
    yield from _valid(found, dt.datetime.now(dt.UTC))
    yield _believed(found, env)


def _valid(found: ca.Authority, now: dt.datetime) -> Iterable[Finding]:
    end = found.certificate.not_valid_after_utc
    if end <= now:
        yield Finding("certificates", "failed", f"the authority ended on {end:%Y-%m-%d}", "llr certs create --renew")
    elif end - now <= SOON:
        yield Finding("certificates", "warning", f"the authority ends on {end:%Y-%m-%d}", "llr certs create --renew")
    else:
        yield Finding("certificates", "ok", f"the authority is good until {end:%Y-%m-%d}")


def _closed(env: Mapping[str, str]) -> Iterable[Finding]:
    file = ca.authority_file(env)
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        text = f"{file} could be read by others (mode {mode:o}) until now"
        yield Finding("certificate key", "failed", text, "llr certs create --renew, if others use this machine")


def _believed(found: ca.Authority, env: Mapping[str, str]) -> Finding:
    if is_believed(found, env):
        return Finding("certificate trust", "ok", "the system believes the authority")
    told = [name for name in VARIABLES if env.get(name) and _holds(Path(env[name]), found)]
    if told:
        return Finding("certificate trust", "ok", f"tools of this shell believe it ({', '.join(told)})")
    mend = f"llr certs trust; or, for single tools, llr certs bundle ({bundle_file(env)})"
    return Finding("certificate trust", "warning", "the system does not believe the authority", mend)


def is_believed(found: ca.Authority, env: Mapping[str, str]) -> bool:
    """Whether programs that go by the system's authorities believe ours."""
    if sys.platform == "darwin":
        return _keychain_believes(ca.certificate_file(env))
    wanted = ssl.PEM_cert_to_DER_cert(found.pem.decode())
    return any(_der(each) == wanted for each in system_authorities(env))


def _keychain_believes(file: Path) -> bool:
    command = ["security", "verify-cert", "-c", str(file)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=VERIFY_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _holds(file: Path, found: ca.Authority) -> bool:
    try:
        return found.pem.strip() in file.read_bytes()
    except OSError:
        return False


def _der(block: str) -> bytes:
    try:
        return ssl.PEM_cert_to_DER_cert(block)
    except ValueError:
        return b""
