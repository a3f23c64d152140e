"""Specification of requests across dialects: what real tools send is accepted by a strict provider of every dialect,
and what a translation cannot carry is on the list of losses."""

import json
from pathlib import Path
from typing import Any

import pytest
from clients import checks

from addons.core.model import DialectName, Rendered
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects import DIALECTS
from harness.spoken import PROVIDERS

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDERS = {CLAUDE: "anthropic", CHAT: "chat", RESPONSES: "responses"}
RECORDED = [
    pytest.param(name, json.loads(line), id=f"{path.stem}-{n}")
    for name, folder in FOLDERS.items()
    for path in sorted((FIXTURES / folder).glob("*.jsonl"))
    for n, line in enumerate(path.read_text().splitlines())
]
# what the strict providers look at besides the body
HEADERS = {
    "anthropic-version": "2023-06-01",
    "x-goog-api-key": "k",
    ":path": "/v1beta/models/m:generateContent",
}


def render(client: DialectName, provider: DialectName, body: dict[str, Any], model: str = "m") -> Rendered:
    request = DIALECTS[client].parse_request(body)
    return DIALECTS[provider].render_request(request, Traits.of(model), ToolNames.of(request))


def foreign(client: DialectName) -> list[DialectName]:
    return [name for name in PROVIDERS if name is not client]


@pytest.mark.parametrize(("client", "body"), RECORDED)
def test_what_real_tools_send_is_accepted_by_every_other_provider(client: DialectName, body: dict[str, Any]) -> None:
    for provider in foreign(client):
        rendered = render(client, provider, body)
        assert checks.problem(provider, rendered.body, HEADERS) is None


def losses(rendered: Rendered) -> str:
    return "\n".join(f"{loss.path}: {loss.why}" for loss in rendered.losses)


def claude(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "x", "max_tokens": 8000, "messages": list(messages), **more}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def use(call_id: str, name: str = "Bash", **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def result(call_id: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, **more}


BASH = {"name": "Bash", "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}}}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
FUNCTION = {"type": "function", "function": {"name": "Bash", "parameters": {"type": "object", "properties": {}}}}


def test_system_messages_inside_a_conversation_keep_their_place_towards_chat() -> None:
    body = claude(user(text("a")), {"role": "system", "content": "now"}, assistant(text("b")), user(text("c")))
    sent = render(CLAUDE, CHAT, body).body["messages"]
    assert [(each["role"], each["content"]) for each in sent] == [
        ("user", "a"), ("system", "now"), ("assistant", "b"), ("user", "c"),
    ]  # fmt: skip


def test_a_system_message_in_the_middle_is_a_reminder_for_anthropic() -> None:
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "a"},
        {"role": "developer", "content": "now"},
    ]
    sent = render(CHAT, CLAUDE, {"model": "x", "messages": messages}).body
    assert sent["system"] == [{"type": "text", "text": "s"}]
    (only,) = sent["messages"]
    assert only["role"] == "user" and "<system-reminder>\nnow\n</system-reminder>" in only["content"][1]["text"]


def test_parallel_calls_and_results_keep_ids_and_arguments() -> None:
    """Promise 14."""
    body = claude(
        user(text("go")), assistant(use("toolu_1", command="ls"), use("toolu_2", command="pwd")),
        user(result("toolu_1", "a"), result("toolu_2", [text("b"), text("c")])), tools=[BASH],
    )  # fmt: skip
    sent = render(CLAUDE, CHAT, body).body["messages"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == ["toolu_1", "toolu_2"]
    assert json.loads(sent[1]["tool_calls"][0]["function"]["arguments"]) == {"command": "ls"}
    assert [(each["tool_call_id"], each["content"]) for each in sent[2:]] == [("toolu_1", "a"), ("toolu_2", "b\nc")]


def test_arguments_of_a_chat_client_travel_verbatim_to_responses() -> None:
    """Promise 14."""
    call = {"id": "c1", "type": "function", "function": {"name": "Bash", "arguments": '{"a" : 1.0 }'}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    ]
    sent = render(CHAT, RESPONSES, {"model": "x", "messages": messages, "tools": [FUNCTION]}).body["input"]
    assert [item["type"] for item in sent] == ["message", "function_call", "function_call_output"]
    assert sent[1]["arguments"] == '{"a" : 1.0 }' and sent[1]["call_id"] == sent[2]["call_id"] == "c1"


def test_malformed_arguments_reach_anthropic_as_text_and_are_a_loss() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "Bash", "arguments": '{"a":'}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "?"},
    ]
    rendered = render(CHAT, CLAUDE, {"model": "x", "messages": messages, "tools": [FUNCTION]})
    assert rendered.body["messages"][1]["content"][0]["input"] == {"arguments": '{"a":'}
    assert "no JSON object" in losses(rendered)


