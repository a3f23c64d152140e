"""Who may speak to the router, as a table. Promises 33 to 35."""

import re

import pytest

from addons.core.errors import ErrorInfo
from addons.core.guard import RULES, Arrival, Authority, allowed_hosts, authority, refusal

PORT = 8376
OWN = "127.0.0.1:8376"


def arrival(*hosts: str, method: str = "POST", **more: object) -> Arrival:
    headers = {
        name.removeprefix("h_").replace("_", "-"): str(more.pop(name)) for name in list(more) if name[:2] == "h_"
    }
    fields = (*(("host", host) for host in hosts), *headers.items())
    return Arrival(method=method, fields=fields, port=PORT, **{"address": "127.0.0.1", **more})  # type: ignore[arg-type]


def status(arrived: Arrival) -> int | None:
    found = refusal(arrived)
    return found.status if found else None


@pytest.mark.parametrize(
    "host",
    [
        OWN,
        "localhost:8376",
        "LOCALHOST:8376",
        "LocalHost:8376",
        "[::1]:8376",
        "[0:0:0:0:0:0:0:1]:8376",
        "[0000::0001]:8376",
    ],
)
def test_the_routers_own_names_are_let_in(host: str) -> None:
    """Promise 33."""
    assert refusal(arrival(host)) is None


EVIL = [
    "evil.example",
    "evil.example:8376",
    "127.0.0.1.evil.com",
    "127.0.0.1.evil.com:8376",
    "localhost.evil.com:8376",
    "evil-localhost:8376",
    "localhost:8377",
    "localhost:80",
    "127.0.0.1",
    "localhost",
    "127.0.0.1/x?",
    "127.0.0.1:8376/x?",
    "127.0.0.1:8376?x",
    "127.0.0.1:8376#x",
    "127.0.0.1:8376\\x",
    "127.0.0.1:8376 evil.com",
    "127.0.0.1:8376,evil.com",
    "127.0.0.1:8376\tx",
    "localhost.:8376",
    "127.0.0.1.:8376",
    "localhost:",
    "localhost:08376",
    "localhost:+8376",
    "localhost:8376:8376",
    "localhost:73912",
    "localhost:²",
    "ｌocalhost:8376",
    "LOCALHOST\u212a:8376",
    "",
    " ",
    ":8376",
    "user@127.0.0.1:8376",
    "127.0.0.1:8376@evil.com",
    "evil.com@127.0.0.1:8376",
    "user:password@localhost:8376",
    "http://127.0.0.1:8376",
    "127.1:8376",
    "2130706433:8376",
    "0x7f000001:8376",
    "0177.0.0.1:8376",
    "127.0.0.2:8376",
    "0.0.0.0:8376",
    "[::]:8376",
    "::1:8376",
    "::1",
    "[::1]",
    "[::1]:8377",
    "[::1",
    "[::1]8376",
    "[::2]:8376",
    "[::ffff:127.0.0.1]:8376",
    "[::1%25lo]:8376",
    "[::1%lo]:8376",
    "[localhost]:8376",
    "[127.0.0.1]:8376",
    "[:::1]:8376",
    "*",
    "api.anthropic.com",
]


@pytest.mark.parametrize("host", EVIL)
def test_no_other_name_is_let_in(host: str) -> None:
    """Promise 33."""
    assert status(arrival(host)) == 421


@pytest.mark.parametrize(
    "hosts", [(), (OWN, OWN), (OWN, "evil.example"), ("evil.example", OWN), (OWN, "localhost:8376"), (OWN, "")]
)
def test_there_is_exactly_one_host(hosts: tuple[str, ...]) -> None:
    """Promise 33."""
    assert status(arrival(*hosts)) == 421


@pytest.mark.parametrize("target", ["evil.example", OWN, "user@127.0.0.1:8376"])
def test_a_request_line_that_names_a_host_is_refused(target: str) -> None:
    """Promises 33 and 39: even the router's own, because only a client that takes it for a proxy writes so."""
    assert status(arrival(OWN, target=target)) == 421


