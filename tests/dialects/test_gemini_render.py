"""Requests as Gemini bodies: what the API demands, and what is told as lost."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from google.genai.types import Content, FunctionDeclaration, GenerationConfig, ToolConfig

from addons.core.model import (
    DialectName,
    Document,
    Format,
    HostedTool,
    Image,
    Loss,
    Message,
    Opaque,
    Reasoning,
    Rendered,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects._gemini_render import render_request
from addons.dialects._gemini_request import parse_request

CLAUDE, RESPONSES, GEMINI = DialectName.ANTHROPIC, DialectName.RESPONSES, DialectName.GEMINI
SKIP = "skip_thought_signature_validator"
NEW, OLD = "gemini-3.8-flash", "gemini-2.5-flash"
HI = Message("user", (Text("hi"),))
F = Tool("f", "does f", {"type": "object", "properties": {"a": {"type": "integer"}}})
CALL = Message("assistant", (ToolCall("c1", "f", '{"a":1}'),))
DONE = Message("user", (ToolResult("c1", (Text("done"),)),))
PDF = Document(data="JVBERg==", media_type="application/pdf")


def render(*messages: Message, model: str = OLD, **members: Any) -> Rendered:
    """Every body is of the vendor's types, which forbid unknown members."""
    traits = members.pop("traits", {})
    request = Request(members.pop("dialect", CLAUDE), "alias", messages, **members)
    rendered = render_request(request, Traits.of(model, traits), ToolNames.of(request))
    body = json.loads(json.dumps(rendered.body))
    for content in body["contents"]:
        Content.model_validate(content)
    for tool in body.get("tools", ()):
        for declared in tool.get("functionDeclarations", ()):
            FunctionDeclaration.model_validate(declared)
    ToolConfig.model_validate(body.get("toolConfig", {}))
    GenerationConfig.model_validate(body.get("generationConfig", {}))
    assert body["contents"][0]["role"] == "user"
    roles = [content["role"] for content in body["contents"]]
    assert all(one != other for one, other in pairwise(roles))
    return rendered


def contents(*messages: Message, **members: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = render(*messages, **members).body["contents"]
    return found


def parts(*messages: Message, **members: Any) -> list[dict[str, Any]]:
    return [part for content in contents(*messages, **members) for part in content["parts"]]


def config(**members: Any) -> dict[str, Any]:
    found: dict[str, Any] = render(HI, **members).body.get("generationConfig", {})
    return found


def lost(rendered: Rendered) -> list[str]:
    return [loss.path for loss in rendered.losses]


def content_lost(rendered: Rendered) -> list[Loss]:
    return [loss for loss in rendered.losses if loss.content]


# --- messages ---


def test_model_and_stream_stand_in_the_url() -> None:
    assert render(HI, stream=True).body == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


def test_empty_instructions_are_left_out() -> None:
    """AMP's handoff sends some."""
    assert "systemInstruction" not in render(Message("system", (Text(""),)), Message("user", (Text("hi"),))).body


def test_leading_instructions_become_the_system_instruction() -> None:
    rendered = render(Message("system", (Text("a"),)), Message("developer", (Text("b"), Text(" "))), HI)

    assert rendered.body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}]}


def test_later_instructions_stay_in_their_place_and_leave_the_beginning_alone() -> None:
    """The prefix of a growing conversation does not change."""
    later = Message("developer", (Text("now"),))

    short, long = render(HI, later), render(HI, later, Message("assistant", (Text("ok"),)), HI)

    note = {"text": "<system-reminder>\nnow\n</system-reminder>"}
    assert short.body["contents"] == [{"role": "user", "parts": [{"text": "hi"}, note]}]
    assert long.body["contents"][:1] == short.body["contents"]


def test_the_billing_header_of_claude_code_is_not_sent() -> None:
    rendered = render(Message("system", (Text("x-anthropic-billing-header: v=1"), Text("a"))), HI)

    assert rendered.body["systemInstruction"] == {"parts": [{"text": "a"}]}
    assert lost(rendered) == ["system"]


def test_neighbours_of_one_role_are_merged_and_empty_ones_vanish() -> None:
    found = contents(HI, Message("assistant", (Text(""),)), HI, Message("assistant", (Text("a"),)), HI)

    assert [(content["role"], len(content["parts"])) for content in found] == [("user", 2), ("model", 1), ("user", 1)]


