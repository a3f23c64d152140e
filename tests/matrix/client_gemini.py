"""Google's SDK as a client: Gemini."""

import base64
from collections.abc import Iterable
from typing import Any

from google import genai
from google.genai import errors, types
from matrix.heard import Failure, Heard, Stop, Tokens
from matrix.wishes import Called, Paper, Picture, Piece, Replayed, Result, Sound, Thought, Turn, Wish
from pydantic import BaseModel

STOPS: dict[str, Stop] = {"STOP": "end", "MAX_TOKENS": "length", "SAFETY": "refusal"}
MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}


class GeminiClient:
    def __init__(self, url: str) -> None:
        options = types.HttpOptions(base_url=f"{url}/gemini")
        self._client = genai.Client(api_key="any", http_options=options)

    def write(self, wish: Wish, model: str) -> dict[str, Any]:
        config: dict[str, Any] = {"system_instruction": wish.system} if wish.system is not None else {}
        if wish.tools:
            declared = [
                types.FunctionDeclaration(
                    name=tool.name, description=tool.description, parameters_json_schema=dict(tool.schema)
                )
                for tool in wish.tools
            ]
            config["tools"] = [types.Tool(function_declarations=declared)]
            config["automatic_function_calling"] = {"disable": True}
        if wish.choice is not None:
            config["tool_config"] = {"function_calling_config": _calling(wish.choice)}
        if wish.schema is not None:
            config |= {"response_mime_type": "application/json", "response_json_schema": wish.schema}
        elif wish.any_json:
            config["response_mime_type"] = "application/json"
        if wish.effort is not None:
            config["thinking_config"] = {"thinking_level": wish.effort.upper(), "include_thoughts": True}
        if wish.stop:
            config["stop_sequences"] = list(wish.stop)
        asked = {"max_output_tokens": wish.max_tokens, "temperature": wish.temperature, "top_p": wish.top_p}
        config |= {name: value for name, value in asked.items() if value is not None}
        contents = [content for turn in wish.turns for content in _contents(turn)]
        return {"model": model, "contents": contents, "config": config}

    async def stream(self, body: dict[str, Any]) -> Heard:
        try:
            chunks = [chunk async for chunk in await self._client.aio.models.generate_content_stream(**body)]
        except errors.APIError as error:
            raise _failure(error) from error
        heard = _heard(chunks)
        heard.deltas = [part.text for part in _parts(chunks) if part.text and not part.thought]
        return heard

    def whole(self, body: dict[str, Any]) -> Heard:
        try:
            return _heard([self._client.models.generate_content(**body)])
        except errors.APIError as error:
            raise _failure(error) from error

    def count(self, body: dict[str, Any]) -> tuple[int, bool]:
        """The tokens of a request, and whether the router says that it estimates."""
        counted: Any = self._client.models.count_tokens(model=body["model"], contents=body["contents"])
        headers = counted.sdk_http_response.headers or {}
        return counted.total_tokens, headers.get("x-llm-router-estimate") == "true"

    def parse(self, model: str, question: str, shape: type[BaseModel]) -> Any:
        config: Any = {"response_mime_type": "application/json", "response_schema": shape}
        return self._client.models.generate_content(model=model, contents=question, config=config).parsed

    def models(self) -> list[str]:
        return [str(model.name).removeprefix("models/") for model in self._client.models.list()]

    async def close(self) -> None:
        await self._client.aio.aclose()
        self._client.close()


def _calling(choice: str) -> dict[str, Any]:
    if choice in MODES:
        return {"mode": MODES[choice]}
    return {"mode": "ANY", "allowed_function_names": [choice]}


def _failure(error: Any) -> Failure:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    return Failure(type(error).__name__, error.code, str(error), headers, error.status)


def _parts(chunks: Iterable[Any]) -> list[Any]:
    contents = [candidate.content for chunk in chunks for candidate in chunk.candidates or ()]
    return [part for content in contents if content for part in content.parts or ()]


def _heard(chunks: list[Any]) -> Heard:
    parts = _parts(chunks)
    calls = [part.function_call for part in parts if part.function_call]
    usage, last = chunks[-1].usage_metadata, chunks[-1].candidates[0]
    stop = STOPS[last.finish_reason.value]
    thought = usage.thoughts_token_count or 0
    return Heard(
        text="".join(part.text for part in parts if part.text and not part.thought),
        thinking="".join(part.text for part in parts if part.text and part.thought),
        signature=next((part.thought_signature.decode("latin-1") for part in parts if part.thought_signature), None),
        sources=_sources(chunks),
        painted=[base64.b64encode(part.inline_data.data).decode() for part in parts if part.inline_data],
        calls=[(call.name, call.args or {}) for call in calls],
        call_ids=[call.id or "" for call in calls],
        stop="call" if calls and stop == "end" else stop,
        tokens=Tokens(
            usage.prompt_token_count or 0,
            usage.cached_content_token_count or 0,
            (usage.candidates_token_count or 0) + thought,
            thought,
        ),
        model=chunks[-1].model_version or "",
        headers=chunks[0].sdk_http_response.headers or {},
        turn=(types.Content(role="model", parts=parts),),
    )


def _sources(chunks: list[Any]) -> list[str]:
    found = [chunk.candidates[0].grounding_metadata for chunk in chunks if chunk.candidates]
    return [page.web.uri for each in found if each for page in each.grounding_chunks or ()]


def _contents(turn: Turn | Replayed) -> list[Any]:
    if isinstance(turn, Replayed):
        return list(turn.messages)
    return [types.Content(role=turn.role, parts=[_part(piece) for piece in turn.pieces])]


def _part(piece: Piece) -> types.Part:
    match piece:
        case str():
            return types.Part(text=piece)
        case Picture(url=str(url)):
            return types.Part.from_uri(file_uri=url, mime_type=piece.media_type)
        case Picture() | Paper():
            assert piece.data is not None
            return types.Part.from_bytes(data=base64.b64decode(piece.data), mime_type=piece.media_type)
        case Sound():
            return types.Part.from_bytes(data=base64.b64decode(piece.data), mime_type=f"audio/{piece.format}")
        case Called():
            called = types.FunctionCall(id=piece.id, name=piece.name, args=dict(piece.arguments))
            return types.Part(function_call=called)
        case Result():
            return types.Part(function_response=_response(piece))
        case Thought():
            return types.Part(text=piece.text, thought=True)


def _response(result: Result) -> types.FunctionResponse:
    text = "".join(piece for piece in result.content if isinstance(piece, str))
    pictures = [piece for piece in result.content if isinstance(piece, Picture)]
    blobs = [
        types.FunctionResponsePart(
            inline_data=types.FunctionResponseBlob(mime_type=each.media_type, data=base64.b64decode(each.data or ""))
        )
        for each in pictures
    ]
    key = "error" if result.is_error else "output"
    return types.FunctionResponse(id=result.call_id, name=result.name, response={key: text}, parts=blobs or None)
