"""OpenAI's SDK as a client: Responses."""

import json
from typing import Any

import openai
from matrix.client_chat import CHOICES, address, sdk
from matrix.client_claude import failure
from matrix.heard import Failure, Heard, Stop, Tokens
from matrix.wishes import Called, Paper, Picture, Piece, Replayed, Result, Turn, Wish
from pydantic import BaseModel

CUT: dict[str, Stop] = {"max_output_tokens": "length", "content_filter": "refusal"}


class ResponsesClient:
    def __init__(self, url: str) -> None:
        self._later, self._now = sdk(url)

    def write(self, wish: Wish, model: str) -> dict[str, Any]:
        items = [item for turn in wish.turns for item in _items(turn)]
        body: dict[str, Any] = {"model": model, "input": items, "store": False}
        if wish.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.schema,
                    "strict": False,
                }
                for tool in wish.tools
            ]
        if wish.choice is not None:
            named = {"type": "function", "name": wish.choice}
            body["tool_choice"] = wish.choice if wish.choice in CHOICES else named
        if wish.schema is not None:
            form = {"type": "json_schema", "name": "answer", "schema": wish.schema, "strict": True}
            body["text"] = {"format": form}
        elif wish.any_json:
            body["text"] = {"format": {"type": "json_object"}}
        if wish.effort is not None:
            body["reasoning"] = {"effort": wish.effort, "summary": "auto"}
            body["include"] = ["reasoning.encrypted_content"]
        asked = {
            "instructions": wish.system,
            "parallel_tool_calls": wish.parallel,
            "max_output_tokens": wish.max_tokens,
            "temperature": wish.temperature,
            "top_p": wish.top_p,
        }
        return body | {name: value for name, value in asked.items() if value is not None}

    async def stream(self, body: dict[str, Any]) -> Heard:
        deltas, arguments, last = [], [], None
        try:
            raw = await self._later.responses.with_raw_response.create(**body, stream=True)
            async for event in raw.parse():
                if event.type == "response.output_text.delta":
                    deltas.append(event.delta)
                elif event.type == "response.function_call_arguments.delta":
                    arguments.append(event.delta)
                last = event
        except openai.APIError as error:
            raise failure(error) from error
        assert last is not None, "an empty stream"
        if last.type == "error":
            raise Failure("failed", None, last.message, raw.headers, last.code)
        heard = _heard(last.response, raw.headers)
        heard.deltas, heard.argument_deltas = deltas, arguments
        return heard

    def whole(self, body: dict[str, Any]) -> Heard:
        try:
            raw = self._now.responses.with_raw_response.create(**body)
        except openai.APIError as error:
            raise failure(error) from error
        return _heard(raw.parse(), raw.headers)

    def count(self, body: dict[str, Any]) -> tuple[int, bool]:
        """The tokens of a request, and whether the router says that it estimates."""
        kept = {key: value for key, value in body.items() if key != "store"}
        raw = self._now.responses.input_tokens.with_raw_response.count(**kept)
        return raw.parse().input_tokens, raw.headers.get("x-llm-router-estimate") == "true"

    def parse(self, model: str, question: str, shape: type[BaseModel]) -> Any:
        return self._now.responses.parse(model=model, input=question, text_format=shape).output_parsed

    def models(self) -> list[str]:
        return [model.id for model in self._now.models.list()]

    async def close(self) -> None:
        self._now.close()
        await self._later.close()


def _heard(response: Any, headers: Any) -> Heard:
    if response.status == "failed":
        # the SDK raises nothing for OpenAI's own failures either: the client reads the status
        raise Failure("failed", None, response.error.message, headers, response.error.code)
    calls = [item for item in response.output if item.type in ("function_call", "custom_tool_call")]
    thoughts = [item for item in response.output if item.type == "reasoning"]
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    usage = response.usage
    return Heard(
        id=response.id,
        text="".join(part.text for part in parts if part.type == "output_text"),
        thinking="".join(part.text for item in thoughts for part in item.summary),
        signature=next((item.encrypted_content for item in thoughts if item.encrypted_content), None),
        refusal="".join(part.refusal for part in parts if part.type == "refusal"),
        sources=[each.url for part in parts for each in getattr(part, "annotations", None) or ()],
        painted=[item.result for item in response.output if item.type == "image_generation_call"],
        calls=[_called(item) for item in calls],
        call_ids=[item.call_id for item in calls],
        stop=CUT[response.incomplete_details.reason] if response.status == "incomplete" else "call" if calls else "end",
        tokens=Tokens(
            usage.input_tokens,
            usage.input_tokens_details.cached_tokens,
            usage.output_tokens,
            usage.output_tokens_details.reasoning_tokens,
            usage.input_tokens_details.cache_write_tokens,
        ),
        model=response.model,
        headers=headers,
        turn=tuple(item.to_dict(exclude_none=True) for item in response.output),
    )


def _called(item: Any) -> tuple[str, Any]:
    if item.type == "custom_tool_call":
        return item.name, item.input
    return item.name, json.loads(item.arguments or "{}")


def _items(turn: Turn | Replayed) -> list[Any]:
    if isinstance(turn, Replayed):
        return list(turn.messages)
    items: list[Any] = []
    for piece in turn.pieces:
        match piece:
            case Called():
                arguments = json.dumps(piece.arguments)
                item: dict[str, Any] = {
                    "type": "function_call",
                    "call_id": piece.id,
                    "name": piece.name,
                    "arguments": arguments,
                }
            case Result():
                output = [_part(inner, "user") for inner in piece.content]
                item = {"type": "function_call_output", "call_id": piece.call_id, "output": output}
            case _:
                role = "assistant" if turn.role == "model" else "user"
                item = {"type": "message", "role": role, "content": [_part(piece, turn.role)]}
        items.append(item)
    return items


def _part(piece: Piece, role: str) -> dict[str, Any]:
    match piece:
        case str():
            return {"type": "output_text" if role == "model" else "input_text", "text": piece}
        case Picture():
            return {"type": "input_image", "image_url": address(piece), "detail": "auto"}
        case Paper():
            return {"type": "input_file", "filename": "paper.pdf", "file_data": address(piece)}
        case _:
            raise AssertionError(f"Responses has no form for {piece}")