@pytest.mark.parametrize("messages", [(), (Message("system", (Text("a"),)),), (Message("assistant", (Text("a"),)),)])
def test_a_conversation_begins_with_the_user(messages: tuple[Message, ...]) -> None:
    rendered = render(*messages)

    assert rendered.body["contents"][0] == {"role": "user", "parts": [{"text": "(the conversation goes on)"}]}
    assert lost(rendered) == ["messages"]


BEGUN = Message("assistant", (Text("The mouse"),))


def test_an_answer_that_is_begun_stays_the_last_word() -> None:
    assert contents(HI, BEGUN)[-1] == {"role": "model", "parts": [{"text": "The mouse"}]}


def test_a_model_that_refuses_the_beginning_of_an_answer_is_told_to_go_on() -> None:
    rendered = render(HI, BEGUN, model=NEW)

    *_, begun, last = rendered.body["contents"]
    assert (begun["role"], last["role"]) == ("model", "user")
    assert "Continue" in last["parts"][0]["text"]
    assert lost(rendered) == ["messages"]


def test_a_call_and_its_result() -> None:
    _, call, result = contents(HI, CALL, DONE)

    assert call == {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}}]}
    response = {"id": "c1", "name": "f", "response": {"output": "done"}}
    assert result == {"role": "user", "parts": [{"functionResponse": response}]}


def test_a_failed_call_says_so() -> None:
    failed = Message("user", (ToolResult("c1", (Text("no"),), is_error=True),))

    assert parts(HI, CALL, failed)[-1]["functionResponse"]["response"] == {"error": "no"}


def test_results_stand_in_the_order_of_their_calls_in_one_content() -> None:
    calls = Message("assistant", (ToolCall("c1", "f", "{}"), ToolCall("c2", "g", "{}")))
    late = Message("user", (Text("and?"), ToolResult("c2", (Text("2"),)), ToolResult("c1", (Text("1"),))))

    answer = contents(HI, calls, late)[2]["parts"]

    assert [part["functionResponse"]["name"] for part in answer[:2]] == ["f", "g"]
    assert answer[2] == {"text": "and?"}


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    rendered = render(HI, CALL, Message("user", (Text("never mind"),)))

    assert "error" in rendered.body["contents"][2]["parts"][0]["functionResponse"]["response"]
    assert lost(rendered) == ["messages"]


def test_what_a_result_shows_follows_the_responses() -> None:
    result = ToolResult("c1", (Text("see"), Image(data="AA==", media_type="image/png")))

    response, words, image = parts(HI, CALL, Message("user", (result,)))[-3:]

    assert response["functionResponse"]["response"] == {"output": "see"}
    assert words == {"text": "Returned by the tool call c1:"}
    assert image == {"inlineData": {"mimeType": "image/png", "data": "AA=="}}


@pytest.mark.parametrize("arguments", ["[1]", '{"a":', "1"])
def test_arguments_that_are_no_object_are_sent_as_text_and_told(arguments: str) -> None:
    rendered = render(HI, Message("assistant", (ToolCall("c1", "f", arguments),)), DONE)

    assert rendered.body["contents"][1]["parts"][0]["functionCall"]["args"] == {"arguments": arguments}
    assert lost(rendered) == ["messages"]


def test_the_free_text_of_a_custom_tool_is_wrapped() -> None:
    call = Message("assistant", (ToolCall("c1", "patch", "*** Begin", kind="custom"),))

    assert parts(HI, call, DONE)[1]["functionCall"]["args"] == {"input": "*** Begin"}


# --- media ---


