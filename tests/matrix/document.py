"""Writes docs/capabilities.md, and its summary in README.md, from the table: `make matrix`."""

from collections import Counter
from pathlib import Path
from textwrap import fill

from matrix.outcomes import CHAT, CLAUDE, DIALECTS, GEMINI, RESPONSES, But, Outcome, Row
from matrix.table import TABLE

from addons.core.model import DialectName

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT, README = ROOT / "docs/capabilities.md", ROOT / "README.md"
BEGIN, END = "<!-- capabilities -->", "<!-- /capabilities -->"

NAMES = {CLAUDE: "Messages", CHAT: "Chat", RESPONSES: "Responses", GEMINI: "Gemini"}
SDKS = {CLAUDE: "anthropic", CHAT: "openai", RESPONSES: "openai", GEMINI: "google-genai"}
SIGNS = {Outcome.YES: "✓", Outcome.APPROXIMATED: "≈", Outcome.REFUSED: "✗", Outcome.NONE: "—"}
LEGEND = (
    "✓ as asked; ≈ by another means, or in part with the rest on the list of losses; ✗ refused with a 400 that "
    "says why, by design; — the client's or the provider's dialect has no form for it."
)
ROWS = [row for rows in TABLE.values() for row in rows]
PAIRS = [(client, provider) for client in DIALECTS for provider in DIALECTS]


def document() -> str:
    """The whole page: a table for every client."""
    cells = sum(len(row.modes) for row in ROWS for pair in PAIRS if row.outcome(*pair) is not Outcome.NONE)
    head = f"""# Capabilities

Written by `make matrix` from tests/matrix/table.py; do not edit.

{len(ROWS)} behaviours with every client on a provider of every dialect, streamed (asynchronous SDK) and whole
(synchronous SDK): {cells} tests in tests/system/test_capabilities.py. Each drives a vendor's SDK through a real router
process onto a scripted provider, compares what the SDK shows and what the provider received, and fails when the outcome
is another than the one that stands here. A scripted provider refuses what the real one would.

{_filled(LEGEND)}
"""
    return "\n".join([head, *(_of_client(client) for client in DIALECTS)])


def summary() -> str:
    """What README.md shows: how many behaviours come to what, and all that is not a plain yes."""
    plain = [row.title for row in ROWS if not any(but.outcome in _NOTED for but in row.exceptions)]
    tried = f"{len(ROWS)} behaviours, each tried with the vendors' SDKs through a real router, streamed and whole"
    lines = [
        _filled(f"{tried} ([every cell](docs/capabilities.md)). {LEGEND}"),
        "",
        _table(["client ↓, provider →", *NAMES.values()], [_counts(client) for client in DIALECTS]),
        "",
        _filled(f"✓ wherever there is a form for it: {_sentence(plain)}."),
        "",
        _table(["not a plain ✓", "clients → providers", "", "what happens"], _exceptions()),
    ]
    return "\n".join(lines)


_NOTED = (Outcome.APPROXIMATED, Outcome.REFUSED)


def _filled(text: str) -> str:
    return fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _of_client(client: DialectName) -> str:
    parts = [f"## {NAMES[client]} clients (`{SDKS[client]}`)\n"]
    for family, rows in TABLE.items():
        body = [[row.title, *_signs(row, client), _why(row, client)] for row in rows]
        parts.append(_table([family, *NAMES.values(), ""], body) + "\n")
    return "\n".join(parts)


def _signs(row: Row, client: DialectName) -> list[str]:
    return [SIGNS[row.outcome(client, provider)] for provider in DIALECTS]


def _why(row: Row, client: DialectName) -> str:
    """The reasons for what is not a plain yes, each with the providers that it speaks of."""
    reasons: dict[str, list[str]] = {}
    for provider in DIALECTS:
        but = row.exception(client, provider)
        if but is not None:
            reasons.setdefault(but.why, []).append(NAMES[provider])
    return "; ".join(
        why if len(names) == len(DIALECTS) or len(reasons) == 1 else f"{', '.join(names)}: {why}"
        for why, names in reasons.items()
    )


def _counts(client: DialectName) -> list[str]:
    return [f"**{NAMES[client]}** (`{SDKS[client]}`)", *(_count(client, provider) for provider in DIALECTS)]


def _count(client: DialectName, provider: DialectName) -> str:
    counted = Counter(row.outcome(client, provider) for row in ROWS)
    return ", ".join(f"{counted[outcome]} {sign}" for outcome, sign in SIGNS.items() if counted[outcome])


def _exceptions() -> list[list[str]]:
    return [[row.title, *_exception(row, but)] for row in ROWS for but in row.exceptions if but.outcome in _NOTED]


def _exception(row: Row, but: But) -> list[str]:
    covered = [pair for pair in PAIRS if row.exception(*pair) is but]
    clients = _named([client for client in DIALECTS if any(pair[0] is client for pair in covered)])
    providers = _named([provider for provider in DIALECTS if any(pair[1] is provider for pair in covered)])
    others = "another" if but.pairs == "other" and providers == "all" else providers
    return [f"{clients} → {others}", SIGNS[but.outcome], but.why]


def _named(dialects: list[DialectName]) -> str:
    return "all" if len(dialects) == len(DIALECTS) else ", ".join(NAMES[dialect] for dialect in dialects)


def _sentence(titles: list[str]) -> str:
    return "; ".join(title if title[1].isupper() else title[0].lower() + title[1:] for title in titles)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spliced(text: str) -> str:
    """`text` with the summary between its markers. Raises ValueError when it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the markers {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{summary()}\n{END}{after}"


def main() -> None:
    DOCUMENT.write_text(document())
    README.write_text(spliced(README.read_text()))


if __name__ == "__main__":
    main()
