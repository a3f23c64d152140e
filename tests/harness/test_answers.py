"""The answers that tests are built on are what the vendors' own types and clients accept."""

import anthropic
import openai
import pytest
from anthropic.types import Message
from anthropic.types.raw_message_stream_event import RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from addons.core import jsonio
from addons.core.model import DialectName
from addons.core.sse import SseParser
from harness import answers
from harness.answers import Call, Said
from harness.replies import json_reply, sse
from harness.spoken import PROVIDERS
from harness.upstream import FakeUpstream

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI
SAID = {
    "text": Said("Hello, world"),
    "thinking": Said("So.", thinking="Let me see.", cached=40, reasoning=5),
    "call": Said("", calls=(Call("Bash", '{"command":"ls -l"}'),)),
    "everything": Said("Both.", "Hm.", calls=(Call("a", "{}"), Call("b", '{"x":1}', "call_0002"))),
    "sources and a picture": Said("So.", sources=("https://example.com/a",), painted="iVBORw0KGgo="),
    "cut short": Said("Lo", stop="max_tokens"),
}
EVENT: dict[DialectName, TypeAdapter[object]] = {
    CLAUDE: TypeAdapter(RawMessageStreamEvent),
    CHAT: TypeAdapter(ChatCompletionChunk),
    RESPONSES: TypeAdapter(ResponseStreamEvent),
    GEMINI: TypeAdapter(GenerateContentResponse),
}
WHOLE: dict[DialectName, TypeAdapter[object]] = {
    CLAUDE: TypeAdapter(Message),
    CHAT: TypeAdapter(ChatCompletion),
    RESPONSES: TypeAdapter(Response),
    GEMINI: TypeAdapter(GenerateContentResponse),
}


def said_in(dialect: DialectName, name: str) -> Said:
    words = {CLAUDE: "max_tokens", CHAT: "length", RESPONSES: "max_output_tokens", GEMINI: "MAX_TOKENS"}
    said = SAID[name]
    return Said(said.text, stop=words[dialect]) if said.stop else said


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("dialect", PROVIDERS)
def test_a_streamed_answer_is_of_the_vendor_s_types(dialect: DialectName, name: str) -> None:
    events = SseParser().feed(b"".join(answers.stream(dialect, said_in(dialect, name))))

    for event in events:
        # a ping is no model of the vendor's: its client drops it by name
        if event.data != b"[DONE]" and event.name != "ping":
            EVENT[dialect].validate_python(jsonio.loads(event.data))


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("dialect", PROVIDERS)
def test_a_whole_answer_is_of_the_vendor_s_types(dialect: DialectName, name: str) -> None:
    WHOLE[dialect].validate_python(answers.whole(dialect, said_in(dialect, name)))


def test_calls_that_only_responses_knows_are_of_the_vendor_s_types() -> None:
    search = Call("tool_search", '{"query":"x"}', "call_0002", kind="search")
    said = Said(calls=(Call("exec", "text(1)", kind="custom", namespace="functions"), search))

    WHOLE[RESPONSES].validate_python(answers.whole(RESPONSES, said))
    for event in SseParser().feed(b"".join(answers.stream(RESPONSES, said))):
        EVENT[RESPONSES].validate_python(jsonio.loads(event.data))


EVERYTHING = SAID["everything"]
QUESTION = {"role": "user", "content": "hi"}


async def test_anthropic_s_client_reads_stream_and_whole_alike() -> None:
    async with FakeUpstream() as up, anthropic.AsyncAnthropic(base_url=up.url, api_key="k", max_retries=0) as client:
        up.script(sse(answers.stream(CLAUDE, EVERYTHING)), json_reply(answers.whole(CLAUDE, EVERYTHING)))
        async with client.messages.stream(model="m", max_tokens=9, messages=[QUESTION]) as stream:
            streamed = await stream.get_final_message()
        plain = await client.messages.create(model="m", max_tokens=9, messages=[QUESTION])

    contents = [[block.to_dict() for block in message.content] for message in (streamed, plain)]
    assert contents[0] == contents[1]
    assert streamed.stop_reason == plain.stop_reason == "tool_use"
    assert streamed.usage.output_tokens == plain.usage.output_tokens == 20


async def test_openai_s_client_reads_stream_and_whole_alike() -> None:
    async with FakeUpstream() as up, openai.AsyncOpenAI(base_url=up.url, api_key="k", max_retries=0) as client:
        up.script(
            sse(answers.stream(RESPONSES, EVERYTHING)),
            json_reply(answers.whole(RESPONSES, EVERYTHING)),
            sse(answers.stream(CHAT, EVERYTHING)),
            json_reply(answers.whole(CHAT, EVERYTHING)),
        )
        async with client.responses.stream(model="m", input="hi") as stream:
            streamed = await stream.get_final_response()
        plain = await client.responses.create(model="m", input="hi")
        async with client.chat.completions.stream(model="m", messages=[QUESTION]) as chat:
            chatted = await chat.get_final_completion()
        whole = await client.chat.completions.create(model="m", messages=[QUESTION])

    assert streamed.output_text == plain.output_text == "Both."
    assert [item.type for item in streamed.output] == [item.type for item in plain.output]
    assert chatted.choices[0].message.content == whole.choices[0].message.content == "Both."
    assert [c.function.arguments for c in chatted.choices[0].message.tool_calls or []] == ["{}", '{"x":1}']