@pytest.mark.parametrize(
    ("part", "body"),
    [
        (Image(data="AA==", media_type="image/jpg"), {"inlineData": {"mimeType": "image/jpeg", "data": "AA=="}}),
        (Image(url="https://x.org/a.PNG?b=c"), {"fileData": {"mimeType": "image/png", "fileUri": "https://x.org/a.PNG?b=c"}}),
        (Image(url="gs://b/a"), {"fileData": {"mimeType": "image/jpeg", "fileUri": "gs://b/a"}}),
        (PDF, {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}}),
        (Document(url="https://x.org/a"), {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x.org/a"}}),
        (Document(text="words"), {"text": "words"}),
        (Document(data=base64.b64encode(b"a,b").decode(), media_type="text/csv"), {"text": "a,b"}),
    ],
)  # fmt: skip
def test_images_and_documents(part: Any, body: dict[str, Any]) -> None:
    assert parts(Message("user", (part,))) == [body]


@pytest.mark.parametrize(
    "part",
    [
        Image(data="AA==", media_type="image/gif"),
        Document(data="AA==", media_type="application/msword"),
        Document(data="//8=", media_type="text/plain"),
    ],
)
def test_what_gemini_cannot_read_is_content_that_is_lost(part: Any) -> None:
    rendered = render(Message("user", (part,)))

    (loss,) = content_lost(rendered)
    assert "is not taken" in loss.why
    assert "left out" in rendered.body["contents"][0]["parts"][0]["text"]


@pytest.mark.parametrize(("part", "trait"), [(Image(url="https://x.org/a"), "images"), (PDF, "documents")])
def test_a_model_that_cannot_read_it_does_not_get_it(part: Any, trait: str) -> None:
    rendered = render(Message("user", (part,)), traits={trait: False})

    assert len(content_lost(rendered)) == 1
    assert list(rendered.body["contents"][0]["parts"][0]) == ["text"]


def test_records_of_a_hosted_tool_are_told_in_words() -> None:
    hits = {"type": "web_search_tool_result", "content": [{"type": "web_search_result", "title": "t", "url": "u"}]}

    (found,) = parts(Message("user", (Opaque(CLAUDE, hits),)))

    assert "t: u" in found["text"]


def test_content_of_another_dialect_alone_is_lost() -> None:
    """Promise 22."""
    rendered = render(
        Message("user", (Opaque(CLAUDE, {"type": "container_upload"}, "messages[0].content[0]"), Text("a")))
    )

    assert [loss.path for loss in content_lost(rendered)] == ["messages[0].content[0]"]


# --- signatures ---


def test_thinking_of_another_provider_is_never_sent() -> None:
    thought = Message("assistant", (Thinking("hm", "sig", dialect=CLAUDE), Text("a")))

    assert contents(HI, thought, HI)[1]["parts"] == [{"text": "a"}]


@pytest.mark.parametrize("model", [NEW, "google/gemini-3-pro-preview", "models/gemini-3.1-pro", "gemini-flash-latest"])
def test_the_first_unsigned_call_of_every_step_says_that_it_has_no_signature(model: str) -> None:
    two = Message("assistant", (Text("a"), ToolCall("c1", "f", "{}"), ToolCall("c2", "f", "{}")))
    both = Message("user", (ToolResult("c1", ()), ToolResult("c2", ())))

    found = contents(HI, two, both, CALL, DONE, model=model)

    assert [part.get("thoughtSignature") for part in found[1]["parts"]] == [None, SKIP, None]
    assert [part.get("thoughtSignature") for part in found[3]["parts"]] == [SKIP]


@pytest.mark.parametrize("model", [OLD, "gemini-2.0-flash", "google/gemini-2.5-pro"])
def test_the_models_that_need_no_signature_get_none(model: str) -> None:
    assert "thoughtSignature" not in parts(HI, CALL, DONE, model=model)[1]


@pytest.mark.parametrize("model", [OLD, NEW])
def test_a_signature_goes_back_onto_the_part_that_it_came_with(model: str) -> None:
    """Promise 15."""
    signed = Thinking("", "c2ln", dialect=GEMINI)
    step = Message("assistant", (Thinking("hm", dialect=GEMINI), signed, ToolCall("c1", "f", "{}")))

    found = contents(HI, step, DONE, Message("assistant", (signed, Text("a"))), HI, model=model)

    assert found[1]["parts"] == [
        {"text": "hm", "thought": True},
        {"functionCall": {"id": "c1", "name": "f", "args": {}}, "thoughtSignature": "c2ln"},
    ]
    assert found[3]["parts"] == [{"text": "a", "thoughtSignature": "c2ln"}]


def test_a_signature_that_came_last_goes_back_on_an_empty_text() -> None:
    last = Message("assistant", (Text("a"), Thinking("", "c2ln", dialect=GEMINI)))

    assert contents(HI, last)[1]["parts"] == [{"text": "a"}, {"text": "", "thoughtSignature": "c2ln"}]


def test_a_signature_among_the_extras_of_a_call_is_used() -> None:
    call = ToolCall("c1", "f", "{}", extras={"thoughtSignature": "c2ln"})

    assert parts(HI, Message("assistant", (call,)), DONE, model=NEW)[1]["thoughtSignature"] == "c2ln"


# --- tools ---


def declared(*tools: Any, **members: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = render(HI, tools=tools, **members).body["tools"][0]["functionDeclarations"]
    return found


def test_a_documented_schema_is_sent_as_json_schema() -> None:
    assert declared(F) == [{"name": "f", "description": "does f", "parametersJsonSchema": F.schema}]


def test_any_other_schema_is_rewritten_into_geminis_own() -> None:
    tool = Tool("f", schema={"type": "object", "properties": {"a": {"const": "x"}}})

    assert declared(tool) == [
        {"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"]}}}}
    ]