def test_http2_names_the_host_before_the_headers() -> None:
    assert refusal(arrival(authority=OWN)) is None
    assert refusal(arrival(OWN, authority=OWN)) is None
    assert status(arrival(authority="evil.example")) == 421
    assert status(arrival(OWN, authority="evil.example")) == 421
    assert status(arrival("evil.example", authority=OWN)) == 421
    assert status(arrival(authority="")) == 421


@pytest.mark.parametrize(
    ("port", "tls", "host", "let_in"),
    [(80, False, "localhost", True), (443, True, "localhost", True), (443, False, "localhost", False),
     (80, True, "127.0.0.1", False), (443, True, "[::1]", True)],
)  # fmt: skip
def test_a_host_without_a_port_means_the_schemes_own(port: int, tls: bool, host: str, let_in: bool) -> None:
    arrived = Arrival(method="GET", fields=(("host", host),), port=port, tls=tls)
    assert (refusal(arrived) is None) is let_in


@pytest.mark.parametrize(
    ("address", "host", "let_in"),
    [
        ("192.0.2.5", "192.0.2.5:8376", True),
        ("192.0.2.5", "192.0.2.6:8376", False),
        ("2001:db8::5", "[2001:DB8:0::5]:8376", True),
        ("fe80::1%eth0", "[fe80::1]:8376", True),
        ("::ffff:192.0.2.5", "192.0.2.5:8376", True),
        ("0.0.0.0", "0.0.0.0:8376", False),
        ("::", "[::]:8376", False),
    ],
)
def test_the_address_that_was_reached_is_a_name_of_the_router(address: str, host: str, let_in: bool) -> None:
    assert (refusal(arrival(host, address=address)) is None) is let_in


def test_the_host_that_the_router_listens_on_is_a_name_of_it() -> None:
    assert refusal(arrival("Box.lan:8376", address="192.0.2.5", listens="box.LAN")) is None
    assert status(arrival("box.lan:8377", address="192.0.2.5", listens="box.lan")) == 421
    assert status(arrival("box2.lan:8376", address="192.0.2.5", listens="box.lan")) == 421
    assert status(arrival("0.0.0.0:8376", address="192.0.2.5", listens="0.0.0.0")) == 421


@pytest.mark.parametrize(
    ("said", "host", "let_in"),
    [
        ("llr.example.com", "llr.example.com", True),
        ("llr.example.com", "LLR.example.com:9999", True),
        ("llr.example.com:9999", "llr.example.com:9999", True),
        ("llr.example.com:9999", "llr.example.com:9998", False),
        ("llr.example.com:80", "llr.example.com", True),
        ("llr.example.com", "llr.example.com.evil.com", False),
        ("a.example, localhost:9000", "localhost:9000", True),
        ("a.example  b.example,", "b.example", True),
        ("[2001:db8::1]:9000", "[2001:db8:0::1]:9000", True),
        ("*", "evil.example", False),
        ("", "evil.example", False),
    ],
)
def test_further_names_are_configured(said: str, host: str, let_in: bool) -> None:
    allowed, _ = allowed_hosts(said)
    assert (refusal(arrival(host, allowed=allowed)) is None) is let_in


def test_words_that_are_no_names_are_told() -> None:
    found, strange = allowed_hosts("http://a.example, *, b.example:1, c.example/x")
    assert found == {Authority("b.example", 1)}
    assert strange == ["http://a.example", "*", "c.example/x"]


@pytest.mark.parametrize(
    ("host", "origin"),
    [(OWN, "http://127.0.0.1:8376"), ("localhost:8376", "http://LOCALHOST:8376"), ("[::1]:8376", "http://[::1]:8376")],
)
def test_a_page_of_the_routers_own_origin_may_ask(host: str, origin: str) -> None:
    assert refusal(arrival(host, h_origin=origin)) is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "https://evil.example:8376",
        "http://localhost:8376",
        "http://127.0.0.1",
        "http://127.0.0.1:8377",
        "http://127.0.0.1:8376.evil.example",
        "http://127.0.0.1:8376@evil.example",
        "http://127.0.0.1:8376/",
        "http://127.0.0.1:8376 http://evil.example",
        "http://127.0.0.1.evil.com:8376",
        "file://",
        "chrome-extension://abcdef",
        "127.0.0.1:8376",
    ],
)
def test_a_page_of_another_origin_may_not(method: str, origin: str) -> None:
    """Promise 34. The router's other names are other origins too."""
    assert status(arrival(OWN, method=method, h_origin=origin)) == 403


