"""What a Gemini provider received."""

import re
from typing import Any

from clients.checks_gemini import asked
from matrix.seen import Seen, joined
from matrix.wishes import Called, Json, Paper, Picture, Piece, Result, Sound, Thought

from harness.upstream import Received

MODES = {"AUTO": "auto", "NONE": "none", "ANY": "required"}
# what stands below these is not the protocol's
FREE = {"args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema"}
KNOWN = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig")


def read(received: Received) -> Seen:
    body = camel(received.json)
    model, stream = asked(received.target)
    config = body.get("generationConfig", {})
    thinking = config.get("thinkingConfig", {})
    declared = [one for tool in body.get("tools", ()) for one in tool.get("functionDeclarations", ())]
    schema = _either(config, "responseJsonSchema", "responseSchema")
    return Seen(
        model=model,
        stream=stream,
        system="\n\n".join(part["text"] for part in body.get("systemInstruction", {}).get("parts", ())),
        turns=joined(
            [(each.get("role", "user"), [_piece(part) for part in each["parts"]]) for each in body["contents"]]
        ),
        tools={one["name"]: _either(one, "parametersJsonSchema", "parameters") for one in declared},
        choice=_choice(body.get("toolConfig", {}).get("functionCallingConfig", {})),
        max_tokens=config.get("maxOutputTokens"),
        temperature=config.get("temperature"),
        top_p=config.get("topP"),
        stop=tuple(config.get("stopSequences", ())),
        schema=schema,
        any_json=schema is None and config.get("responseMimeType") == "application/json",
        effort=thinking.get("thinkingLevel", thinking.get("thinkingBudget")),
        settings={**config, **{key: value for key, value in body.items() if key not in KNOWN}},
    )


def camel(value: Any) -> Any:
    """Names in camel case: Google's SDK writes some in snake case, and the service takes both."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_([a-z])", lambda match: match[1].upper(), name): inner for name, inner in value.items()}
    return {name: inner if name in FREE else camel(inner) for name, inner in named.items()}


def _either(body: Json, *names: str) -> Any:
    """The first that is there."""
    return next((body[name] for name in names if name in body), None)


def _choice(calling: Json) -> str | None:
    allowed = calling.get("allowedFunctionNames", [])
    return allowed[0] if len(allowed) == 1 else MODES.get(calling.get("mode", ""))


def _piece(part: Json) -> Piece:
    match part:
        case {"text": str(text), "thought": True}:
            return Thought(text, part.get("thoughtSignature"))
        case {"text": str(text)}:
            return text
        case {"inlineData": {"mimeType": "application/pdf", "data": str(data)}}:
            return Paper(_standard(data))
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}} if kind.startswith("audio/"):
            return Sound(_standard(data), kind.removeprefix("audio/"))
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}}:
            return Picture(_standard(data), media_type=kind)
        case {"fileData": {"fileUri": str(url)}}:
            return Picture(url=url)
        case {"functionCall": dict(call)}:
            return Called(call["name"], call.get("args", {}), call.get("id", ""))
        case {"functionResponse": dict(response)}:
            return _result(response)
    raise AssertionError(f"an unknown part: {part}")


def _standard(data: str) -> str:
    """Google's SDK writes the alphabet of URLs, and the service takes both."""
    return data.replace("-", "+").replace("_", "/")


def _result(response: dict[str, Any]) -> Result:
    """What a tool gave back: by convention under `output`, an error under `error`."""
    inner = [_piece(part) for part in response.get("parts", ())]
    said = response["response"]
    text = said.get("output", said.get("error", ""))
    content: Any = (text if isinstance(text, str) else str(text), *inner)
    return Result(content, response.get("id", ""), response["name"], "error" in said)
