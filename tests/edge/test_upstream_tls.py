"""TLS towards a server that mitmproxy itself contacts."""

from pathlib import Path
from unittest.mock import Mock, create_autospec

import pytest
from mitmproxy import tls
from mitmproxy.connection import Server
from OpenSSL import SSL

from addons.edge.upstream_tls import PROTOCOLS, UpstreamTls


def tls_data(host: str) -> tls.TlsData:
    server = Server(address=(host, 443))
    server.sni = host
    data: tls.TlsData = create_autospec(tls.TlsData, instance=True)
    data.context = Mock(server=server)
    return data


def started(host: str, env: dict[str, str]) -> tuple[Server, SSL.Connection]:
    data = tls_data(host)
    UpstreamTls(env).tls_start_server(data)
    assert data.ssl_conn is not None
    return data.context.server, data.ssl_conn


def hello(connection: SSL.Connection) -> bytes:
    """What the connection says first."""
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(65535)


def test_a_name_is_told_to_the_server_and_http_1_is_spoken() -> None:
    server, connection = started("amp.example", {})
    said = hello(connection)
    assert b"amp.example" in said
    assert b"http/1.1" in said
    assert b"h2" not in said
    assert server.alpn_offers == PROTOCOLS


def test_an_address_is_no_name() -> None:
    """RFC 6066, section 3."""
    assert b"127.0.0.1" not in hello(started("127.0.0.1", {})[1])


def test_certificates_are_always_checked() -> None:
    assert started("amp.example", {})[1].get_context().get_verify_mode() & SSL.VERIFY_PEER


def test_without_the_file_that_is_named_nothing_is_trusted(tmp_path: Path) -> None:
    """Not what another addon has made for the connection either."""
    data = tls_data("amp.example")
    data.ssl_conn = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD))
    with pytest.raises(RuntimeError):
        UpstreamTls({"SSL_CERT_FILE": str(tmp_path / "none.pem")}).tls_start_server(data)
    assert data.ssl_conn is None
