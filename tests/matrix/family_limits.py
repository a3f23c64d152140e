"""What a client sets, and why an answer ended."""

import json

from matrix.cell import SAMPLERS, Cell, either
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Json, Wish, user

from addons.core.model import DialectName
from harness.answers import Said, whole
from harness.replies import json_reply, sse

CUT = {CLAUDE: "max_tokens", CHAT: "length", RESPONSES: "max_output_tokens", GEMINI: "MAX_TOKENS"}
STOPPED = {CLAUDE: "stop_sequence", CHAT: "stop", GEMINI: "STOP", RESPONSES: None}
FILTERED = {CLAUDE: "refusal", CHAT: "content_filter", RESPONSES: "content_filter", GEMINI: "SAFETY"}


async def max_tokens(cell: Cell) -> Outcome:
    await cell.ask(Wish(max_tokens=777))
    assert cell.seen.max_tokens == 777
    return Outcome.YES


async def cut_answer(cell: Cell) -> Outcome:
    heard = await cell.ask(says=Said("half an ans", stop=CUT[cell.provider]))
    assert (heard.text, heard.stop) == ("half an ans", "length")
    return Outcome.YES


async def stop_sequence(cell: Cell) -> Outcome:
    cell.models = SAMPLERS
    heard = await cell.ask(Wish(stop=("END",)), Said("until the", stop=STOPPED[cell.provider]))
    assert heard.stop in ("stop", "end")
    return either(cell.seen.stop == ("END",), "stop" in heard.losses, heard.losses)


async def content_filter(cell: Cell) -> Outcome:
    heard = await cell.ask(says=Said("I will", stop=FILTERED[cell.provider]))
    assert (heard.text, heard.stop) == ("I will", "refusal")
    return Outcome.YES


async def temperature(cell: Cell) -> Outcome:
    cell.models = SAMPLERS
    await cell.ask(Wish(temperature=0.25))
    assert cell.seen.temperature == 0.25
    return Outcome.YES


async def top_p(cell: Cell) -> Outcome:
    cell.models = SAMPLERS
    await cell.ask(Wish(top_p=0.75))
    assert cell.seen.top_p == 0.75
    return Outcome.YES


async def sampling_of_a_reasoner(cell: Cell) -> Outcome:
    """gpt-5.1 refuses it, the others take it."""
    heard = await cell.ask(Wish(temperature=0.25))
    return either(cell.seen.temperature == 0.25, "temperature" in heard.losses, heard.losses)


async def seed(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish(native={CHAT: {"seed": 7}, GEMINI: {"config": {"seed": 7}}}))
    return either(cell.seen.settings.get("seed") == 7, "seed" in heard.losses, heard.losses)


async def end_user(cell: Cell) -> Outcome:
    native: dict[DialectName, Json] = {
        CLAUDE: {"metadata": {"user_id": "heidi"}},
        CHAT: {"safety_identifier": "heidi"},
        RESPONSES: {"safety_identifier": "heidi"},
    }
    heard = await cell.ask(Wish((user("Hi"),), native=native))
    sent = str(cell.seen.settings)
    return either("heidi" in sent, "user" in heard.losses or "safety_identifier" in heard.losses, heard.losses)


async def cache_key(cell: Cell) -> Outcome:
    native = {CHAT: {"prompt_cache_key": "k1"}, RESPONSES: {"prompt_cache_key": "k1"}}
    heard = await cell.ask(Wish(native=native))
    body = cell.upstream.requests[-1].json
    marked = "cache_control" in str(body)  # Anthropic caches what is marked
    return either(body.get("prompt_cache_key") == "k1", "cache_key" in heard.losses or marked, heard.losses)


async def hot_temperature(cell: Cell) -> Outcome:
    """Beyond 1, which is the highest that Anthropic takes."""
    cell.models = SAMPLERS
    heard = await cell.ask(Wish(temperature=1.5))
    sent = cell.seen.temperature
    return either(sent == 1.5, sent == 1 and "highest" in heard.losses, heard.losses)


async def several_answers(cell: Cell) -> Outcome:
    cell.models = SAMPLERS
    heard = await cell.ask(Wish(native={CHAT: {"n": 2}, GEMINI: {"config": {"candidate_count": 2}}}))
    sent = cell.seen.settings
    named = "n:" in heard.losses or "candidateCount" in heard.losses
    return either(2 in (sent.get("n"), sent.get("candidateCount")), named, heard.losses)


REFUSAL = "I will not help with that."


async def refusal_in_words(cell: Cell) -> Outcome:
    """OpenAI's models have a part of their own for it; elsewhere its words are the text."""
    if cell.streamed:
        reply = sse([_refusing(event) for event in cell.events(Said(REFUSAL))])
    else:
        reply = json_reply(json.loads(_refusing(json.dumps(whole(cell.provider, Said(REFUSAL))).encode())))
    heard = await cell.ask(says=reply)
    return either(heard.refusal == REFUSAL, heard.text == REFUSAL, heard)


def _refusing(data: bytes) -> bytes:
    """An answer of OpenAI's whose text is a refusal instead."""
    words = REFUSAL.encode()
    return (
        data.replace(b'"refusal": null', b'"refusal": "' + words + b'"')
        .replace(b'"content": "' + words + b'"', b'"content": null')
        .replace(b'"delta": {"content"', b'"delta": {"refusal"')
        .replace(b"response.output_text", b"response.refusal")
        .replace(b'"output_text", "text"', b'"refusal", "refusal"')
        .replace(b'"text":', b'"refusal":')
    )
