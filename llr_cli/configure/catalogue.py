"""Context windows by the name of a model, from LiteLLM's public list: exact, or the nearest names.

Source: the predecessor asks the same list, ignores what stands before the model, and takes the median where several
entries are of one model.
"""

import asyncio
import difflib
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from addons.core import jsonio
from addons.core.http import UpstreamRequest
from llr_cli.configure.asking import DEADLINES, RPM, asker
from llr_cli.configure.call import Call, Result, Table
from llr_cli.configure.refusal import Refused
from llr_cli.exits import Exit

URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
SUGGESTIONS = 8
MOST_SUGGESTIONS = 20


def lookup(call: Call) -> Result:
    """The window of each model, or the nearest names of one that is unknown."""
    names = call.given.wanted("models")
    limit = min(int(call.given.get("limit", SUGGESTIONS)), MOST_SUGGESTIONS)
    windows = fetched(call.given.get("catalog-url") or URL)
    found = {name: window_of(windows, name) for name in names}
    near = {name: suggestions(windows, name, limit) for name, window in found.items() if window is None}
    rows = [
        (name, str(window) if window else "unknown", ", ".join(near.get(name, ()))) for name, window in found.items()
    ]
    facts = [
        {"model": name, "contextWindow": window} | ({"suggestions": near[name]} if name in near else {})
        for name, window in found.items()
    ]
    return Result(
        "LiteLLM Context Lookup",
        {"models": facts},
        tables=[Table(("model", "context window", "near it"), rows)],
        exit=Exit.OK if len(near) < len(names) else Exit.FAILURE,
    )


def fetched(url: str) -> Mapping[str, int]:
    """Every model of the list that has a window. Raises Refused."""

    async def get() -> Any:
        async with asker(RPM) as asking:
            return await asking.ask(UpstreamRequest(url, (("accept", "application/json"),), b"", DEADLINES, "GET"))

    answer = asyncio.run(get())
    if answer.status != 200:
        raise Refused(f"the list of models cannot be read: {answer.text or answer.status}")
    try:
        body = jsonio.loads(answer.body)
    except ValueError as error:
        raise Refused("the list of models is no JSON") from error
    return {name: window for name, entry in _items(body) if (window := _window(entry)) is not None}


def window_of(windows: Mapping[str, int], name: str) -> int | None:
    """The window of a model, by its whole name or by its last part; the median of several."""
    if name in windows:
        return windows[name]
    found = [window for known, window in windows.items() if _plain(known) == _plain(name)]
    return round(statistics.median(found)) if found else None


def suggestions(windows: Iterable[str], name: str, limit: int) -> Sequence[str]:
    plain = {_plain(known): known for known in windows}
    near = difflib.get_close_matches(_plain(name), plain, n=limit, cutoff=0.5) if limit > 0 else []
    return [plain[each] for each in near]


def _items(body: Any) -> Iterable[tuple[str, Any]]:
    return body.items() if isinstance(body, dict) else ()


def _window(entry: Any) -> int | None:
    for member in ("max_input_tokens", "max_tokens"):
        size = entry.get(member) if isinstance(entry, dict) else None
        if isinstance(size, int) and not isinstance(size, bool) and size > 0:
            return size
    return None


def _plain(name: str) -> str:
    return name.rpartition("/")[2].lower()