def test_an_object_of_any_shape_is_told_as_json_schema_though_the_rest_was_rewritten() -> None:
    """Gemini's own form refuses objects without properties ("should be non-empty for OBJECT type")."""
    properties = {
        "map": {"type": "object", "propertyNames": {"type": "string"}},
        "word": {"type": "string", "minLength": 2, "const": "x"},
        "list": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
    }
    tool = Tool("f", schema={"type": "object", "properties": properties, "required": ["map"]})

    assert declared(tool)[0]["parametersJsonSchema"] == {
        "type": "object",
        "properties": {
            "map": {"type": "object", "description": '(propertyNames: {"type":"string"})'},
            "word": {"type": "string", "enum": ["x"], "description": "(minLength: 2)"},
            "list": {"type": "array", "items": {"type": ["integer", "null"]}},
        },
        "required": ["map"],
    }


def test_the_oldest_models_are_told_of_no_parameters_where_there_are_none() -> None:
    request = Request(CLAUDE, "m", (HI,), tools=(Tool("f"),))
    rendered = render_request(request, Traits.of("gemini-2.0-flash"), ToolNames.of(request))

    assert rendered.body["tools"] == [{"functionDeclarations": [{"name": "f"}]}]


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}])
def test_a_function_without_parameters_has_an_object_of_none(schema: Any) -> None:
    assert declared(Tool("f", schema=schema))[0]["parametersJsonSchema"]["type"] == "object"


def test_a_custom_tool_is_a_function_of_one_text_with_its_grammar() -> None:
    tool = Tool("patch", "edits", kind="custom", format={"type": "grammar", "syntax": "lark", "definition": "start: X"})

    (found,) = declared(tool)

    assert "start: X" in found["description"]
    assert list(found["parametersJsonSchema"]["properties"]) == ["input"]


def test_a_name_begins_with_a_letter_or_an_underscore() -> None:
    request = Request(CLAUDE, "m", (HI,), tools=(Tool("3d"), Tool("_3d")))
    names = ToolNames.of(request)
    rendered = render_request(request, Traits.of(OLD), names)

    wire = [tool["name"] for tool in rendered.body["tools"][0]["functionDeclarations"]]

    assert not any(name[0].isdigit() for name in wire) and len(set(wire)) == 2
    assert [names.origin(name).name for name in wire] == ["3d", "_3d"] and names.needed


def test_a_tool_that_is_offered_twice_is_declared_once() -> None:
    assert len(declared(F, F)) == 1


