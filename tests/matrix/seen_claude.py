"""What an Anthropic Messages provider received."""

from typing import Any

from matrix.seen import Seen, joined
from matrix.wishes import Called, Json, Paper, Picture, Piece, Result, Thought

from harness.upstream import Received

CHOICES = {"any": "required"}
KNOWN = ("model", "messages", "system", "tools", "tool_choice", "stream")


def read(received: Received) -> Seen:
    body = received.json
    choice = body.get("tool_choice", {})
    form = (body.get("output_config") or {}).get("format")
    thinking = body.get("thinking", {})
    return Seen(
        model=body["model"],
        stream=body.get("stream", False),
        system=_text(body.get("system", "")),
        turns=joined([(message["role"], _pieces(message["content"])) for message in body["messages"]]),
        tools={tool["name"]: tool.get("input_schema", {}) for tool in body.get("tools", ())},
        choice=choice.get("name") or CHOICES.get(choice.get("type"), choice.get("type")),
        max_tokens=body["max_tokens"],
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        stop=tuple(body.get("stop_sequences", ())),
        schema=form["schema"] if form else None,
        effort=(body.get("output_config") or {}).get("effort") or thinking.get("budget_tokens"),
        settings={key: value for key, value in body.items() if key not in KNOWN},
    )


def _text(system: Any) -> str:
    return system if isinstance(system, str) else "\n\n".join(block["text"] for block in system)


def _pieces(content: Any) -> list[Piece]:
    return [content] if isinstance(content, str) else [_piece(block) for block in content]


def _piece(block: Json) -> Piece:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "image", "source": {"type": "url", "url": str(url)}}:
            return Picture(url=url)
        case {"type": "image", "source": {"media_type": str(kind), "data": str(data)}}:
            return Picture(data, media_type=kind)
        case {"type": "document", "source": {"media_type": str(kind), "data": str(data)}}:
            return Paper(data, kind)
        case {"type": "tool_use"}:
            return Called(block["name"], block["input"], block["id"])
        case {"type": "tool_result"}:
            inner: Any = tuple(_pieces(block.get("content", [])))
            return Result(inner, block["tool_use_id"], "", block.get("is_error", False))
        case {"type": "thinking"}:
            return Thought(block["thinking"], block["signature"])
    raise AssertionError(f"an unknown block: {block}")
