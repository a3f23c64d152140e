"""A terminal that can be photographed: what a program has written, as SVG."""

import io
import re

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

COLUMNS, ROWS = 110, 44
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow"}


class Screen:
    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        self._stream.feed(data)

    def svg(self, title: str) -> str:
        """What is on it, without the empty rows at its end."""
        console = Console(record=True, width=self._screen.columns, file=io.StringIO(), force_terminal=True)
        rows = [self._row(number) for number in range(self._screen.lines)]
        while rows and not rows[-1].plain.strip():
            rows.pop()
        for row in rows:
            console.print(row, no_wrap=True, overflow="crop", highlight=False)
        # an id that is made from the text would differ with every port number
        made = console.export_svg(title=title, unique_id="llr")
        # nothing is fetched to show it: the reader's own fonts do
        return _FONTS.sub("", made).replace("Fira Code", "ui-monospace, DejaVu Sans Mono, Menlo, Consolas")

    def _row(self, number: int) -> Text:
        row = Text()
        for column in range(self._screen.columns):
            cell = self._screen.buffer[number][column]
            style = Style(color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold, reverse=cell.reverse)
            row.append(cell.data, style)
        row.rstrip()
        return row


def _colour(name: str) -> str | None:
    """As rich calls it; pyte gives six hexadecimal digits for what has no name."""
    if name == "default":
        return None
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    return _COLOURS.get(name, name.replace("bright", "bright_") if name.startswith("bright") else name)
