"""Anthropic's SDK as a client: Messages."""

from typing import Any

import anthropic
from matrix.heard import Failure, Heard, Stop, Tokens
from matrix.wishes import Called, Paper, Picture, Piece, Replayed, Result, Thought, Turn, Wish
from pydantic import BaseModel

MAX_TOKENS = 4096
STOPS: dict[str, Stop] = {
    "end_turn": "end", "tool_use": "call", "max_tokens": "length", "stop_sequence": "stop", "refusal": "refusal",
}  # fmt: skip
CHOICES = {"auto": "auto", "none": "none", "required": "any"}


class ClaudeClient:
    def __init__(self, url: str) -> None:
        common: Any = {"base_url": f"{url}/anthropic", "api_key": "any", "max_retries": 0}
        self._later = anthropic.AsyncAnthropic(**common)
        self._now = anthropic.Anthropic(**common)

    def write(self, wish: Wish, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": wish.max_tokens or MAX_TOKENS,
            "messages": [message for turn in wish.turns for message in _messages(turn)],
        }
        if wish.system is not None:
            body["system"] = wish.system
        if wish.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in wish.tools
            ]
        if wish.choice is not None:
            known = CHOICES.get(wish.choice)
            body["tool_choice"] = {"type": known} if known else {"type": "tool", "name": wish.choice}
        if wish.parallel is False:
            body["tool_choice"] = {"type": "auto", **body.get("tool_choice", {}), "disable_parallel_tool_use": True}
        if wish.effort is not None:
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
            body["output_config"] = {"effort": wish.effort}
        if wish.schema is not None:
            form = {"type": "json_schema", "schema": wish.schema}
            body["output_config"] = {**body.get("output_config", {}), "format": form}
        if wish.stop:
            body["stop_sequences"] = list(wish.stop)
        sampling = {"temperature": wish.temperature, "top_p": wish.top_p}
        asked = {name: value for name, value in sampling.items() if value is not None}
        # the newest SDK has no arguments for what the newest models refuse
        return body | ({"extra_body": asked} if asked else {})

    async def stream(self, body: dict[str, Any]) -> Heard:
        deltas, arguments = [], []
        try:
            async with self._later.messages.stream(**body) as running:
                async for event in running:
                    if event.type == "text":
                        deltas.append(event.text)
                    elif event.type == "input_json":
                        arguments.append(event.partial_json)
                message = await running.get_final_message()
                headers = running.response.headers
        except anthropic.APIError as error:
            raise failure(error) from error
        heard = _heard(message, headers)
        heard.deltas, heard.argument_deltas = deltas, arguments
        return heard

    def whole(self, body: dict[str, Any]) -> Heard:
        try:
            raw = self._now.messages.with_raw_response.create(**body)
        except anthropic.APIError as error:
            raise failure(error) from error
        return _heard(raw.parse(), raw.headers)

    def count(self, body: dict[str, Any]) -> tuple[int, bool]:
        """The tokens of a request, and whether the router says that it estimates."""
        kept = {key: value for key, value in body.items() if key != "max_tokens"}
        raw = self._now.messages.with_raw_response.count_tokens(**kept)
        return raw.parse().input_tokens, raw.headers.get("x-llm-router-estimate") == "true"

    def parse(self, model: str, question: str, shape: type[BaseModel]) -> Any:
        asked: Any = {"model": model, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": question}]}
        return self._now.messages.parse(**asked, output_format=shape).parsed_output

    def models(self) -> list[str]:
        return [model.id for model in self._now.models.list()]

    async def close(self) -> None:
        self._now.close()
        await self._later.close()


def failure(error: Any) -> Failure:
    """An exception of anthropic's SDK, or of openai's: they are of one make."""
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None) or getattr(error, "type", None)
    return Failure(type(error).__name__, status, str(error), response.headers if response is not None else {}, code)


def _heard(message: Any, headers: Any) -> Heard:
    usage, blocks = message.usage, message.content
    read, write = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    thoughts = [block for block in blocks if block.type == "thinking"]
    calls = [block for block in blocks if block.type == "tool_use"]
    return Heard(
        text="".join(block.text for block in blocks if block.type == "text"),
        thinking="".join(block.thinking for block in thoughts),
        signature=next((block.signature for block in thoughts if block.signature), None),
        sources=[each.url for block in blocks if block.type == "text" for each in block.citations or ()],
        calls=[(block.name, block.input) for block in calls],
        call_ids=[block.id for block in calls],
        stop=STOPS[message.stop_reason],
        stop_sequence=message.stop_sequence,
        tokens=Tokens(usage.input_tokens + read + write, read, usage.output_tokens, _thought(usage), write),
        model=message.model,
        headers=headers,
        turn=({"role": "assistant", "content": blocks},),
    )


def _thought(usage: Any) -> int | None:
    details = usage.output_tokens_details
    return details.thinking_tokens if details is not None else None


def _messages(turn: Turn | Replayed) -> list[Any]:
    if isinstance(turn, Replayed):
        return list(turn.messages)
    role = "assistant" if turn.role == "model" else "user"
    return [{"role": role, "content": [_block(piece) for piece in turn.pieces]}]


def _block(piece: Piece) -> dict[str, Any]:
    match piece:
        case str():
            return {"type": "text", "text": piece}
        case Picture(url=str(url)):
            return {"type": "image", "source": {"type": "url", "url": url}}
        case Picture() | Paper():
            kind = "image" if isinstance(piece, Picture) else "document"
            return {"type": kind, "source": {"type": "base64", "media_type": piece.media_type, "data": piece.data}}
        case Called():
            return {"type": "tool_use", "id": piece.id, "name": piece.name, "input": piece.arguments}
        case Result():
            content = [_block(inner) for inner in piece.content]
            flag = {"is_error": True} if piece.is_error else {}
            return {"type": "tool_result", "tool_use_id": piece.call_id, "content": content, **flag}
        case Thought():
            return {"type": "thinking", "thinking": piece.text, "signature": piece.signature or ""}
