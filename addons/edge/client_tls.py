"""TLS towards clients: certificates of the local authority, for the routed hosts and for the router's own names.

The slim master lacks mitmproxy's own addon for TLS, which would vouch for any host by an authority that can.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from mitmproxy import tls
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

from certs.ca import Authority, CertificateProblem
from certs.leaf import leaf_file

# RFC 7301, RFC 9113
PROTOCOLS = (b"h2", b"http/1.1")
# a leaf is good for weeks when it is given out
KEPT = dt.timedelta(hours=12)

type Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


class ClientTls:
    """An addon: gives every client that speaks TLS its certificate. `own` are names of the router itself, of which the
    first is for clients that name none. `now` gives the time, with its zone."""

    def __init__(
        self,
        authority: Authority,
        env: Mapping[str, str],
        own: Iterable[str],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._authority = authority
        self._env = env
        self._own = tuple(own)
        self._now = now
        self._pairs: dict[str, tuple[dt.datetime, Pair]] = {}

    def covers(self, host: str) -> bool:
        """Whether there can be a certificate for `host`."""
        return self._authority.covers(host.lower().strip("[]"))

    def tls_start_client(self, data: tls.TlsData) -> None:
        """Hook: a client has said that it wants TLS. Without `data.ssl_conn` its connection is closed."""
        try:
            certificate, key = self._pair(self._host(data))
        except (CertificateProblem, OSError, ValueError):
            return
        context = net_tls.create_client_proxy_context(
            method=net_tls.Method.TLS_SERVER_METHOD,
            min_version=net_tls.Version.TLS1_2,
            max_version=net_tls.Version.UNBOUNDED,
            cipher_list=None,
            ecdh_curve=None,
            chain_file=None,
            alpn_select_callback=_selected,
            request_client_cert=False,
            extra_chain_certs=(),
            dhparams=None,  # only elliptic curves
        )
        connection = SSL.Connection(context)
        connection.use_certificate(certificate)
        connection.use_privatekey(key)
        connection.set_accept_state()
        data.ssl_conn = connection

    def _host(self, data: tls.TlsData) -> str:
        """A tunnel is to one host, whatever the client says inside."""
        server, said = data.context.server.address, (data.context.client.sni or "").lower()
        if server is not None and self.covers(server[0]) and len(data.context.layers) > 2:
            return server[0].lower()
        reached = (data.context.client.sockname or ("",))[0]
        names = (each for each in (said, reached, *self._own) if each and self.covers(each))
        return next(names, "")

    def _pair(self, host: str) -> Pair:
        """Raises CertificateProblem, OSError and ValueError."""
        now, kept = self._now(), self._pairs.get(host)
        if kept is not None and kept[0] > now:
            return kept[1]
        data = leaf_file(self._env, self._authority, host, now).read_bytes()
        key = load_pem_private_key(data, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateProblem(f"the key for {host} is not one of llr's")
        pair = x509.load_pem_x509_certificate(data), key
        self._pairs[host] = now + KEPT, pair
        return pair


def _selected(_: SSL.Connection, offered: list[bytes]) -> object:
    """The server chooses (RFC 7301, section 3.2): the best of what the client offers."""
    return next((each for each in PROTOCOLS if each in offered), SSL.NO_OVERLAPPING_PROTOCOLS)
