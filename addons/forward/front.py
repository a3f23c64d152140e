"""By what clients are let in: the reverse port alone, or a forward proxy too, or instead; in the clear or by TLS."""

from dataclasses import dataclass

from addons.edge.client_tls import ClientTls


@dataclass(frozen=True, slots=True)
class Front:
    """`tls` has the certificates, which a forward proxy needs; `tls_only`: the router's own port speaks nothing
    else."""

    tls: ClientTls | None = None
    proxy: bool = False
    tls_only: bool = False


REVERSE = Front()