@pytest.mark.parametrize("provider", [CHAT, RESPONSES])
def test_a_failed_tool_says_so(provider: DialectName) -> None:
    body = claude(user(text("go")), assistant(use("t1")), user(result("t1", "boom", is_error=True)), tools=[BASH])
    assert "[tool error] boom" in json.dumps(render(CLAUDE, provider, body).body)


def test_images_in_a_tool_result_reach_chat_after_the_result() -> None:
    shown = [text("see"), {"type": "image", "source": PNG}]
    body = claude(user(text("go")), assistant(use("t1")), user(result("t1", shown)), tools=[BASH])
    sent = render(CLAUDE, CHAT, body).body["messages"]
    assert (sent[2]["role"], sent[2]["content"]) == ("tool", "see")
    assert sent[3]["content"][1] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (PNG, "data:image/png;base64,iVBORw0KGgo="),
        ({"type": "url", "url": "https://x.example/a.png"}, "https://x.example/a.png"),
    ],
)
def test_images_travel_inline_and_by_url(source: dict[str, Any], url: str) -> None:
    body = claude(user(text("?"), {"type": "image", "source": source}))
    chat = render(CLAUDE, CHAT, body).body["messages"][0]["content"][1]
    assert chat["image_url"]["url"] == url
    back = render(CHAT, CLAUDE, {"model": "x", "messages": [{"role": "user", "content": [chat]}]}).body
    assert back["messages"][0]["content"][0]["source"] == source


def test_thinking_of_another_provider_is_never_sent() -> None:
    """Promise 15."""
    thought = {"type": "thinking", "thinking": "secret", "signature": "c2ln"}
    body = claude(user(text("a")), assistant(thought, text("b")), user(text("c")))
    for provider in (CHAT, RESPONSES):
        rendered = render(CLAUDE, provider, body)
        assert "secret" not in json.dumps(rendered.body) and "c2ln" not in json.dumps(rendered.body)
        assert "thinking" in losses(rendered)


def test_the_billing_header_is_not_sent_elsewhere() -> None:
    body = claude(user(text("a")), system=[text("x-anthropic-billing-header: cc_version=1"), text("be good")])
    for provider in (CHAT, RESPONSES):
        assert "billing" not in json.dumps(render(CLAUDE, provider, body).body)


def test_a_loaded_tool_is_told_in_words() -> None:
    reference = [{"type": "tool_reference", "tool_name": "WebSearch"}]
    body = claude(user(text("a")), assistant(use("t1")), user(result("t1", reference)), tools=[BASH])
    assert "WebSearch" in render(CLAUDE, CHAT, body).body["messages"][2]["content"]


@pytest.mark.parametrize(
    ("choice", "chat", "responses"),
    [
        ({"type": "auto"}, "auto", "auto"),
        ({"type": "any"}, "required", "required"),
        ({"type": "none"}, "none", "none"),
        (
            {"type": "tool", "name": "Bash"},
            {"type": "function", "function": {"name": "Bash"}},
            {"type": "function", "name": "Bash"},
        ),
    ],
)  # fmt: skip
def test_every_tool_choice(choice: dict[str, Any], chat: Any, responses: Any) -> None:
    body = claude(user(text("a")), tools=[BASH], tool_choice=choice)
    sent = render(CLAUDE, CHAT, body).body
    assert sent["tool_choice"] == chat
    assert render(CLAUDE, RESPONSES, body).body["tool_choice"] == responses
    back = render(
        CHAT,
        CLAUDE,
        {
            "model": "x",
            "messages": [{"role": "user", "content": "a"}],
            **{key: sent[key] for key in ("tools", "tool_choice")},
        },
    ).body
    assert back["tool_choice"] == choice


