"""What a client is not shown of an answer, as losses: the other half of the encoders of `addons.dialects`.

Each thing is told once, however often it comes (a stream of ten thousand tokens has ten thousand probabilities), and
not more than LIMIT of them: the names are the provider's. Of most events nothing can be lost: encoders do not ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.core.accumulate import Answer, unfold
from addons.core.events import Aside, Cited, Event, Finish, FinishReason, PartKind, PartOpen, Usage
from addons.core.in_words import kind_of
from addons.core.model import DialectName, Image, Loss, Opaque, Text, Thinking, ToolCall
from addons.core.pictures import picture

LIMIT = 32
NAME_LIMIT = 100
PREFIX = "answer."
_ALL: frozenset[PartKind] = frozenset({"text", "thinking", "tool_call"})


@dataclass(frozen=True, slots=True)
class Forms:
    """What an answer of a dialect has a form for. `pictures` and `links` are pictures that a model has made, as bytes
    and by their address; `usage` further counts; `ends` the reasons to finish that look like any other; `silent_end`
    thinking without words behind everything else."""

    title: str
    parts: frozenset[PartKind] = _ALL
    pictures: bool = True
    links: bool = False
    citations: bool = True
    usage: frozenset[str] = frozenset()
    cache_write: bool = True
    ends: frozenset[FinishReason] = frozenset({FinishReason.PAUSE_TURN})
    stop_sequence: bool = False
    silent_end: bool = True


FORMS: Mapping[DialectName, Forms] = {
    DialectName.ANTHROPIC: Forms(
        "Messages",
        pictures=False,
        usage=frozenset({"server_tool_use"}),
        ends=frozenset(),
        stop_sequence=True,
        silent_end=False,
    ),
    DialectName.CHAT: Forms("Chat Completions", links=True),
    DialectName.RESPONSES: Forms("Responses"),
    DialectName.GEMINI: Forms("Gemini", cache_write=False),
    DialectName.COMPLETIONS: Forms("legacy Completions", frozenset({"text"}), pictures=False, citations=False),
}


def says(value: Any) -> bool:
    """Whether a member says anything: what is empty, nought or no does not, however deep."""
    left = [value]
    while left:
        match left.pop():
            case Mapping() as inner:
                left.extend(inner.values())
            case list() as inner:
                left.extend(inner)
            case found if found:
                return True
    return False


def shown_picture(client: DialectName, part: PartOpen) -> Image | None:
    """The picture that an opaque part of another dialect is, when `client` can be shown it."""
    forms = FORMS[client]
    found = picture(part.raw, part.dialect) if forms.pictures else None
    return found if found is None or found.data is not None or forms.links else None


class Unshown:
    """Of one answer, for a client that speaks `client`."""

    def __init__(self, client: DialectName) -> None:
        self._client = client
        self._forms = FORMS[client]
        self._found: dict[tuple[str, str], bool] = {}

    def notice(self, event: Event) -> None:
        """Of no use for deltas, nor for the ends of parts."""
        match event:
            case PartOpen(kind="opaque"):
                if event.dialect is not self._client and shown_picture(self._client, event) is None:
                    kind = kind_of(event.raw or {}, event.dialect) if event.dialect is not None else None
                    self._add(kind or "part", content=True)
            case PartOpen() if event.kind not in self._forms.parts:
                self._add(event.kind, content=True)
            case Cited() if not self._forms.citations:
                self._add("citations", content=True)
            case Aside():
                self._add(event.path, content=event.content)
            case _:
                pass

    def silent_end(self) -> None:
        """What another provider must see again of its thinking came last, without words."""
        if not self._forms.silent_end:
            self._add("thinking.signature", "clients take the last block for the answer")

    def end(self, finish: Finish, usage: Usage) -> None:
        """The answer is whole; `usage` is all that was reported."""
        if finish.reason in self._forms.ends:
            self._add("finish_reason", f"{finish.reason} looks like any other end")
        if finish.stop_sequence is not None and not self._forms.stop_sequence:
            self._add("stop_sequence")
        if usage.cache_write and not self._forms.cache_write:
            self._add("usage.cache_write", "counted among the rest")
        for name, value in usage.extras.items():
            if name not in self._forms.usage and says(value):
                self._add(f"usage.{name}")

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was found so far, content first."""
        found = [Loss(f"{PREFIX}{path}", why, content) for (path, why), content in self._found.items()]
        return tuple(sorted(found, key=lambda loss: not loss.content))

    def _add(self, path: str, why: str | None = None, content: bool = False) -> None:
        if len(self._found) < LIMIT:
            self._found[path[:NAME_LIMIT], why or f"no place in {self._forms.title}"] = content


def unshown(client: DialectName, answer: Answer, *, one_call: bool = False) -> tuple[Loss, ...]:
    """What a client that speaks `client` is not shown of a whole answer. `one_call`: it has room for one call alone."""
    found = Unshown(client)
    if one_call and sum(isinstance(part, ToolCall) for part in answer.parts) > 1:
        found.notice(Aside("tool_calls", content=True))
    if _ends_silently(client, answer):
        found.silent_end()
    for event in unfold(answer):
        found.notice(event)
        if isinstance(event, Finish):
            found.end(event, answer.usage)
    return found.losses


def _ends_silently(client: DialectName, answer: Answer) -> bool:
    for part in reversed(answer.parts):
        match part:
            case Thinking(text="") if part.signature is not None and part.dialect not in (None, client):
                return True
            case Thinking(text="") | Text(text=""):
                continue
            case Opaque() if part.dialect is not client:
                continue
            case _:
                return False
    return False
