"""Rectifiers: a provider that refuses a request for something that it need not have had gets it once more without.

A table maps the words of refusals to mends. What helped is remembered for the target, so that the next request is
right from the start. Sources of the wordings: the error messages that the vendors' APIs and the common inference
servers answer with (Anthropic 2026-11, OpenAI 2026-11, Google 2026-11, vLLM 0.11), and the issue trackers of clients.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from addons.core.errors import ErrorInfo
from addons.core.mends import Body, applied, digest, signatures
from addons.core.model import DialectName, Loss

# what a refused request may be mended for in one attempt
ROUNDS = 4
STATUSES = frozenset({400, 422})
FORGET_AFTER = 3600.0
REMEMBERED = 512

CLAUDE, CHAT, RESPONSES = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.RESPONSES
GEMINI = DialectName.GEMINI

# never taken away: without them it would be another request
ESSENTIAL = frozenset(
    {
        "model", "messages", "input", "contents", "prompt", "tools", "system", "instructions", "systemInstruction",
        "system_instruction", "role", "type", "content", "text", "parts", "name", "id", "tool_use_id", "tool_call_id",
        "call_id", "arguments", "input_schema", "parameters", "function", "image_url", "source", "functionDeclarations",
        "functionCall", "functionResponse", "inlineData", "data", "stream", "output", "tool_calls",
        "previous_response_id", "conversation",
    }
)  # fmt: skip

type Found = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rectifier:
    """`signal` is searched in the refusal's code, field and message; `mends` makes of a match what to do."""

    signal: re.Pattern[str]
    mends: Callable[[re.Match[str], Body], Found]
    dialects: frozenset[DialectName] = frozenset()


