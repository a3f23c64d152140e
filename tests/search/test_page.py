"""Specification of addons/search/page.py: a web page as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.search.page import CUT, MAX_CHARS, MAX_ROWS, MAX_TABLES, Page, read

FILLER = "<p>" + "word " * 80 + "</p>"


def html(body: str, head: str = "") -> Page:
    data = f"<!doctype html><html><head>{head}</head><body>{body}{FILLER}</body></html>".encode()
    return read("https://a.example/", "text/html", data)


def lines(body: str) -> list[str]:
    return [line for line in html(body).text.splitlines() if line and not line.startswith("word")]


def test_the_title_is_apart_from_the_text() -> None:
    page = html("<p>text</p>", "<title> On\n llamas </title>")
    assert page.title == "On llamas" and "On llamas" not in page.text


@pytest.mark.parametrize("tag", ["script", "style", "noscript", "template", "svg", "nav", "footer", "aside"])
def test_what_is_no_text_of_the_page_is_left_out(tag: str) -> None:
    assert lines(f"<p>a</p><{tag}><b>hidden</b></{tag}><p>b</p>") == ["a", "b"]


def test_a_page_that_stands_inside_its_furniture_is_read_all_the_same() -> None:
    assert read("u", "text/html", b"<body><form><p>all of it</p></form></body>").text == "all of it"


def test_headings_and_lists_are_marked() -> None:
    assert lines("<h2>Head</h2><ul><li>one<li>two</ul>") == ["## Head", "- one", "- two"]


def test_white_space_is_one_space_but_for_code() -> None:
    assert lines("<p>a\n   b<br>c</p><pre>def f():\n    return 1</pre>") == ["a b", "c", "def f():", "    return 1"]


def test_entities_are_characters() -> None:
    assert lines("<p>a &amp; b &lt;c&gt; &#233;</p>") == ["a & b <c> é"]


def test_tables_keep_their_rows() -> None:
    table = "<table><tr><th>name</th><th>age</th></tr><tr><td>Ann</td><td>3</td></tr></table>"
    assert lines(table) == ["name | age", "Ann | 3"]


def test_a_long_table_ends_after_its_last_row_that_is_read() -> None:
    rows = "".join(f"<tr><td>row{n}</td></tr>" for n in range(100))
    found = lines(f"<table>{rows}</table><p>after</p>")
    assert found == [*(f"row{n}" for n in range(MAX_ROWS)), "after"]


def test_no_more_tables_than_the_limit() -> None:
    found = lines("".join(f"<table><tr><td>t{n}</td></tr></table>" for n in range(20)) + "<p>after</p>")
    assert found == [*(f"t{n}" for n in range(MAX_TABLES)), "after"]


def test_a_long_page_is_cut() -> None:
    text = html("<p>" + "x" * 60 + "</p>\n" * 10_000).text
    assert len(html("<p>some words</p>" * 20_000).text) <= MAX_CHARS + len(CUT) and text


def test_plain_text_is_kept_as_it_is() -> None:
    page = read("u", "text/plain", b"a\n  b <tag>\n")
    assert page == Page("u", "", "a\n  b <tag>")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        (b"\xef\xbb\xbf" + "é".encode(), "é"),
        ("\ufeffé".encode("utf-16-le"), "é"),
        (b"caf\xe9", "café"),
        (b"\xff\xfe\x00", "\ufffd"),
    ],
)
def test_bytes_are_read_as_what_they_are(data: bytes, text: str) -> None:
    assert read("u", "text/plain", data).text == text


def test_a_page_says_itself_how_it_is_written() -> None:
    data = b'<meta charset="koi8-r"><body><p>' + "лама".encode("koi8-r") + b"</p></body>"
    assert read("u", "text/html", data).text == "лама"


@pytest.mark.parametrize("markup", ["<a ", "<!--", "<a b='", "&", "<![if"])
def test_markup_without_an_end_is_read_once(markup: str) -> None:
    """Read again with every piece, a megabyte of it would take minutes; the limit of a test is one."""
    assert len(read("u", "text/html", (markup * 300_000).encode()).text) <= MAX_CHARS + len(CUT)


def test_what_follows_a_tag_without_an_end_is_read() -> None:
    page = read("u", "text/html", b"<p>before</p><img src='data:" + b"A" * 100_000 + b"'><p>after</p>")
    assert page.text.split() == ["before", "after"]


@given(st.text(alphabet=st.sampled_from('<>/="![]? abtrdhpescriptulnavfom&;#-\n'), max_size=300))
def test_nothing_that_is_almost_html_breaks_the_reader(text: str) -> None:
    page = read("u", "text/html", text.encode())
    assert len(page.text) <= MAX_CHARS + len(CUT)
