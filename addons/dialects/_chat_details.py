"""What Chat Completions says of reasoning beside its words.

Of a provider's answer: OpenRouter's `reasoning_details` and Google's `extra_content` of a call. The provider must see
them again (Google refuses the call without), so they are the signature of a thinking part of this dialect, as JSON.

For a client: thinking of other dialects inside the `reasoning_details` of its history.

Chat Completions has no field for what a provider must see again of its model's thinking. Tools that know OpenRouter's
`reasoning_details` keep them with the message and send them back verbatim; some (pi) keep only an encrypted detail
that has the id of a call, so there is one for each call that was thought about. Source: OpenRouter documentation,
"Reasoning Tokens"; Google's "OpenAI compatibility" and "Thought signatures".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from addons.core import jsonio
from addons.core.model import DialectName, Part, Thinking, ToolCall
from addons.dialects._gemini_signature import MARK, unwrap, wrap
from addons.dialects.base import Body

KEY = "reasoning_details"
EXTRA = "extra_content"
# the types of details whose words come in pieces, and where they stand
_WORDS = {"reasoning.text": "text", "reasoning.summary": "summary"}
_ENCRYPTED = "reasoning.encrypted"


def add_detail(details: list[Body], piece: Mapping[str, Any]) -> None:
    """A piece of a streamed detail goes on with the last one when it is of the same type and place."""
    last = details[-1] if details else {}
    words = _WORDS.get(str(piece.get("type")))
    if words is None or any(last.get(key) != piece.get(key) for key in ("type", "index")):
        details.append(dict(piece))
        return
    said = f"{last.get(words) or ''}{piece.get(words) or ''}"
    last |= {key: value for key, value in piece.items() if value is not None} | {words: said}


def kept(part: Thinking) -> Body:
    """What the provider said beside the words of `part`: `reasoning_details` or `extra_content`."""
    if part.dialect is not DialectName.CHAT or part.signature is None:
        return {}
    try:
        found = jsonio.loads(part.signature)
    except jsonio.JsonError:
        return {}
    return found if isinstance(found, dict) else {}


def is_foreign(part: Thinking) -> bool:
    """Whether it is thinking that another dialect must see again."""
    return part.dialect not in (None, DialectName.CHAT) and part.signature is not None


def detail(name: str, index: int, thoughts: Sequence[Thinking]) -> Body:
    """The detail that stands for `thoughts`; `name` is the id of the call that they led to."""
    return {"type": _ENCRYPTED, "id": name, "format": "unknown", "index": index, "data": wrap(thoughts)}


def details(parts: Sequence[object]) -> list[Body]:
    """The details of a whole answer."""
    out: list[Body] = []
    waiting: list[Thinking] = []
    for part in parts:
        if isinstance(part, Thinking) and is_foreign(part):
            waiting.append(part)
        elif isinstance(part, ToolCall) and waiting:
            out.append(detail(part.id, len(out), waiting))
            waiting = []
    return [*out, detail(f"reasoning_{len(out)}", len(out), waiting)] if waiting else out


def is_wrapped(value: object) -> bool:
    """Whether a detail is one of ours."""
    return isinstance(value, Mapping) and isinstance(value.get("data"), str) and value["data"].startswith(MARK.decode())


def restored(message: Mapping[str, Any], parts: Sequence[Part]) -> list[Part]:
    """`parts` of a message of the model, with the thinking of its details where it stood."""
    raw = message.get(KEY)
    found = {
        str(each.get("id")): thoughts
        for each in (raw if isinstance(raw, list) else ())
        if is_wrapped(each) and (thoughts := unwrap(each["data"]))
    }
    if not found:
        return list(parts)
    calls = {part.id for part in parts if isinstance(part, ToolCall)}
    first = next(iter(found))
    # a signature of Gemini is that of the call; other thinking comes before all that is said
    front = [each for name in found for each in found[name] if name not in calls or _leads(each, name == first)]
    own = [part for part in parts if not isinstance(part, Thinking)]
    return [*front, *_placed(own, {name: [e for e in found[name] if e not in front] for name in calls & set(found)})]


def _leads(part: Thinking, first: bool) -> bool:
    return first and part.dialect is not DialectName.GEMINI


def _placed(parts: Sequence[Part], before: Mapping[str, list[Thinking]]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, ToolCall):
            yield from before.get(part.id, ())
        yield part