def test_one_call_at_a_time_is_said_in_every_dialect() -> None:
    body = claude(user(text("a")), tools=[BASH], tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    sent = render(CLAUDE, CHAT, body).body
    assert sent["parallel_tool_calls"] is False
    back = render(CHAT, CLAUDE, {**sent, "model": "x"}).body
    assert back["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_sampling_travels_and_what_cannot_is_a_loss() -> None:
    body = claude(user(text("a")), temperature=0.5, top_p=0.9, top_k=3, stop_sequences=["END"])
    rendered = render(CLAUDE, CHAT, body)
    sent = {key: rendered.body[key] for key in ("temperature", "top_p", "stop", "max_tokens")}
    assert sent == {"temperature": 0.5, "top_p": 0.9, "stop": ["END"], "max_tokens": 8000}
    assert "top_k" in losses(rendered)


def test_a_temperature_beyond_anthropics_scale_is_lowered_and_told() -> None:
    body = {"model": "x", "messages": [{"role": "user", "content": "a"}], "temperature": 1.7}
    rendered = render(CHAT, CLAUDE, body)
    assert rendered.body["temperature"] == 1 and "temperature" in losses(rendered)


@pytest.mark.parametrize(("model", "field"), [("gpt-5.5", "max_completion_tokens"), ("glm-5.1", "max_tokens")])
def test_the_token_limit_has_the_name_that_the_model_knows(model: str, field: str) -> None:
    assert render(CLAUDE, CHAT, claude(user(text("a"))), model).body[field] == 8000


@pytest.mark.parametrize(
    ("said", "effort"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 6000}}, "high"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}}, "medium"),
        ({"thinking": {"type": "disabled"}}, "none"),
        ({"thinking": {"type": "adaptive"}}, None),
    ],
)
def test_thinking_is_an_effort_for_reasoning_models(said: dict[str, Any], effort: str | None) -> None:
    body = claude(user(text("a")), **said)
    assert render(CLAUDE, CHAT, body, "gpt-5.5").body.get("reasoning_effort") == effort


def test_an_effort_is_a_thinking_budget_for_anthropic() -> None:
    body = {
        "model": "x",
        "messages": [{"role": "user", "content": "a"}],
        "reasoning_effort": "high",
        "max_tokens": 10_000,
    }
    assert render(CHAT, CLAUDE, body).body["thinking"] == {"type": "enabled", "budget_tokens": 7500}


def test_a_forced_tool_excludes_thinking_for_anthropic() -> None:
    body = {
        "model": "x", "messages": [{"role": "user", "content": "a"}], "reasoning_effort": "high",
        "tools": [FUNCTION], "tool_choice": "required",
    }  # fmt: skip
    rendered = render(CHAT, CLAUDE, body)
    assert "thinking" not in rendered.body and "reasoning" in losses(rendered)


def test_custom_and_namespaced_tools_become_functions_with_legal_names() -> None:
    tools = [
        {
            "type": "custom",
            "name": "apply_patch",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"},
        },
        {"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "close", "parameters": {}}]},
        {"type": "web_search"},
    ]
    for provider in (CLAUDE, CHAT):
        rendered = render(RESPONSES, provider, {"model": "x", "input": "a", "tools": tools})
        assert checks.problem(provider, rendered.body, HEADERS) is None
        assert "apply_patch" in json.dumps(rendered.body) and "agents__close" in json.dumps(rendered.body)
        assert "start: X" in json.dumps(rendered.body)
        assert "web_search" in losses(rendered)


def test_a_call_without_its_result_gets_a_placeholder() -> None:
    body = claude(user(text("a")), assistant(use("t1")), user(text("never mind")), tools=[BASH])
    for provider in (CHAT, RESPONSES):
        rendered = render(CLAUDE, provider, body)
        assert checks.problem(provider, rendered.body, HEADERS) is None
        assert "no result" in losses(rendered)


def test_unknown_fields_are_losses_and_not_silence() -> None:
    """Promise 22."""
    rendered = render(CLAUDE, CHAT, claude(user(text("a")), context_management={"edits": []}, brand_new=1))
    assert "context_management" in losses(rendered) and "brand_new" in losses(rendered)


def test_a_streamed_chat_request_always_asks_for_usage() -> None:
    sent = render(CLAUDE, CHAT, claude(user(text("a")), stream=True)).body
    assert sent["stream"] is True and sent["stream_options"] == {"include_usage": True}


def test_structured_output_travels() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    body = {"model": "x", "messages": [{"role": "user", "content": "a"}], "response_format": wanted}
    closed = {**schema, "additionalProperties": False}
    assert render(CHAT, CLAUDE, body).body["output_config"]["format"]["schema"] == closed
    assert render(CHAT, RESPONSES, body).body["text"]["format"]["schema"] == schema


@pytest.mark.parametrize(
    ("client", "body", "path"),
    [
        (CLAUDE, {"messages": 7}, "messages"),
        (CLAUDE, {"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        (CLAUDE, {"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0].type"),
        (CLAUDE, {"messages": [], "tools": [{"input_schema": {}}]}, "tools[0].name"),
        (CHAT, {"messages": "x"}, "messages"),
        (CHAT, {"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        (CHAT, {"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        (CHAT, {"messages": [], "temperature": "hot"}, "temperature"),
        (RESPONSES, {"input": 7}, "input"),
    ],
)
def test_a_wrong_shape_is_named_by_its_path(client: DialectName, body: dict[str, Any], path: str) -> None:
    from addons.core.errors import BadRequest

    with pytest.raises(BadRequest) as caught:
        DIALECTS[client].parse_request(body)
    assert caught.value.path == path