def test_a_deferred_tool_is_declared_once_it_was_loaded() -> None:
    late = Tool("late", extras={"defer_loading": True})
    loaded = ToolResult("c1", (Opaque(CLAUDE, {"type": "tool_reference", "tool_name": "late"}),))
    request = (HI, CALL, Message("user", (loaded,)))

    assert [tool["name"] for tool in declared(F, late)] == ["f"]
    body = render(*request, tools=(F, late)).body
    assert [tool["name"] for tool in body["tools"][0]["functionDeclarations"]] == ["f", "late"]


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (ToolChoice("auto"), {"mode": "AUTO"}),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("required"), {"mode": "ANY"}),
        (ToolChoice("tool", "f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_the_choice_of_a_tool(choice: ToolChoice, calling: dict[str, Any]) -> None:
    body = render(HI, tools=(F,), tool_choice=choice).body

    assert body["toolConfig"] == {"functionCallingConfig": calling}


def test_a_forced_tool_that_is_not_offered_is_told() -> None:
    rendered = render(HI, tools=(F,), tool_choice=ToolChoice("tool", "g"))

    assert "toolConfig" not in rendered.body
    assert [loss.path for loss in content_lost(rendered)] == ["tool_choice"]


@pytest.mark.parametrize(("choice", "content"), [(None, False), (ToolChoice("tool", "web_search"), True)])
def test_a_hosted_tool_of_another_provider_is_lost(choice: ToolChoice | None, content: bool) -> None:
    search = HostedTool(CLAUDE, "web_search_20250305", {"type": "web_search_20250305", "name": "web_search"})

    rendered = render(HI, tools=(search, F), tool_choice=choice)

    (loss,) = [loss for loss in rendered.losses if loss.path == "tools.web_search_20250305"]
    assert loss.content is content


# --- settings ---


def test_the_settings_have_their_own_names() -> None:
    found = config(max_tokens=9000, temperature=0.5, top_p=0.9, top_k=4, stop=("a", "", "b"))

    assert found == {
        "maxOutputTokens": 9000,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 4,
        "stopSequences": ["a", "b"],
    }


def test_what_is_too_much_is_cut_and_told() -> None:
    rendered = render(HI, temperature=3.0, stop=tuple("abcdef"))

    assert rendered.body["generationConfig"] == {"temperature": 2.0, "stopSequences": list("abcde")}
    assert sorted(lost(rendered)) == ["stop", "temperature"]


def test_what_gemini_has_no_field_for_is_told() -> None:
    rendered = render(HI, cache_key="k", user="u", parallel_tool_calls=False, extras={"logit_bias": {}})

    assert sorted(lost(rendered)) == ["cache_key", "logit_bias", "parallel_tool_calls", "user"]
    assert not content_lost(rendered)


def test_any_json_is_a_mime_type() -> None:
    assert config(format=Format()) == {"responseMimeType": "application/json"}


def test_a_documented_schema_of_the_answer_is_sent_as_json_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}

    assert config(format=Format(schema)) == {"responseMimeType": "application/json", "responseJsonSchema": schema}


def test_any_other_schema_of_the_answer_is_rewritten() -> None:
    found = config(format=Format({"type": "array", "items": {"const": "x"}}))

    assert found["responseSchema"] == {"type": "ARRAY", "items": {"type": "STRING", "enum": ["x"]}}


def test_beside_functions_the_older_models_give_their_answer_through_a_tool() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}

    old = render(HI, tools=(F,), format=Format(schema)).body
    new = render(HI, tools=(F,), format=Format(schema), model=NEW).body

    assert [tool["name"] for tool in old["tools"][0]["functionDeclarations"]] == ["f", "json_answer"]
    assert old["toolConfig"] == {"functionCallingConfig": {"mode": "ANY"}}
    assert "generationConfig" not in old
    assert new["generationConfig"]["responseJsonSchema"] == schema


def test_beside_functions_the_older_models_cannot_be_held_to_any_json() -> None:
    rendered = render(HI, tools=(F,), format=Format())

    assert "generationConfig" not in rendered.body
    assert lost(rendered) == ["response_format"]


def test_the_oldest_models_get_schemas_in_geminis_own_form() -> None:
    body = render(HI, tools=(F,), model="gemini-2.0-flash").body
    answer = config(model="gemini-2.0-flash", format=Format({"type": "object"}))

    assert list(body["tools"][0]["functionDeclarations"][0]) == ["name", "description", "parameters"]
    assert answer["responseSchema"] == {"type": "OBJECT"}


# --- thinking ---


@pytest.mark.parametrize(
    ("model", "reasoning", "thinking"),
    [
        (NEW, Reasoning(effort="medium"), {"thinkingLevel": "medium", "includeThoughts": True}),
        (NEW, Reasoning(effort="xhigh"), {"thinkingLevel": "high", "includeThoughts": True}),
        (NEW, Reasoning(effort="none"), {"thinkingLevel": "minimal"}),
        (NEW, Reasoning(enabled=False), {"thinkingLevel": "minimal"}),
        (NEW, Reasoning(adaptive=True), {"includeThoughts": True}),
        ("gemini-3-pro", Reasoning(effort="minimal"), {"thinkingLevel": "low", "includeThoughts": True}),
        (OLD, Reasoning(budget=5000, enabled=True), {"thinkingBudget": 5000, "includeThoughts": True}),
        (OLD, Reasoning(budget=60000, enabled=True), {"thinkingBudget": 24576, "includeThoughts": True}),
        (OLD, Reasoning(effort="high"), {"thinkingBudget": 24000, "includeThoughts": True}),
        (OLD, Reasoning(adaptive=True), {"thinkingBudget": -1, "includeThoughts": True}),
        (OLD, Reasoning(effort="none"), {"thinkingBudget": 0}),
        (OLD, Reasoning(enabled=False), {"thinkingBudget": 0}),
        ("gemini-2.5-pro", Reasoning(enabled=False), {"thinkingBudget": 128}),
        ("gemini-flash-latest", Reasoning(effort="low"), {"thinkingBudget": 6400, "includeThoughts": True}),
    ],
)  # fmt: skip
def test_thinking_is_asked_for_as_the_model_takes_it(
    model: str, reasoning: Reasoning, thinking: dict[str, Any]
) -> None:
    assert config(model=model, reasoning=reasoning)["thinkingConfig"] == thinking


