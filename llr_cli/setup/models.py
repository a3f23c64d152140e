"""Which models of a provider are taken."""

import fnmatch
from collections.abc import Sequence

from llr_cli import render
from llr_cli.setup import talk

SHOWN = 20
# so few are taken all
FEW = 5


def chosen_models(listed: Sequence[str]) -> list[str]:
    """Asks until there is at least one. A pattern stands for what it matches of `listed`; a name need not be on it."""
    _show(listed)
    default = ", ".join(listed) if 0 < len(listed) <= FEW else None
    while True:
        said = talk.words(talk.text("Models, names or patterns like *mini*", default))
        found: list[str] = []
        for word in said:
            matching = [name for name in listed if fnmatch.fnmatchcase(name.lower(), word.lower())]
            if not matching and set(word) & set("*?["):
                render.failure(f"nothing matches {word}")
            found += matching or ([] if set(word) & set("*?[") else [word])
        if found:
            return list(dict.fromkeys(found))
        render.failure("a name is expected")


def _show(listed: Sequence[str]) -> None:
    if not listed:
        return
    more = f", and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    render.prose(f"It has {', '.join(listed[:SHOWN])}{more}.")
