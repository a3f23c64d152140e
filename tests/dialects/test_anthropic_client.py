"""The vendor's own client reads what we write, streamed and whole."""

import httpx2
import pytest
from anthropic import Anthropic, APIStatusError, OverloadedError, RateLimitError

from addons.core import jsonio
from addons.core.accumulate import Answer, unfold
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.events import Begin, Failed, FinishReason, PartClose, PartDelta, PartOpen, Ping, Usage
from addons.core.model import DialectName, Text, Thinking, ToolCall
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.anthropic_messages import DIALECT

CLAUDE = DialectName.ANTHROPIC
ANSWER = Answer(
    "msg_1",
    "m",
    None,
    (
        Thinking("plan", "SIG==", dialect=CLAUDE),
        Thinking("", "BLOB", redacted=True, dialect=CLAUDE),
        Text("hello \u2028 wörld"),
        ToolCall("toolu_1", "f", '{"a": 1}'),
    ),
    Usage(100, 9, 70, 20),
    FinishReason.TOOL_USE,
)
ASK = {"model": "alias", "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}


class Provider(httpx2.BaseTransport):
    """Parses the client's request as the router would, and answers with the events that it was given."""

    def __init__(self, events=(), error=None):
        self.events = events
        self.error = error
        self.body = None

    def handle_request(self, request):
        self.body = jsonio.loads(request.read())
        parsed = DIALECT.parse_request(self.body)
        if self.error is not None:
            return httpx2.Response(self.error.status, json=DIALECT.render_error(self.error))
        if parsed.stream:
            encoder = DIALECT.encoder(parsed, parsed.model)
            data = b"".join(encoder.feed(event) for event in self.events)
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=data)
        return httpx2.Response(200, json=DIALECT.render_response(ANSWER, parsed, parsed.model))


def client(provider):
    return Anthropic(
        api_key="k", base_url="http://router", max_retries=0, http_client=httpx2.Client(transport=provider)
    )


def check(message):
    assert [block.type for block in message.content] == ["thinking", "redacted_thinking", "text", "tool_use"]
    thinking, redacted, text, call = message.content
    assert (thinking.thinking, thinking.signature, redacted.data) == ("plan", "SIG==", "BLOB")
    assert (text.text, call.input) == ("hello \u2028 wörld", {"a": 1})
    assert (message.id, message.model, message.stop_reason) == ("msg_1", "alias", "tool_use")
    usage = message.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (10, 70, 20)
    assert usage.output_tokens == 9


def test_the_clients_own_accumulator_reads_a_stream():
    begin, *rest = unfold(ANSWER)
    with client(Provider([begin, Ping(), *rest])).messages.stream(**ASK) as stream:
        check(stream.get_final_message())


def test_the_client_reads_a_whole_answer():
    check(client(Provider()).messages.create(**ASK))


def test_the_client_raises_its_api_error_for_a_failure_in_the_middle():
    """Promise 3."""
    events = [Begin("msg_1"), PartOpen(0, "text"), PartDelta(0, "x"), PartClose(0)]
    provider = Provider([*events, Failed(ErrorInfo(ErrorClass.OVERLOADED, "busy", status=529))])

    with pytest.raises(APIStatusError) as raised:
        list(client(provider).messages.create(**ASK, stream=True))

    assert raised.value.body["error"]["message"] == "busy"


@pytest.mark.parametrize(
    ("cls", "status", "kind"),
    [(ErrorClass.RATE_LIMITED, 429, RateLimitError), (ErrorClass.OVERLOADED, 529, OverloadedError)],
)
def test_the_client_raises_its_own_error_for_a_refused_request(cls, status, kind):
    """Promise 64."""
    with pytest.raises(kind) as raised:
        client(Provider(error=ErrorInfo(cls, "not now", status=status))).messages.create(**ASK)

    assert raised.value.body["error"]["message"] == "not now"


def test_a_conversation_of_the_client_comes_back_block_by_block():
    """Promise 15."""
    provider = Provider()
    first = client(provider).messages.create(**ASK)
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
    replay = [
        *ASK["messages"],
        {"role": "assistant", "content": [block.to_dict() for block in first.content]},
        {"role": "user", "content": [result]},
    ]

    client(provider).messages.create(**{**ASK, "messages": replay})

    request = DIALECT.parse_request(provider.body)
    again = request.messages[1].parts
    assert again[:2] == ANSWER.parts[:2]
    assert DIALECT.render_request(request, Traits.of("alias"), ToolNames.of(request)).body["messages"] == replay
