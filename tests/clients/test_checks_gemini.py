"""The scripted provider refuses what generateContent refuses."""

from typing import Any

import pytest
from clients import checks
from clients.checks import SIGNATURE

from addons.core.model import DialectName

TARGET = "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse"
OLDER = "/v1beta/models/gemini-2.5-flash:generateContent"
PROMPT = {"role": "user", "parts": [{"text": "hi"}]}


def problem(body: Any, target: str = TARGET, key: str | None = "k") -> str | None:
    headers = {":path": target, **({"x-goog-api-key": key} if key else {})}
    return checks.problem(DialectName.GEMINI, body, headers)


def gemini(*contents: Any, target: str = TARGET, **more: Any) -> str | None:
    return problem({"contents": [PROMPT, *contents], **more}, target)


def call(name: str = "f", signature: str | None = SIGNATURE, **more: Any) -> dict[str, Any]:
    signed = {} if signature is None else {"thoughtSignature": signature}
    return {"functionCall": {"name": name, "args": {}, **more}, **signed}


def response(name: str = "f", **more: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": {"output": "ok"}, **more}}


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def declared(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"functionDeclarations": [{"name": "f", "description": "x", **fields}]}]}


def parameters(**schema: Any) -> dict[str, Any]:
    """A tool whose only parameter has `schema`, in Gemini's own subset."""
    return declared(parameters={"type": "OBJECT", "properties": {"a": schema}})


def test_a_proper_conversation_is_accepted() -> None:
    body = {
        **declared(parametersJsonSchema={"type": "object", "properties": {}, "additionalProperties": False}),
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 5, "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "low"}},
    }

    assert (
        gemini(model({"text": "hm", "thought": True}, call(), call("g", None)), user(response(), response("g")), **body)
        is None
    )


def test_a_schema_in_geminis_own_subset_is_accepted() -> None:
    assert gemini(**parameters(type="array", items={"type": "STRING", "enum": ["x"]}, nullable=True)) is None


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1beta/models/m", "/models/m:generateContent"])
def test_another_path_is_not_found(path: str) -> None:
    assert "was not found" in str(gemini(target=path))


def test_a_stream_must_ask_for_events() -> None:
    assert "alt=sse" in str(gemini(target=TARGET.removesuffix("?alt=sse")))


def test_a_key_is_needed() -> None:
    assert "unregistered callers" in str(problem({"contents": [PROMPT]}, key=None))


def test_a_conversation_is_needed() -> None:
    assert "contents is not specified" in str(problem({"contents": []}))


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        ([user()], "must not be empty"),
        ([{"role": "assistant", "parts": [{"text": "x"}]}], "Please use a valid role"),
        ([{"role": "function", "parts": [response()]}], "Please use a valid role"),
        ([user({"text": ""})], "empty text"),
        ([user({"type": "text", "text": "x"})], 'Unknown name "type"'),
        ([user({"thought": True})], "required oneof field"),
        ([user({"text": "x", "inlineData": {"mimeType": "image/png", "data": "eA=="}})], "required oneof field"),
        ([user({"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,eA=="}})], "not base64"),
        ([user({"inlineData": {"media_type": "image/png", "data": "eA=="}})], 'Unknown name "media_type"'),
        ([model({"text": "x"})], "ending with a model turn"),
        ([model(call())], "ending with a model turn"),
        ([user(call())], "may not stand in a turn of the user"),
        ([model(response()), user({"text": "x"})], "may not stand in a turn of the model"),
        ([model(call()), user({"text": "x"})], "the number of function response parts"),
        ([model(call(), call()), user(response())], "the number of function response parts"),
        ([model(call(), call()), user(response()), user(response())], "the number of function response parts"),
        ([user(response())], "the number of function response parts"),
        ([model(call()), user(response("g"))], "answer the function calls"),
        ([model(call(id="1")), user(response(id="2"))], "answer the calls"),
        ([model({"text": "x"}), model(call()), user(response())], "comes immediately after a user turn"),
        ([model(call(signature=None)), user(response())], "missing a thought_signature"),
        ([model(call(signature="other")), user(response())], "signature is not valid"),
        ([model(call(args="{}")), user(response())], "function_call.args"),
        ([model(call()), user(response(response="ok"))], "function_response.response"),
        ([model(call(arguments={})), user(response())], 'Unknown name "arguments"'),
    ],
)
def test_a_conversation_that_google_refuses_is_refused(contents: list[Any], reason: str) -> None:
    assert reason in str(gemini(*contents))


def test_an_older_model_goes_on_with_its_own_words() -> None:
    assert gemini(model({"text": "x"}), target=OLDER) is None
    assert "function response parts" in str(gemini(model(call()), target=OLDER))


def test_the_first_turn_is_the_users() -> None:
    assert "first content" in str(problem({"contents": [model({"text": "x"}), PROMPT]}))


def test_every_step_of_the_turn_needs_its_signature() -> None:
    steps = [model(call()), user(response()), model(call(signature=None)), user(response())]

    assert "missing a thought_signature" in str(gemini(*steps))


def test_calls_of_an_earlier_turn_need_no_signature() -> None:
    assert gemini(model(call(signature=None)), user(response()), model({"text": "x"}), PROMPT) is None


def test_the_documented_dummy_stands_in_for_a_signature() -> None:
    assert gemini(model(call(signature="skip_thought_signature_validator")), user(response())) is None


