"""TLS towards a server that mitmproxy itself contacts.

The slim master lacks mitmproxy's own addon for TLS, which makes certificates for clients and keeps a store of them. And
where that addon is there, the certificates that are trusted should not be other ones than for providers: those of
`SSL_CERT_FILE` or `SSL_CERT_DIR`, else certifi's. Trust in a server is never given up.
"""

import ipaddress
import os
from collections.abc import Mapping

import certifi
from mitmproxy import tls
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

# RFC 7301; HTTP/2 has no WebSockets as mitmproxy speaks it
PROTOCOLS = (b"http/1.1",)
# X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT: as browsers do
_NAMES_ONLY = 0x4 | 0x20


class UpstreamTls:
    """Gives every connection to a server its TLS."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._env = env

    def tls_start_server(self, data: tls.TlsData) -> None:
        """Hook: a connection is there, and wants TLS."""
        data.ssl_conn = None  # mitmproxy's own addon, where it is there, may have been told to trust everybody
        server = data.context.server
        host = server.sni or (server.address[0] if server.address else "")
        server.alpn_offers = PROTOCOLS
        connection = SSL.Connection(self._context())
        _expect(connection, host)
        connection.set_alpn_protos(list(PROTOCOLS))
        connection.set_connect_state()
        data.ssl_conn = connection

    def _context(self) -> SSL.Context:
        file, folder = self._env.get("SSL_CERT_FILE") or None, self._env.get("SSL_CERT_DIR") or None
        return net_tls.create_proxy_server_context(
            method=net_tls.Method.TLS_CLIENT_METHOD,
            min_version=net_tls.Version.TLS1_2,
            max_version=net_tls.Version.UNBOUNDED,
            cipher_list=None,
            ecdh_curve=None,
            verify=net_tls.Verify.VERIFY_PEER,
            ca_path=folder,
            ca_pemfile=file if file or folder else certifi.where(),
            client_cert=None,
            legacy_server_connect=False,
        )


def _expect(connection: SSL.Connection, host: str) -> None:
    """Has the certificate checked for `host`. pyOpenSSL has no public call for it: this is OpenSSL's own, as
    mitmproxy uses it."""
    library = SSL._lib  # type: ignore[attr-defined]
    wanted = library.SSL_get0_param(connection._ssl)
    library.X509_VERIFY_PARAM_set_hostflags(wanted, _NAMES_ONLY)
    try:
        address = ipaddress.ip_address(host).packed
    except ValueError:
        name = host.encode("idna")
        connection.set_tlsext_host_name(name)
        done = library.X509_VERIFY_PARAM_set1_host(wanted, name, len(name))
    else:
        done = library.X509_VERIFY_PARAM_set1_ip(wanted, address, len(address))
    if done != 1:
        raise ValueError(f"TLS cannot be bound to {host!r}")
