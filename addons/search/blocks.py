"""How a client sees what the router has looked up: Anthropic's blocks, OpenAI's items, Google's grounding.

Sources: Anthropic documentation, "Web search tool" and "Web fetch tool"; OpenAI API reference, "Web search call";
Gemini API reference, "GroundingMetadata".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addons.core.events import Event, PartClose, PartOpen
from addons.core.model import DialectName
from addons.core.sealed_text import ID_MARK, seal
from addons.search.lookups import Looked, Lookup

CLAUDE, RESPONSES, GEMINI = DialectName.ANTHROPIC, DialectName.RESPONSES, DialectName.GEMINI
RESULT_TYPES = {"search": "web_search_tool_result", "fetch": "web_fetch_tool_result"}

# of the ids of calls, as each vendor writes them
ID_PREFIXES: Mapping[DialectName, str] = {CLAUDE: ID_MARK, RESPONSES: "ws_"}

type Raw = dict[str, Any]


def called(client: DialectName, lookup: Lookup) -> Raw | None:
    """What a client sees of the call as soon as it is made."""
    return _call(lookup) if client is CLAUDE else None


def answered(client: DialectName, looked: Looked) -> Raw | None:
    """What it sees of the outcome; None where its dialect has nothing to say that with."""
    written = _WRITTEN.get(client)
    return written(looked) if written is not None else None


def opaque(index: int, client: DialectName, raw: Raw) -> Iterator[Event]:
    yield PartOpen(index, "opaque", dialect=client, raw=raw)
    yield PartClose(index)


def _call(lookup: Lookup) -> Raw:
    return {
        "type": "server_tool_use",
        "id": lookup.id,
        "name": lookup.tool.name,
        "input": dict(lookup.arguments),
    }


def _result(looked: Looked) -> Raw:
    kind = RESULT_TYPES[looked.lookup.tool.kind]
    return {"type": kind, "tool_use_id": looked.lookup.id, "content": _content(kind, looked)}


def _content(kind: str, looked: Looked) -> Raw | list[Raw]:
    if looked.error is not None:
        return {"type": f"{kind}_error", "error_code": looked.error}
    if looked.page is not None:
        page = looked.page
        source = {"type": "text", "media_type": "text/plain", "data": page.text}
        document = {"type": "document", "source": source, "title": page.title or None}
        return {"type": "web_fetch_result", "url": page.url, "content": document, "retrieved_at": looked.at}
    return [
        {
            "type": "web_search_result",
            "title": each.title,
            "url": each.url,
            "encrypted_content": seal(each.snippet),
            "page_age": each.published,
        }
        for each in looked.results
    ]


def _item(looked: Looked) -> Raw:
    sources = [{"type": "url", "url": each.url} for each in looked.results]
    wanted = looked.lookup.wanted
    search = {"type": "search", "query": wanted, "queries": [wanted], "sources": sources}
    action = search if looked.lookup.tool.kind == "search" else {"type": "open_page", "url": wanted}
    status = "completed" if looked.error is None else "failed"
    return {"id": looked.lookup.id, "type": "web_search_call", "status": status, "action": action}


def _grounding(looked: Looked) -> Raw | None:
    """It stands beside the answer, and says nothing of what failed."""
    if looked.error is not None or looked.lookup.tool.kind != "search":
        return None
    chunks = [{"web": {"uri": each.url, "title": each.title}} for each in looked.results]
    return {"groundingMetadata": {"webSearchQueries": [looked.lookup.wanted], "groundingChunks": chunks}}


_WRITTEN: Mapping[DialectName, Callable[[Looked], Raw | None]] = {
    CLAUDE: _result,
    RESPONSES: _item,
    GEMINI: _grounding,
}
