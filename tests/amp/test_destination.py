"""Where a request for AMP's server goes, whatever its client says."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.amp.destination import Destination, destination

HOME = Destination("https", "amp.example", 443, "/base")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ampcode.com", Destination("https", "ampcode.com", 443)),
        ("https://ampcode.com/", Destination("https", "ampcode.com", 443)),
        (" http://127.0.0.1:8080/a/b/ ", Destination("http", "127.0.0.1", 8080, "/a/b")),
        ("https://me:secret@AMP.example?x=1#y", Destination("https", "amp.example", 443)),
        ("http://[::1]:9/x", Destination("http", "::1", 9, "/x")),
    ],
)
def test_a_url_names_a_server(url: str, expected: Destination) -> None:
    assert destination(url) == expected


@pytest.mark.parametrize(
    "url", [None, "", "ampcode.com", "ftp://ampcode.com", "https://", "https://host:port", "http://[::1", "https:///x"]
)
def test_anything_else_names_none(url: str | None) -> None:
    assert destination(url) is None


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://amp.example", "amp.example"),
        ("http://amp.example:80", "amp.example"),
        ("http://amp.example:443", "amp.example:443"),
        ("https://[::1]:8443", "[::1]:8443"),
    ],
)
def test_the_host_header_has_no_port_that_goes_without_saying(url: str, authority: str) -> None:
    found = destination(url)
    assert found is not None
    assert found.authority == authority


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/api/internal?getUserInfo", "/base/api/internal?getUserInfo"),
        ("/api/internal?", "/base/api/internal?"),
        ("/threads", "/base/threads"),
        ("//evil.example/api/internal", "/base/evil.example/api/internal"),
        ("/api/internal@evil.example:1/x", "/base/api/internal@evil.example:1/x"),
        ("@evil.example/x", "/base/@evil.example/x"),
        ("http://evil.example/x", "/base/http://evil.example/x"),
    ],
)
def test_what_a_client_asks_for_stands_behind_the_host(asked: str, target: str) -> None:
    """Promise 36."""
    assert HOME.target(asked) == target


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_no_target_leads_to_another_host(asked: str) -> None:
    """Promise 36."""
    whole = f"https://amp.example{HOME.target(asked)}"
    assert (urlsplit(whole).scheme, urlsplit(whole).netloc) == ("https", "amp.example")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("key=k", ""),
        ("a=1&key=k&b=%20&b", "?a=1&b=%20&b"),
        ("api_key=k&getUserInfo", "?getUserInfo"),
        ("x=1&auth%5Ftoken=k", "?x=1"),
        ("keyed=1&rvt-key=T-1", "?keyed=1&rvt-key=T-1"),
    ],
)
def test_a_key_in_the_query_stays_behind_and_the_rest_keeps_its_bytes(query: str, kept: str) -> None:
    """Promise 41."""
    assert HOME.target(f"/x?{query}") == f"/base/x{kept}"
