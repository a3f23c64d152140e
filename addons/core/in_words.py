"""Content that only one dialect has, in words that every model can read.

Hosted tools leave records in the history (searches and what they found): another provider has no such blocks, but
its model should know what they said. Source: Anthropic API reference, "Create a Message" (content blocks); OpenAI API
reference, "Create a model response" (items).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addons.core import jsonio
from addons.core.beside import CACHING, losses_beside
from addons.core.model import DialectName, Loss, Opaque, Request
from addons.core.pictures import picture
from addons.core.sealed_text import unseal

type Raw = Mapping[str, Any]

# fields of a request that stand for content: files, tools of other servers, what was said before
_CONTENT_FIELDS = frozenset(
    ("cachedContent", "compaction", "container", "continuationToken", "conversation", "mcp_servers",
     "previous_response_id", "prompt", "suffix", "thread")
)  # fmt: skip
# members of Gemini's parts that stand beside what they are
_BESIDE = frozenset(("thought", "thoughtSignature", "partMetadata", "mediaResolution", "videoMetadata"))
# what is said elsewhere (tools that travel in the history), or says nothing to the model
_NO_CONTENT = frozenset(
    ("additional_tools", "configuration_update", "tool_search_call", "tool_search_output", "compaction_trigger",
     "fallback", "mcp_tool_listing")
)  # fmt: skip


def in_words(part: Opaque) -> str | None:
    """The text that says what `part` says; None when there is none."""
    if not isinstance(part.raw, Mapping):
        return None
    say = _WORDS.get(kind_of(part.raw, part.dialect) or "")
    return (say(part.raw) or None) if say else None


def kind_of(raw: Raw, dialect: DialectName) -> str | None:
    """What an opaque part is; Gemini's parts are told apart by the one member that they have."""
    if dialect is DialectName.GEMINI:
        return next((str(key) for key in raw if key not in _BESIDE), None)
    kind = raw.get("type")
    return kind if isinstance(kind, str) else None


def loss_of(part: Opaque, where: str = "messages") -> Loss:
    """What is to be told when `part` is not sent: content, unless it is known to be none."""
    kind = kind_of(part.raw, part.dialect) if isinstance(part.raw, Mapping) else None
    what = f"{kind}: content" if kind else "content"
    return Loss(part.path or where, f"{what} that only its own dialect understands", content=kind not in _NO_CONTENT)


def field_losses(request: Request, why: str, carried: frozenset[str] = frozenset()) -> list[Loss]:
    """What is to be told of the fields that have no home in another dialect, at the top and beside the parts. Some
    hold what the model is to know, as long as they are not empty."""
    top = [
        Loss(name, why, content=name in _CONTENT_FIELDS and bool(value))
        for name, value in request.extras.items()
        if name not in carried and name not in CACHING and not _is_done(request, name, value)
    ]
    return top + losses_beside(request, why, carried)


def _is_done(request: Request, name: str, value: Any) -> bool:
    """Whether the router does what the field asks for: it keeps answers of the Responses API, seals reasoning for its
    clients, and its streams have no padding."""
    if request.dialect is not DialectName.RESPONSES:
        return False
    return name == "store" or (name, value) in (
        ("include", []),
        ("include", ["reasoning.encrypted_content"]),
        ("stream_options", {"include_obfuscation": False}),
    )


def _reference(raw: Raw) -> str:
    return f"The tool {raw.get('tool_name')} is now available."


def _added(raw: Raw) -> str:
    """A tool that is declared already; one that is defined here has no words."""
    tool = raw.get("tool")
    if not isinstance(tool, Mapping) or tool.get("type") != "tool_reference":
        return ""
    return f"The tool {tool.get('name')} is now available."


def _removed(raw: Raw) -> str:
    tool = raw.get("tool")
    name = tool.get("name") or tool.get("server_name") if isinstance(tool, Mapping) else None
    return f"The tool {name} is no longer available: do not call it." if name else ""


def _hosted_call(raw: Raw) -> str:
    return f"[called {raw.get('name')} with {jsonio.text(raw.get('input', {}))}]"


def _found(raw: Raw) -> str:
    """Results of a web search; an error stands there as an object."""
    content = raw.get("content")
    if isinstance(content, Mapping):
        return f"[the web search failed: {content.get('error_code')}]"
    return "\n".join(["[web search results]", *(line for hit in _mappings(content) for line in _hit(hit))])


def _hit(hit: Raw) -> Iterator[str]:
    yield f"- {hit.get('title')}: {hit.get('url')}"
    # what the router has found itself it can read again
    said = unseal(hit.get("encrypted_content"))
    if said:
        yield f"  {said}"


