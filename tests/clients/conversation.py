"""What a request to the scripted provider amounts to, whatever its dialect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from clients.checks_gemini import asked, is_3
from clients.complaint import written_by_script

from addons.core.model import DialectName

type Json = Mapping[str, Any]

LISTING = ("additional_tools", "tool_search_output")
SUMMARY_WORDS = ("CONTEXT CHECKPOINT", "is about to be replaced by a summary")


@dataclass(frozen=True)
class Offered:
    """A tool that the model may call."""

    name: str
    schema: Json
    kind: Literal["function", "custom", "search"] = "function"
    namespace: str | None = None
    description: str = ""


@dataclass(frozen=True)
class Conversation:
    """`said` is everything that users wrote; `results` what came back from tools, in order. `parallel`: whether the
    model may call several tools at once. `summary`: what is asked for is a summary, as an item or as a text."""

    model: str
    stream: bool
    said: str
    results: tuple[str, ...]
    tools: tuple[Offered, ...]
    thinks: bool = False
    include_usage: bool = True
    parallel: bool = True
    summary: Literal["item", "text"] | None = None


def read(dialect: DialectName, body: Json, target: str = "") -> Conversation:
    """`target` is where the request went: Gemini's says the model and whether to stream."""
    if dialect is DialectName.GEMINI:
        return _gemini(body, *asked(target))
    return {
        DialectName.ANTHROPIC: _claude,
        DialectName.CHAT: _chat,
        DialectName.RESPONSES: _responses,
    }[dialect](body)


def text_of(content: Any) -> str:
    """The text in a content of any shape."""
    match content:
        case str():
            return content
        case list():
            return "\n".join(text_of(part) for part in content)
        case {"text": inner} | {"content": inner} | {"output": inner}:
            return text_of(inner)
        case _:
            return ""


def _claude(body: Json) -> Conversation:
    blocks = [
        block
        for message in body["messages"]
        if message["role"] == "user" and isinstance(message["content"], list)
        for block in message["content"]
    ]
    plain = [message["content"] for message in body["messages"] if isinstance(message["content"], str)]
    return Conversation(
        body["model"],
        bool(body.get("stream")),
        "\n".join([*plain, *(block["text"] for block in blocks if block["type"] == "text")]),
        tuple(text_of(block.get("content")) for block in blocks if block["type"] == "tool_result"),
        tuple(
            Offered(tool["name"], tool["input_schema"], description=tool.get("description", ""))
            for tool in body.get("tools", ())
            if "input_schema" in tool
        ),
        thinks=body.get("thinking", {}).get("type") in ("enabled", "adaptive"),
        parallel=not body.get("tool_choice", {}).get("disable_parallel_tool_use", False),
        summary=_asked_for_summary(text_of(body["messages"][-1]["content"])),
    )


def _chat(body: Json) -> Conversation:
    messages = body["messages"]
    functions = [tool["function"] for tool in body.get("tools", ()) if tool["type"] == "function"]
    return Conversation(
        body["model"],
        bool(body.get("stream")),
        "\n".join(text_of(message["content"]) for message in messages if message["role"] == "user"),
        tuple(text_of(message["content"]) for message in messages if message["role"] == "tool"),
        tuple(
            Offered(function["name"], function.get("parameters") or {}, description=function.get("description", ""))
            for function in functions
        ),
        thinks="reasoning_effort" in body,
        include_usage=bool((body.get("stream_options") or {}).get("include_usage")),
        parallel=body.get("parallel_tool_calls", True),
        summary=_asked_for_summary(text_of(messages[-1]["content"])),
    )


def _responses(body: Json) -> Conversation:
    given = body["input"]
    items = [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given
    users = [item for item in items if item.get("type", "message") == "message" and item["role"] == "user"]
    # Codex sends the tools of some models inside the input, and those that were searched for
    lists = [body.get("tools") or [], *(item["tools"] for item in items if item.get("type") in LISTING)]
    return Conversation(
        body["model"],
        bool(body.get("stream")),
        "\n".join([*(text_of(item["content"]) for item in users), *map(_opened, items)]),
        tuple(text_of(item.get("output")) for item in items if item.get("type", "").endswith("_output")),
        tuple(offered for tools in lists for offered in _flat(tools)),
        thinks=bool(body.get("reasoning")),
        parallel=body.get("parallel_tool_calls", True),
        summary="item" if items[-1].get("type") == "compaction_trigger" else _asked_for_summary(text_of(items[-1])),
    )


def _gemini(body: Json, model: str, stream: bool) -> Conversation:
    parts = [part for content in body["contents"] if content.get("role", "user") == "user" for part in content["parts"]]
    declared = [one for tool in body.get("tools", ()) for one in tool.get("functionDeclarations", ())]
    responses = [part["functionResponse"]["response"] for part in parts if "functionResponse" in part]
    return Conversation(
        model,
        stream,
        "\n".join(part["text"] for part in parts if "text" in part),
        tuple("\n".join(map(text_of, response.values())) for response in responses),
        tuple(
            Offered(
                one["name"],
                one.get("parametersJsonSchema") or one.get("parameters") or {},
                description=one.get("description", ""),
            )
            for one in declared
        ),
        # from 3 on they think whether asked or not, and sign their calls
        thinks=is_3(model) or body.get("generationConfig", {}).get("thinkingConfig", {}).get("includeThoughts", False),
        summary=_asked_for_summary(text_of([part.get("text", "") for part in body["contents"][-1]["parts"]])),
    )


def _asked_for_summary(last: str) -> Literal["text"] | None:
    """Codex's own words, or the router's when it does for a provider what only OpenAI does."""
    return "text" if any(words in last for words in SUMMARY_WORDS) else None


def _opened(item: Json) -> str:
    """What the script itself sealed in a compaction item."""
    return (written_by_script(item["encrypted_content"]) or "") if item.get("type") == "compaction" else ""


def _flat(tools: list[Json], namespace: str | None = None) -> Iterator[Offered]:
    for tool in tools:
        match tool["type"]:
            case "namespace":
                yield from _flat(tool["tools"], tool["name"])
            case "function":
                schema = tool.get("parameters") or {}
                yield Offered(tool["name"], schema, "function", namespace, tool.get("description") or "")
            case "tool_search":
                yield Offered("tool_search", tool["parameters"], "search")
            case "custom":
                yield Offered(tool["name"], {}, "custom", namespace, tool.get("description") or "")
