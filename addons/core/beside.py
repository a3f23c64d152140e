"""What stands beside the parts of a foreign request and has no home in another dialect, so that it can be told.

Parts and tools keep in their `extras` what only their own dialect knows. Each such member is one loss, however many
parts have it: a long conversation would repeat it without end.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from addons.core.model import DialectName, HostedTool, Image, Loss, Message, Opaque, Part, Request, ToolResult
from addons.core.pictures import picture

# members that ask for nothing: names and states of items, what the canonical form says too, marks of our own parsers
_SAID = frozenset(
    ("type", "id", "status", "index", "source", "title", "content", "summary", "encrypted_content", "is_error",
     "output_config", "context", "thought", "thoughtSignature", "defer_loading", "deferred", "namespace", "offered",
     "client_run", "raw", "trace", "empty", "refusal", "key", "instructions", "input", "stored", "compaction",
     "said", "logprobs")
)  # fmt: skip
# every provider caches what it can without being told; where marks or keys steer that, a rendering sets its own
CACHING = frozenset(("cache_control", "prompt_cache_breakpoint"))
# what the model should have read or heard
_CONTENT = frozenset(("audio",))
_MARK = "llr."
GEMINI = DialectName.GEMINI
# how a rendering says that it has a place for the detail of images
IMAGE_DETAIL = "image detail"
# what another dialect calls the place of a message's parts
_PLACES: Mapping[DialectName, tuple[str, str]] = {
    DialectName.RESPONSES: ("input[]", "content[]"),
    DialectName.GEMINI: ("contents[]", "parts[]"),
}
_PLACE = ("messages[]", "content[]")


def losses_beside(request: Request, why: str, carried: frozenset[str] = frozenset()) -> list[Loss]:
    """One loss for every member beside parts, messages and tools that says something; `carried` names those that the
    rendering has a place for."""
    details = () if IMAGE_DETAIL in carried else _details(request)
    paths = dict.fromkeys([*_of_messages(request), *_of_tools(request), *details])
    named = [(path, path.rpartition(".")[2]) for path in paths]
    return [Loss(path, why, content=name in _CONTENT) for path, name in named if name not in carried]


def _of_messages(request: Request) -> Iterator[str]:
    message_path, part_path = _PLACES.get(request.dialect, _PLACE)
    for message in request.messages:
        yield from _members(message.extras, message_path)
        yield from _members(message.extras.get("item"), message_path)
        for part in _all_parts(message):
            yield from _of_part(part, message_path, part_path)


def _of_part(part: Part, message_path: str, part_path: str) -> Iterator[str]:
    path = f"{message_path}.{part_path}"
    if isinstance(part, Opaque):
        # the model is told of it in words
        yield from [f"{path}.inlineData"] if picture(part.raw, part.dialect) and part.dialect is GEMINI else []
        return
    # a result may repeat what its call says
    known = ("name",) if isinstance(part, ToolResult) else ()
    yield from _members({name: value for name, value in part.extras.items() if name not in known}, path)
    yield from _members(part.extras.get("item"), message_path)


def _details(request: Request) -> Iterator[str]:
    """How closely the model is to look at an image: canonical, but unknown to most."""
    message_path, part_path = _PLACES.get(request.dialect, _PLACE)
    for message in request.messages:
        for part in _all_parts(message):
            if isinstance(part, Image) and part.detail not in (None, "auto"):
                yield f"{message_path}.{part_path}.detail"


def _all_parts(message: Message) -> Iterable[Part]:
    for part in message.parts:
        yield part
        if isinstance(part, ToolResult):
            yield from part.content


def _of_tools(request: Request) -> Iterator[str]:
    for tool in request.tools:
        if not isinstance(tool, HostedTool):
            yield from _members(tool.extras, "tools[]")


def _members(extras: Any, path: str) -> Iterator[str]:
    if not isinstance(extras, Mapping):
        return
    for name, value in extras.items():
        if value and name not in _SAID and name not in CACHING and not name.startswith(_MARK) and name != "item":
            yield f"{path}.{name}"