def test_every_origin_that_is_named_counts() -> None:
    fields = (("host", OWN), ("origin", f"http://{OWN}"), ("origin", "http://evil.example"))
    assert status(Arrival(method="POST", fields=fields, port=PORT)) == 403


def test_a_preflight_is_refused_whoever_sends_it() -> None:
    """Promise 34."""
    assert status(arrival(OWN, method="OPTIONS", h_access_control_request_method="POST")) == 403
    own = {"h_origin": f"http://{OWN}", "h_access_control_request_method": "POST"}
    assert status(arrival(OWN, method="OPTIONS", **own)) == 403
    assert refusal(arrival(OWN, method="OPTIONS")) is None


@pytest.mark.parametrize(
    ("method", "site", "let_in"),
    [
        ("POST", "same-origin", True),
        ("POST", "none", True),
        ("POST", "same-site", False),
        ("POST", "cross-site", False),
        ("POST", "Cross-Site", False),
        ("POST", "", False),
        ("POST", "something new", False),
        ("DELETE", "cross-site", False),
        ("post", "cross-site", False),
        ("GET", "cross-site", True),
        ("HEAD", "same-site", True),
    ],
)
def test_a_page_of_another_site_may_change_nothing(method: str, site: str, let_in: bool) -> None:
    """Promise 35."""
    assert (refusal(arrival(OWN, method=method, h_sec_fetch_site=site)) is None) is let_in


def test_opening_a_websocket_is_no_safe_get() -> None:
    """Promise 35."""
    asked = {"h_upgrade": "websocket", "h_sec_fetch_site": "cross-site"}
    assert status(arrival(OWN, method="GET", **asked)) == 403


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text/plain", 415),
        ("Text/Plain; charset=UTF-8", 415),
        ("application/json", None),
        ("application/json; charset=utf-8", None),
        ("application/x-www-form-urlencoded", None),  # what curl says of `-d`
    ],
)
def test_json_that_calls_itself_plain_text_is_refused(kind: str, expected: int | None) -> None:
    """Promise 35."""
    assert status(arrival(OWN, h_content_type=kind)) == expected
    assert refusal(arrival(OWN, h_content_type=kind, reads_json=False)) is None
    assert refusal(arrival(OWN, h_content_type=kind, method="GET")) is None


@pytest.mark.parametrize("value", ["a\r\n b", "a\nb", "a\rb", "a\0b"])
def test_a_value_with_a_line_break_is_refused(value: str) -> None:
    """Promise 42."""
    assert status(arrival(OWN, h_x_note=value)) == 400


@pytest.mark.parametrize(
    ("version", "expected"), [("HTTP/1.0", None), ("HTTP/1.1", None), ("", None), ("HTTP/2.0", 505), ("HTTP/9.9", 505)]
)
def test_only_http_1_is_written_in_lines(version: str, expected: int | None) -> None:
    """Promise 42."""
    assert status(arrival(OWN, version=version)) == expected


def test_a_program_says_nothing_of_itself_and_is_let_in() -> None:
    assert refusal(arrival(OWN)) is None
    assert refusal(arrival(OWN, method="GET")) is None


def test_every_rule_says_what_to_do() -> None:
    infos: list[ErrorInfo] = [info for _, info in RULES]
    assert all(info.hint and re.fullmatch(r"4\d\d|505", str(info.status)) for info in infos)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Localhost:1", Authority("localhost", 1)),
        ("a_b.c-d", Authority("a_b.c-d")),
        ("[0::1]", Authority("[::1]")),
        ("localhost:0", None),
        ("localhost:65536", None),
        ("localhost\n", None),
        ("", None),
    ],
)
def test_an_authority_has_one_spelling(text: str, found: Authority | None) -> None:
    assert authority(text) == found