def _fetched(raw: Raw) -> str:
    content = raw.get("content")
    if not isinstance(content, Mapping) or "error_code" in content:
        code = content.get("error_code") if isinstance(content, Mapping) else None
        return f"[the fetch failed: {code}]"
    document = content.get("content")
    text = _document(document) if isinstance(document, Mapping) else ""
    return f"[fetched {content.get('url')}]\n{text}".rstrip()


def _ran(raw: Raw) -> str:
    content = raw.get("content")
    if not isinstance(content, Mapping):
        return ""
    shown = [str(content[key]) for key in ("stdout", "stderr", "error_code") if content.get(key)]
    return "\n".join(["[output of the code]", *shown])


def _code(raw: Raw) -> str:
    code = raw.get("executableCode")
    return f"[This code was run:\n{code.get('code')}]" if isinstance(code, Mapping) else ""


def _code_result(raw: Raw) -> str:
    result = raw.get("codeExecutionResult")
    return f"[output of the code]\n{result.get('output') or 'none'}" if isinstance(result, Mapping) else ""


def _painted(raw: Raw) -> str:
    """What else the model has put out as bytes has no words."""
    return "[a picture that you have made]" if picture(raw, DialectName.GEMINI) is not None else ""


def _edited(raw: Raw) -> str:
    """What an editor of Anthropic's has shown or changed."""
    content = raw.get("content")
    if not isinstance(content, Mapping):
        return ""
    lines = content.get("lines")
    shown = (
        "\n".join(map(str, lines)) if isinstance(lines, list) else content.get("content") or content.get("error_code")
    )
    return f"[output of the editor]\n{shown or 'done'}"


def _advice(raw: Raw) -> str:
    content = raw.get("content")
    text = content.get("text") if isinstance(content, Mapping) else None
    return f"[advice of another model]\n{text}" if text else ""


def _tools_found(raw: Raw) -> str:
    content = raw.get("content")
    content = content if isinstance(content, Mapping) else {}
    names = [str(each.get("tool_name")) for each in _mappings(content.get("tool_references"))]
    return f"[tools found: {', '.join(names) or 'none'}]"


def _summary(raw: Raw) -> str:
    """Of a conversation so far; an encrypted one has no words."""
    text = raw.get("content")
    return f"[summary of the conversation so far]\n{text}" if isinstance(text, str) and text else ""


def _remote_result(raw: Raw) -> str:
    content = raw.get("content")
    text = content if isinstance(content, str) else "\n".join(_texts(content))
    return f"[result of the tool]\n{text}"


def _search_result(raw: Raw) -> str:
    return "\n".join([f"[search result: {raw.get('title')} ({raw.get('source')})]", *_texts(raw.get("content"))])


def _document(raw: Raw) -> str:
    """A document whose source is text or a list of blocks; one of another source has no words."""
    source = raw.get("source")
    source = source if isinstance(source, Mapping) else {}
    inner = source.get("content") if source.get("type") == "content" else source.get("data")
    if source.get("type") not in ("content", "text"):
        return ""
    texts = [inner] if isinstance(inner, str) else list(_texts(inner))
    heads = [str(raw[key]) for key in ("title", "context") if raw.get(key)]
    return "\n".join([*heads, *texts]) if texts else ""


def _searched(raw: Raw) -> str:
    action = raw.get("action")
    query = action.get("query") or action.get("url") if isinstance(action, Mapping) else None
    return f"[searched the web for: {query}]" if query else "[searched the web]"


def _refusal(raw: Raw) -> str:
    return str(raw.get("refusal") or "")


def _mappings(value: object) -> Iterator[Raw]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _texts(value: object) -> Iterator[str]:
    return (str(each["text"]) for each in _mappings(value) if each.get("type") == "text" and each.get("text"))


_WORDS: Mapping[str, Callable[[Raw], str]] = {
    "tool_reference": _reference,
    "tool_addition": _added,
    "tool_removal": _removed,
    "server_tool_use": _hosted_call,
    "mcp_tool_use": _hosted_call,
    "web_search_tool_result": _found,
    "web_fetch_tool_result": _fetched,
    "code_execution_tool_result": _ran,
    "bash_code_execution_tool_result": _ran,
    "text_editor_code_execution_tool_result": _edited,
    "advisor_tool_result": _advice,
    "executableCode": _code,
    "codeExecutionResult": _code_result,
    "inlineData": _painted,
    "tool_search_tool_result": _tools_found,
    "compaction": _summary,
    "mcp_tool_result": _remote_result,
    "search_result": _search_result,
    "document": _document,
    "web_search_call": _searched,
    "refusal": _refusal,
}