def test_an_older_model_asks_for_no_signature() -> None:
    assert gemini(model(call(signature=None)), user(response()), target=OLDER) is None


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"messages": []}, 'Unknown name "messages"'),
        ({"stream": True}, 'Unknown name "stream"'),
        ({"systemInstruction": {"parts": []}}, "must not be empty"),
        ({"systemInstruction": "be brief"}, "Invalid value at"),
        ({"tools": [{"type": "function"}]}, 'Unknown name "type"'),
        ({"tools": [{}]}, "must have one field"),
        (declared(input_schema={}), 'Unknown name "input_schema"'),
        (declared(name="a b"), "Invalid function name"),
        (declared(name="1a"), "Invalid function name"),
        (declared(name="x" * 129), "Invalid function name"),
        ({"tools": declared()["tools"] * 2}, "Duplicate function declaration"),
        ({"tools": [{"googleSearch": {}}, *declared()["tools"]]}, "cannot be combined"),
        (declared(parametersJsonSchema={"type": "object"}, parameters={"type": "OBJECT"}), "may not both be set"),
        (declared(parametersJsonSchema={"type": "string"}), "must be an object"),
        (declared(parameters={"type": "OBJECT"}), "should be non-empty"),
        (declared(parameters={"type": "OBJECT", "additionalProperties": False}), 'Unknown name "additionalProperties"'),
        (declared(parameters={"$schema": "x", "type": "OBJECT"}), 'Unknown name "$schema"'),
        (parameters(**{"$ref": "#/$defs/x"}), 'Unknown name "$ref"'),
        (parameters(type="STRING", const="x"), 'Unknown name "const"'),
        (parameters(type="INTEGER", exclusiveMinimum=0), 'Unknown name "exclusiveMinimum"'),
        (parameters(type=["string", "null"]), "not repeating"),
        (parameters(type="text"), "parameters.properties[a].type"),
        (parameters(description="x"), "didn't specify the schema type"),
        (parameters(type="ARRAY"), "items: missing field"),
        (parameters(type="ARRAY", items={"type": "STRING", "pattern": "x", "oneOf": []}), 'Unknown name "oneOf"'),
        (parameters(anyOf=[{"type": "STRING"}, {"const": 1}]), 'Unknown name "const"'),
        (parameters(type="INTEGER", enum=[1]), "only allowed for STRING"),
        (parameters(type="STRING", enum=["x", None]), "TYPE_STRING"),
        (parameters(type="STRING", format="uri"), "are supported for STRING"),
        (
            declared(parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["b"]}),
            "not defined",
        ),
        (declared(parametersJsonSchema={"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}}), "to nothing"),
        (
            declared(
                parametersJsonSchema={
                    "type": "object",
                    "$defs": {"x": {}},
                    "items": {"$ref": "#/$defs/x", "type": "string"},
                }
            ),
            "beside $ref",
        ),
        ({"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}, "without function_declarations"),
        ({**declared(), "toolConfig": {"functionCallingConfig": {"mode": "any"}}}, "Invalid value"),
        ({**declared(), "toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["f"]}}}, "mode is ANY"),
        (
            {**declared(), "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}}},
            "not declared",
        ),
    ],
)
def test_what_google_refuses_of_tools_is_refused(more: dict[str, Any], reason: str) -> None:
    assert reason in str(gemini(**more))


def test_built_in_tools_stand_beside_functions_where_the_newer_models_are_told_so() -> None:
    tools = [{"googleSearch": {}}, *declared()["tools"]]

    assert gemini(tools=tools, toolConfig={"includeServerSideToolInvocations": True}) is None


@pytest.mark.parametrize(
    ("target", "config", "reason"),
    [
        (TARGET, {"max_tokens": 5}, 'Unknown name "max_tokens"'),
        (TARGET, {"maxOutputTokens": 0}, "supported range"),
        (TARGET, {"temperature": 2.5}, "must be in the range"),
        (TARGET, {"topK": 0.5}, "top_k"),
        (TARGET, {"stopSequences": ["x"] * 6}, "at most 5"),
        (TARGET, {"responseSchema": {"type": "STRING"}}, "needs a response_mime_type"),
        (TARGET, {"responseJsonSchema": {"type": "object"}}, "needs a response_mime_type"),
        (
            TARGET,
            {"responseMimeType": "application/json", "responseSchema": {"$schema": "x"}},
            'Unknown name "$schema"',
        ),
        (TARGET, {"responseMimeType": "text/html"}, "is not allowed"),
        (TARGET, {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 5}}, "only one of"),
        (TARGET, {"thinkingConfig": {"thinkingLevel": "xhigh"}}, "level XHIGH is not supported"),
        (TARGET, {"thinkingConfig": {"effort": "low"}}, 'Unknown name "effort"'),
        (TARGET.replace("3.8-flash", "3-pro"), {"thinkingConfig": {"thinkingLevel": "minimal"}}, "not supported"),
        (OLDER, {"thinkingConfig": {"thinkingLevel": "low"}}, "level LOW is not supported"),
        (OLDER, {"thinkingConfig": {"thinkingBudget": 30_000}}, "is invalid for"),
        (OLDER.replace("flash", "pro"), {"thinkingConfig": {"thinkingBudget": 0}}, "is invalid for"),
        (OLDER.replace("2.5", "2.0"), {"thinkingConfig": {"includeThoughts": True}}, "not supported"),
    ],
)
def test_what_google_refuses_of_a_generation_is_refused(target: str, config: dict[str, Any], reason: str) -> None:
    assert reason in str(gemini(target=target, generationConfig=config))


def test_an_older_model_cannot_answer_in_json_beside_functions() -> None:
    config = {"responseMimeType": "application/json"}

    assert gemini(generationConfig=config, **declared()) is None
    assert "is unsupported" in str(gemini(generationConfig=config, target=OLDER, **declared()))
