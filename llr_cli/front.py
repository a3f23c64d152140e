"""How `llr start` lets clients in: what `--mode`, `--proxy-port` and `--tls` ask for, made ready."""

import datetime as dt
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from addons.forward.front import Front
    from certs.ca import Authority


class Mode(StrEnum):
    """A router at its own address, or one that is a forward proxy at the same address too."""

    REVERSE = "reverse"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Entrance:
    """`proxy_port`: a forward proxy beside the router, on a port of its own."""

    mode: Mode = Mode.REVERSE
    proxy_port: int | None = None
    tls: bool = False

    @property
    def is_proxy(self) -> bool:
        return self.mode is Mode.PROXY or self.proxy_port is not None

    @property
    def scheme(self) -> str:
        return "https" if self.tls and self.mode is Mode.REVERSE else "http"


ROUTER = Entrance()


def modes(entrance: Entrance, host: str) -> tuple[str, ...]:
    """mitmproxy's words for it."""
    from addons.edge.master import NOWHERE

    first = "regular" if entrance.mode is Mode.PROXY else NOWHERE
    return (first,) if entrance.proxy_port is None else (first, f"regular@{host}:{entrance.proxy_port}")


def front(entrance: Entrance, host: str) -> "Front":
    """Raises ConfigProblem when there is no certificate for what is asked for."""
    from addons.config import ConfigProblem
    from addons.edge.client_tls import ClientTls
    from addons.forward.front import REVERSE, Front
    from certs.ca import CertificateProblem

    if not (entrance.tls or entrance.is_proxy):
        return REVERSE
    try:
        authority = _authority()
    except CertificateProblem as problem:
        raise ConfigProblem("certificates", [str(problem)]) from None
    own = [*dict.fromkeys((host, "localhost", "127.0.0.1"))]
    tls = ClientTls(authority, os.environ, own, lambda: dt.datetime.now(dt.UTC))
    if entrance.tls and not any(map(tls.covers, own)):
        hint = "`llr certs create --renew` makes one that is"
        raise ConfigProblem("certificates", [f"the authority is not made for {own[0]}; {hint}"])
    return Front(tls, entrance.is_proxy, entrance.tls)


def _authority() -> "Authority":
    """Raises CertificateProblem."""
    from certs import ca

    try:
        return ca.load(os.environ)
    except OSError as error:
        raise ca.CertificateProblem(f"{ca.folder(os.environ)} cannot be written: {error.strerror}") from None


def bundle_file() -> Path:
    """The file with everybody whom an intercepted tool shall believe; with an authority made for it, when there is
    none: nobody else is told of it. Raises ConfigProblem."""
    from addons.config import ConfigProblem
    from certs import ca
    from certs.bundle import write_bundle

    try:
        if not ca.authority_file(os.environ).exists():
            ca.create(os.environ, ca.HOSTS, dt.datetime.now(dt.UTC))
        return write_bundle(os.environ, ca.load(os.environ))[0]
    except (ca.CertificateProblem, OSError) as problem:
        raise ConfigProblem("certificates", [str(problem)]) from None
