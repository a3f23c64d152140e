"""The vendor's own client reads what we write, streamed and whole."""

import httpx2
import pytest
from openai import APIError, OpenAI, RateLimitError

from addons.core import jsonio
from addons.core.accumulate import Answer, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, Failed, FinishReason, PartClose, PartDelta, PartOpen, Ping, Usage
from addons.core.model import DialectName, Text, Thinking, ToolCall
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.openai_responses import DIALECT

ANSWER = Answer(
    "resp_1",
    "m",
    1700000000,
    (
        Thinking("plan", "ENC", id="rs_7", dialect=DialectName.RESPONSES),
        Text("hello \u2028 wörld"),
        ToolCall("call_1", "f", '{"a": 1}'),
        ToolCall("call_2", "g", "raw", "custom", "n"),
    ),
    Usage(12, 9, 4, 0, 3),
    FinishReason.TOOL_USE,
)


class Provider(httpx2.BaseTransport):
    """Parses the client's request as the router would, and answers with the events that it was given."""

    def __init__(self, events=(), error=None):
        self.events = events
        self.error = error
        self.request = None

    def handle_request(self, request):
        self.request = DIALECT.parse_request(jsonio.loads(request.read()))
        if self.error is not None:
            return httpx2.Response(self.error.status, json=DIALECT.render_error(self.error))
        if self.request.stream:
            encoder = DIALECT.encoder(self.request, self.request.model)
            data = b"".join(encoder.feed(event) for event in self.events)
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=data)
        return httpx2.Response(200, json=DIALECT.render_response(ANSWER, self.request, self.request.model))


def client(provider):
    return OpenAI(
        api_key="k", base_url="http://router/v1", max_retries=0, http_client=httpx2.Client(transport=provider)
    )


def test_the_client_reads_a_stream():
    provider = Provider([*list(unfold(ANSWER))[:1], Ping(), *list(unfold(ANSWER))[1:]])

    events = list(client(provider).responses.create(model="alias", input="hi", stream=True))

    final = events[-1].response
    assert events[-1].type == "response.completed"
    assert final.output_text == "hello \u2028 wörld"
    assert [item.type for item in final.output] == ["reasoning", "message", "function_call", "custom_tool_call"]
    assert (final.usage.input_tokens, final.usage.output_tokens_details.reasoning_tokens) == (12, 3)
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == final.output_text


def test_the_clients_own_accumulator_reads_a_stream():
    with client(Provider(list(unfold(ANSWER)))).responses.stream(model="alias", input="hi") as stream:
        final = stream.get_final_response()

    assert final.output_text == "hello \u2028 wörld"
    assert final.output[2].arguments == '{"a": 1}'


def test_the_client_reads_a_whole_answer():
    response = client(Provider()).responses.create(model="alias", input="hi")

    assert (response.id, response.model, response.output_text) == ("resp_1", "alias", "hello \u2028 wörld")
    assert response.output[0].encrypted_content == "ENC"


def test_the_client_sees_a_failure_in_the_middle():
    """Promise 3."""
    events = [Begin("resp_1"), PartOpen(0, "text"), PartDelta(0, "x"), PartClose(0)]
    provider = Provider([*events, Failed(ErrorInfo(ErrorClass.OVERLOADED, "busy"))])

    last = list(client(provider).responses.create(model="alias", input="hi", stream=True))[-1]

    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert (last.response.error.code, last.response.error.message) == ("server_is_overloaded", "busy")


def test_the_client_raises_its_own_error_for_a_refused_request():
    provider = Provider(error=ErrorInfo(ErrorClass.RATE_LIMITED, "slow down", status=429))

    with pytest.raises(RateLimitError) as raised:
        client(provider).responses.create(model="alias", input="hi")

    assert isinstance(raised.value, APIError)
    assert raised.value.code == "rate_limit_exceeded"


def test_a_conversation_of_the_client_comes_back_item_by_item():
    """What the client replays of an answer is what the answer said."""
    provider = Provider()
    first = client(provider).responses.create(model="alias", input="hi")
    output = {"type": "function_call_output", "call_id": "call_1", "output": "done"}
    replay = [{"role": "user", "content": "hi"}, *(item.to_dict() for item in first.output), output]

    client(provider).responses.create(model="alias", input=replay)

    request = provider.request
    assert [message.role for message in request.messages] == ["user", "assistant", "user"]
    assert [type(part).__name__ for part in request.messages[1].parts] == ["Thinking", "Text", "ToolCall", "ToolCall"]
    assert DIALECT.render_request(request, Traits.of("alias"), ToolNames.of(request)).body["input"] == replay
