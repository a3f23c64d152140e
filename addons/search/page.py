"""A web page as text that a model can read. Pure.

Source: the predecessor's limits (24,000 characters; 8 tables of 40 rows). A page is read in pieces and no further than
its text is needed: pages of megabytes are common, and most of them is no text.
"""

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from html.parser import HTMLParser

MAX_CHARS = 24_000
MAX_TABLES = 8
MAX_ROWS = 40
CUT = "\n[…]"
# what of a page is looked at: nobody is to be kept busy by markup without text
_MOST = 1 << 20
_PIECE = 1 << 12
_UNFINISHED = 1 << 13
# a page whose text stands inside what is usually furniture
_TOO_LITTLE = 200
_NO_TEXT = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "textarea", "canvas")
)
_FURNITURE = frozenset(("nav", "footer", "aside", "dialog", "form"))
_VOID = frozenset(
    ("br", "hr", "img", "input", "meta", "link", "source", "wbr", "area", "base", "col", "embed", "track")
)
_BLOCKS = frozenset(
    ("address", "article", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
     "figcaption", "header", "hr", "main", "ol", "p", "pre", "section", "summary", "table", "tr", "ul")
)  # fmt: skip
_HEADINGS = {f"h{n}": "#" * n for n in range(1, 7)}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    title: str
    text: str


def read(url: str, media_type: str, data: bytes, limit: int = MAX_CHARS) -> Page:
    """What `data` says, in `limit` characters at most."""
    text = _decoded(data)
    if "html" in media_type or (
        media_type in ("", "text/plain") and text[:200].lstrip().lower().startswith("<!doctype")
    ):
        title, text = _html(text, limit)
    else:
        title, text = "", text.strip()
    return Page(url, title, text if len(text) <= limit else text[:limit].rstrip() + CUT)


def _decoded(data: bytes) -> str:
    """By its byte-order mark, else as UTF-8, else as its own `meta` says, else as the web's old default."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        named = _CHARSET.search(data[:4096])
    try:
        return data.decode(named[1].decode() if named else "cp1252", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _html(text: str, limit: int) -> tuple[str, str]:
    text = text[:_MOST]
    title, found = _read_html(text, _NO_TEXT | _FURNITURE, limit)
    if len(found) >= _TOO_LITTLE or len(text) > _MOST // 4:
        return title, found
    return _read_html(text, _NO_TEXT, limit)


def _read_html(text: str, skipped: Collection[str], limit: int) -> tuple[str, str]:
    reader, start = _Reader(skipped), 0
    while start < len(text) and reader.size <= limit:
        reader.feed(text[start : start + _PIECE])
        start += _PIECE
        if len(reader.rawdata) > _UNFINISHED:
            # a tag without an end is read again with every piece: it is left out, up to where it may end
            reader.rawdata = ""
            end = text.find(">", start)
            start = len(text) if end < 0 else end + 1
    if start >= len(text) and len(reader.rawdata) <= _PIECE:
        reader.close()
    return reader.title, reader.text


class _Reader(HTMLParser):
    """Gathers lines. What stands in a skipped element is not read, a table up to its last row that is."""

    def __init__(self, skipped: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.size = 0
        self._skipped = skipped
        self._inside: list[str] = []  # the skipped elements that are open
        self._lines: list[str] = []
        self._line: list[str] = []
        self._title: list[str] = []
        self._in_title = self._closed_title = False
        self._verbatim = 0
        self._tables = 0
        self._rows: list[int] = []  # of the open tables

    @property
    def title(self) -> str:
        return _one_line("".join(self._title))

    @property
    def text(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._skipped:
            self._inside.append(tag)
        elif tag == "title":
            self._in_title = not self._closed_title
        elif tag in _HEADINGS:
            self._end_line(blank=True)
            self._line.append(f"{_HEADINGS[tag]} ")
        elif tag == "li":
            self._end_line()
            self._line.append("- ")
        elif tag == "table":
            self._end_line(blank=True)
            self._tables += 1
            self._rows.append(0)
        elif tag in ("td", "th"):
            if self._line:
                self._line.append(" | ")
        elif tag == "br":
            self._end_line()
        elif tag in _BLOCKS:
            self._end_line(blank=tag == "p")
            if tag == "tr" and self._rows:
                self._rows[-1] += 1
            self._verbatim += tag == "pre"

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """HTML has none: it is a comment there (HTML standard, "incorrectly opened comment")."""
        return self.parse_bogus_comment(i)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._skipped:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        elif tag in ("body", "html"):
            self._inside.clear()
        elif tag == "title":
            self._in_title, self._closed_title = False, True
        elif tag == "table":
            self._end_line(blank=True)
            self._rows[-1:] = []
        elif tag in _HEADINGS or tag in _BLOCKS or tag == "li":
            self._end_line(blank=tag in _HEADINGS or tag == "p")
            self._verbatim -= tag == "pre" and self._verbatim > 0

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        elif not self._inside and not self._beyond():
            if self._verbatim:
                first, *rest = data.split("\n")
                self._line.append(first)
                for line in rest:
                    self._end_line()
                    self._line.append(line)
            else:
                self._line.append(re.sub(r"\s+", " ", data))

    def _beyond(self) -> bool:
        return bool(self._rows) and (self._tables > MAX_TABLES or any(rows > MAX_ROWS for rows in self._rows))

    def _end_line(self, *, blank: bool = False) -> None:
        line = "".join(self._line)
        self._line.clear()
        line = line.rstrip() if self._verbatim else _one_line(line)
        if line.strip(" |#-") or (self._verbatim and line):
            self._lines.append(line)
            self.size += len(line) + 1
        if blank and self._lines and self._lines[-1]:
            self._lines.append("")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