def _words(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def _just(name: str, argument: str = "") -> Callable[[re.Match[str], Body], Found]:
    return lambda match, body: iter([(name, argument)])


def _refused_signatures(match: re.Match[str], body: Body) -> Found:
    return (("signature", digest(signature)) for signature in dict.fromkeys(signatures(body)))


def _field(match: re.Match[str], body: Body) -> Found:
    """The field that the refusal names, unless the request is nothing without it."""
    path = re.sub(r"\[(\d+|\*)\]", r".\1", match["path"]).strip(".")
    inside = (match.groupdict().get("inside") or "").strip(".")
    steps = [step for step in re.split(r"\.", f"{inside}.{path}" if inside else path) if step]
    if steps and steps[-1] not in ESSENTIAL and not steps[-1].isdecimal():
        yield "without", ".".join("*" if step.isdecimal() else step for step in steps)


def _google_field(match: re.Match[str], body: Body) -> Found:
    """Google names the place in snake_case, whichever way the request spells it."""
    for name, path in _field(match, body):
        yield name, re.sub(r"_([a-z])", lambda found: found[1].upper(), path)


def _levels(match: re.Match[str], body: Body) -> Found:
    levels = re.findall(r"none|minimal|low|medium|xhigh|high|max", match["levels"].lower())
    if levels:
        yield "effort", ",".join(dict.fromkeys(levels))


_ANTHROPIC = frozenset({CLAUDE})
_OPENAI = frozenset({CHAT, RESPONSES})
_PATH = r"(?P<path>[A-Za-z_][\w.\[\]*-]*)"
_QUOTE = r"['\"`‘’]?"

# first match that changes the body wins. What lies in the combination of two fields is mended by a mend that looks at
# both: it is remembered for the target, and must not touch requests that are in order
RECTIFIERS: tuple[Rectifier, ...] = (
    Rectifier(_words(r"invalid .{0,3}signature.{0,3} in .{0,3}thinking|thinking.{0,60}signature"
                     r"|invalid_encrypted_content|encrypted content.{0,80}(verified|decrypted|parsed)"
                     r"|thought[ _]?signature.{0,80}(not valid|invalid|corrupt)|corrupted thought"),
              _refused_signatures),
    Rectifier(_words(r"thinking may not be enabled when tool_choice|tool_choice.{0,80}not.{0,20}thinking"),
              _just("no thinking when a tool is forced"), _ANTHROPIC),
    Rectifier(_words(r"expected .{0,3}thinking.{0,40}but found|must start with a thinking block"),
              _just("no thinking in the middle of a turn"), _ANTHROPIC),
    Rectifier(_words(r"adaptive.{0,60}not (supported|available)|not support.{0,20}adaptive"
                     r"|input tag 'adaptive'"), _just("thinking by budget"), _ANTHROPIC),
    Rectifier(_words(r"thinking\.type.{0,4}enabled.{0,60}not supported|use .{0,3}thinking\.type.{0,6}adaptive"),
              _just("thinking adaptively"), _ANTHROPIC),
    Rectifier(_words(r"budget_tokens"), _just("thinking within its limits"), _ANTHROPIC),
    Rectifier(_words(r"budget_tokens"), _just("no thinking"), _ANTHROPIC),
    Rectifier(_words(r"unexpected role .{0,3}system|role.{0,40}system.{0,60}(not supported|not allowed)"
                     r"|messages.{0,30}role.{0,60}'user' or 'assistant'"), _just("system as user"), _ANTHROPIC),
    Rectifier(_words(r"maximum of 4 blocks with .?cache_control"), _just("fewer cache marks"), _ANTHROPIC),
    Rectifier(_words(r"temperature.{0,20} and .{0,3}top_p.{0,20} cannot both"), _just("no top_p beside temperature")),
    Rectifier(_words(r"temperature.{0,20}may only be set to 1"), _just("no temperature when thinking"), _ANTHROPIC),
    Rectifier(_words(r"temperature.{0,20}may only be set to 1"), _just("without", "temperature")),
    Rectifier(_words(r"function tools with reasoning_effort"), _just("no effort beside tools"), frozenset({CHAT})),
    Rectifier(_words(r"effort.{0,120}supported values are:? (?P<levels>.{3,80})"), _levels),
    Rectifier(_words(r"effort.{0,60}(should be|must be one of|expected one of) (?P<levels>.{3,80})"), _levels),
    Rectifier(_words(r"max_(completion_|output_)?tokens: \d+ > (?P<most>\d+)"),
              lambda match, body: iter([("capped", match["most"])])),
    Rectifier(_words(r"max_\w*tokens.{0,60}supports at most (?P<most>\d+)"),
              lambda match, body: iter([("capped", match["most"])])),
    Rectifier(_words(r"tools.{0,60}maximum length (?P<most>\d+)|at most (?P<more>\d+) (tools|functions)"),
              lambda match, body: iter([("fewer tools", match["most"] or match["more"])]), _OPENAI),
    Rectifier(_words(rf"unsupported parameter:? {_QUOTE}(?P<old>\w+){_QUOTE}.{{0,80}}"
                     rf"use {_QUOTE}(?P<new>\w+){_QUOTE} instead"),
              lambda match, body: iter([("renamed", f"{match['old']}>{match['new']}")])),
    Rectifier(_words(rf"(unsupported|unknown|unrecognized|unexpected|invalid) (request )?"
                     rf"(parameter|argument|field|arguments?)( supplied)?:? {_QUOTE}{_PATH}"), _field),
    Rectifier(_words(rf"unsupported value: {_QUOTE}{_PATH}"), _field),
    Rectifier(_words(rf"(unknown|unsupported)_(parameter|value) {_PATH} "), _field),
    Rectifier(_words(rf"{_PATH}: extra (inputs|fields) (are )?not permitted"), _field),
    Rectifier(_words(rf"unknown name {_QUOTE}(?P<path>[\w$]+){_QUOTE}( at {_QUOTE}(?P<inside>[\w.\[\]]+))?"),
              _google_field, frozenset({GEMINI})),
    Rectifier(_words(rf"{_QUOTE}{_PATH}{_QUOTE} (is|are) "
                     r"(not supported|unsupported|not allowed|not permitted|deprecated for this model)"), _field),
    Rectifier(_words(rf"does not support (the )?(parameter|field)? ?{_QUOTE}{_PATH}"), _field),
)  # fmt: skip


def remedy(dialect: DialectName, body: Body, info: ErrorInfo) -> tuple[Body, list[tuple[str, str]]] | None:
    """The body that might be taken after the refusal `info`, and the mends that made it; None: nothing is known to
    help. `body` is of `dialect`."""
    if info.status not in STATUSES:
        return None
    text = " ".join(word for word in (info.code, info.param, info.message) if word)
    for rectifier in RECTIFIERS:
        match = rectifier.signal.search(text)
        if match is None or (rectifier.dialects and dialect not in rectifier.dialects):
            continue
        mended, effective = applied(body, rectifier.mends(match, body))
        if effective:
            return mended, effective
    return None


_FIELDS: Mapping[str, str] = {
    "no temperature when thinking": "temperature",
    "no top_p beside temperature": "top_p",
    "no effort beside tools": "reasoning_effort",
    "system as user": "messages",
    "fewer cache marks": "cache_control",
    "spelt out": "previous_response_id",
}


def loss(mend: tuple[str, str]) -> Loss:
    """How a mend is told."""
    name, argument = mend
    match name:
        case "without" | "renamed":
            return Loss(argument.partition(">")[0], f"the provider refuses it: {name}")
        case "signature":
            return Loss("messages", "thinking whose signature the provider refuses is not sent")
        case "effort":
            return Loss("reasoning", f"the provider takes only the efforts {argument.replace(',', ', ')}")
        case "fewer tools":
            return Loss("tools", f"the provider takes at most {argument}: the last ones are not offered")
        case "capped":
            return Loss("max_tokens", f"the provider takes at most {argument}")
        case _:
            return Loss(
                _FIELDS.get(name, "thinking" if "thinking" in name else name),
                f"the provider refuses it: {name} {argument}".strip(),
            )


class Remembered:
    """What helped, by target; forgotten after an hour, and the oldest when there is too much."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` is in seconds and never goes back."""
        self._now = now
        self._mends: dict[str, OrderedDict[tuple[str, str], float]] = {}

    def add(self, target: str, mends: list[tuple[str, str]]) -> None:
        known = self._mends.setdefault(target, OrderedDict())
        for mend in mends:
            known[mend] = self._now() + FORGET_AFTER
            known.move_to_end(mend)
        while len(known) > REMEMBERED:
            known.popitem(last=False)

    def knows(self, target: str, mend: tuple[str, str]) -> bool:
        """Whether `mend` has helped of late."""
        known = self._mends.get(target)
        return known is not None and known.get(mend, -math.inf) >= self._now()

    def apply(self, target: str, body: Body) -> tuple[Body, list[tuple[str, str]]]:
        """`body` mended by what is known of `target`, and the mends that changed it."""
        known = self._mends.get(target)
        if not known:
            return body, []
        for mend, until in list(known.items()):
            if until < self._now():
                del known[mend]
        return applied(body, known)
