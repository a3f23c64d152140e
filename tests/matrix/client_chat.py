"""OpenAI's SDK as a client: Chat Completions."""

import json
from typing import Any

import openai
from matrix.client_claude import failure
from matrix.heard import Heard, Stop, Tokens
from matrix.wishes import Called, Paper, Picture, Piece, Replayed, Result, Sound, Turn, Wish
from openai.lib.streaming.chat import ChatCompletionStreamState
from pydantic import BaseModel

STOPS: dict[str, Stop] = {
    "stop": "end", "tool_calls": "call", "function_call": "call", "length": "length", "content_filter": "refusal",
}  # fmt: skip
CHOICES = ("auto", "none", "required")


def sdk(url: str) -> tuple[openai.AsyncOpenAI, openai.OpenAI]:
    common: Any = {"base_url": f"{url}/openai/v1", "api_key": "any", "max_retries": 0}
    return openai.AsyncOpenAI(**common), openai.OpenAI(**common)


class ChatClient:
    def __init__(self, url: str) -> None:
        self._later, self._now = sdk(url)

    def write(self, wish: Wish, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model, "messages": []}
        if wish.system is not None:
            body["messages"].append({"role": "system", "content": wish.system})
        body["messages"] += [message for turn in wish.turns for message in _messages(turn)]
        if wish.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
                }
                for tool in wish.tools
            ]
        if wish.choice is not None:
            named = {"type": "function", "function": {"name": wish.choice}}
            body["tool_choice"] = wish.choice if wish.choice in CHOICES else named
        if wish.schema is not None:
            form = {"name": "answer", "schema": wish.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif wish.any_json:
            body["response_format"] = {"type": "json_object"}
        if wish.stop:
            body["stop"] = list(wish.stop)
        asked = {
            "parallel_tool_calls": wish.parallel,
            "reasoning_effort": wish.effort,
            "max_completion_tokens": wish.max_tokens,
            "temperature": wish.temperature,
            "top_p": wish.top_p,
        }
        return body | {name: value for name, value in asked.items() if value is not None}

    async def stream(self, body: dict[str, Any]) -> Heard:
        state: Any = ChatCompletionStreamState()
        deltas, arguments = [], []
        try:
            raw = await self._later.chat.completions.with_raw_response.create(
                **body, stream=True, stream_options={"include_usage": True}
            )
            async for chunk in raw.parse():
                state.handle_chunk(chunk)
                for choice in chunk.choices:
                    deltas += [choice.delta.content] if choice.delta.content else []
                    called = [call.function for call in choice.delta.tool_calls or () if call.function]
                    arguments += [function.arguments or "" for function in called]
        except openai.APIError as error:
            raise failure(error) from error
        heard = _heard(state.current_completion_snapshot, raw.headers)
        heard.deltas, heard.argument_deltas = deltas, arguments
        return heard

    def whole(self, body: dict[str, Any]) -> Heard:
        try:
            raw = self._now.chat.completions.with_raw_response.create(**body)
        except openai.APIError as error:
            raise failure(error) from error
        return _heard(raw.parse(), raw.headers)

    def parse(self, model: str, question: str, shape: type[BaseModel]) -> Any:
        asked: Any = {"model": model, "messages": [{"role": "user", "content": question}]}
        return self._now.chat.completions.parse(**asked, response_format=shape).choices[0].message.parsed

    def models(self) -> list[str]:
        return [model.id for model in self._now.models.list()]

    async def close(self) -> None:
        self._now.close()
        await self._later.close()


def _heard(completion: Any, headers: Any) -> Heard:
    (choice,), usage = completion.choices, completion.usage
    message = choice.message
    calls, said = message.tool_calls or [], message.to_dict()
    prompt, made = usage.prompt_tokens_details, usage.completion_tokens_details
    return Heard(
        text=message.content or "",
        thinking=getattr(message, "reasoning_content", None) or "",
        refusal=message.refusal or "",
        sources=[each["url_citation"]["url"] for each in said.get("annotations") or ()],
        painted=[each["image_url"]["url"].partition(",")[2] for each in said.get("images") or ()],
        calls=[_called(call) for call in calls] + _called_of_old(message),
        call_ids=[call.id for call in calls],
        stop=STOPS[choice.finish_reason],
        tokens=Tokens(
            usage.prompt_tokens,
            (prompt.cached_tokens or 0) if prompt else 0,
            usage.completion_tokens,
            (made.reasoning_tokens or 0) if made else 0,
            prompt.cache_write_tokens if prompt else None,
        ),
        model=completion.model,
        headers=headers,
        turn=(_again(message),),
    )


def _called(call: Any) -> tuple[str, Any]:
    if call.type == "custom":
        custom = call.to_dict()["custom"]  # an object without a class where the SDK has put the stream together
        return custom["name"], custom["input"]
    return call.function.name, json.loads(call.function.arguments or "{}")


def _called_of_old(message: Any) -> list[tuple[str, Any]]:
    """A call in the form of before there were tools."""
    called = message.function_call
    return [] if called is None else [(called.name, json.loads(called.arguments))]


def _again(message: Any) -> dict[str, Any]:
    """A message as it is sent back, without what the SDK's stream helper adds."""
    body: dict[str, Any] = message.to_dict(exclude_none=True)
    for call in body.get("tool_calls", ()):
        call.pop("index", None)
        call.get("function", {}).pop("parsed_arguments", None)
    body.pop("parsed", None)
    return body


def _messages(turn: Turn | Replayed) -> list[Any]:
    if isinstance(turn, Replayed):
        return list(turn.messages)
    results = [piece for piece in turn.pieces if isinstance(piece, Result)]
    calls = [piece for piece in turn.pieces if isinstance(piece, Called)]
    others = [piece for piece in turn.pieces if isinstance(piece, str | Picture | Paper | Sound)]
    messages: list[Any] = [
        {"role": "tool", "tool_call_id": each.call_id, "content": [_part(inner) for inner in each.content]}
        for each in results
    ]
    if turn.role == "model":
        said = "".join(piece for piece in others if isinstance(piece, str))
        message: dict[str, Any] = {"role": "assistant", "content": said or None}
        return [message | ({"tool_calls": [_call(call) for call in calls]} if calls else {})]
    return messages + ([{"role": "user", "content": [_part(piece) for piece in others]}] if others else [])


def _call(call: Called) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _part(piece: Piece) -> dict[str, Any]:
    match piece:
        case str():
            return {"type": "text", "text": piece}
        case Picture():
            return {"type": "image_url", "image_url": {"url": address(piece)}}
        case Paper():
            return {"type": "file", "file": {"filename": "paper.pdf", "file_data": address(piece)}}
        case Sound():
            return {"type": "input_audio", "input_audio": {"data": piece.data, "format": piece.format}}
        case _:
            raise AssertionError(f"Chat Completions has no form for {piece}")


def address(piece: Picture | Paper) -> str:
    """Where it is, or what it is as a data URL."""
    url = piece.url if isinstance(piece, Picture) else None
    return url or f"data:{piece.media_type};base64,{piece.data}"