def test_a_budget_stays_below_the_limit_that_contains_it() -> None:
    found = config(max_tokens=4000, reasoning=Reasoning(budget=10_000, enabled=True))

    assert found["thinkingConfig"]["thinkingBudget"] < found["maxOutputTokens"]


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    rendered = render(HI, model="gemini-2.0-flash", reasoning=Reasoning(effort="high"))

    assert "generationConfig" not in rendered.body
    assert lost(rendered) == ["reasoning"]


@pytest.mark.parametrize(("limit", "thinking"), [(512, {"thinkingBudget": 0}), (8000, None), (None, None)])
def test_unasked_thoughts_do_not_eat_a_short_answer(limit: int | None, thinking: Any) -> None:
    assert config(max_tokens=limit).get("thinkingConfig") == thinking


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemma-3-27b-it", "gemini-2.0-flash"])
def test_models_that_may_not_think_are_not_told_to_stop_it(model: str) -> None:
    assert "thinkingConfig" not in config(model=model, max_tokens=512)


# --- its own dialect ---


OWN: dict[str, Any] = {
    "contents": [
        {"role": "user", "parts": [{"text": "hi"}, {"inlineData": {"mimeType": "image/gif", "data": "AA=="}}]},
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"functionCall": {"id": "a", "name": "f", "args": {"x": 1}}, "thoughtSignature": "c2ln"},
                {"functionCall": {"id": "b", "name": "g", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}},
                {"functionResponse": {"id": "b", "name": "g", "response": {"rows": [1]}}},
            ],
        },
        {"role": "model", "parts": [{"text": "fine", "thoughtSignature": "bW9yZQ=="}]},
        {"role": "user", "parts": [{"fileData": {"fileUri": "https://x.org/a.mp4", "mimeType": "video/mp4"}}]},
    ],
    "systemInstruction": {"parts": [{"text": "be kind"}]},
    "tools": [
        {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": {"type": "object"}}]},
        {"googleSearch": {}},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "cachedContent": "cachedContents/1",
    "generationConfig": {
        "temperature": 1,
        "topK": 40,
        "maxOutputTokens": 100,
        "seed": 7,
        "responseModalities": ["TEXT"],
        "thinkingConfig": {"thinkingLevel": "low", "includeThoughts": True},
    },
}


def test_a_request_of_this_dialect_comes_back_as_it_was() -> None:
    """Promise 22."""
    request = parse_request({**OWN, "model": "m", "stream": True})

    rendered = render_request(request, Traits.of(NEW), ToolNames.of(request))

    assert rendered == Rendered(OWN)


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        (OLD, {"thinkingLevel": "high"}, {"thinkingBudget": 18432}),
        (OLD, {"thinkingBudget": -1}, {"thinkingBudget": -1}),
        (OLD, {"thinkingBudget": 0}, {"thinkingBudget": 0}),
        (NEW, {"thinkingBudget": 300}, {"thinkingBudget": 300}),
    ],
)
def test_a_gemini_client_is_understood_by_a_model_of_another_generation(model: str, asked: Any, sent: Any) -> None:
    request = parse_request({"contents": OWN["contents"], "generationConfig": {"thinkingConfig": asked}})

    rendered = render_request(request, Traits.of(model), ToolNames.of(request))

    assert rendered.body["generationConfig"]["thinkingConfig"] == sent


@pytest.mark.parametrize(
    ("model", "wanted", "sent"),
    [
        ("gemini-2.5-pro", 65_536, 65_536),
        ("gemini-3-pro", 128_000, 65_536),
        ("gemini-2.0-flash", 8_192, 8_192),
        ("gemini-2.0-flash", 64_000, 8_192),
    ],
)
def test_no_answer_is_longer_than_the_model_can_write(model, wanted, sent):
    rendered = render(HI, max_tokens=wanted, model=model)

    assert rendered.body["generationConfig"]["maxOutputTokens"] == sent
    assert lost(rendered) == ([] if wanted == sent else ["max_tokens"])
