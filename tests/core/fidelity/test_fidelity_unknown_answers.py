"""Members of an answer that no table knows yet are told by every client's encoder, wherever they stand, streamed or
not. Promise 22."""

import json
import re
from typing import Any

import pytest

from addons.core.accumulate import fold
from addons.core.events import Cause
from addons.core.model import DialectName
from addons.core.sse import SseParser
from addons.core.unshown import unshown
from addons.dialects import DIALECTS
from harness import answers
from harness.answers import Call, Said

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI
CLIENTS = (CLAUDE, CHAT, RESPONSES, GEMINI)
NEW = "brand_new"
SAID = Said("Hello", thinking="hm", calls=(Call("f", '{"x":1}'),))


def objects(value: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object of an answer, with its path."""
    if isinstance(value, list):
        return [found for each in value for found in objects(each, f"{path}[]")]
    if not isinstance(value, dict):
        return []
    inner = [found for name, each in value.items() for found in objects(each, f"{path}.{name}" if path else name)]
    return [(path, value), *inner]


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


# arguments are the model's own words, and metadata the client's
OPEN = ("input", "args", "metadata", "arguments")
PLACES = [
    pytest.param(provider, n, id=f"{provider}-{path or 'top'}-{n}")
    for provider in CLIENTS
    for n, (path, _) in enumerate(objects(answers.whole(provider, SAID)))
    if _last(path) not in OPEN
]


def _holds(lost: str, path: str) -> bool:
    """Whether the whole that the member stands in is lost."""
    return _last(lost) == _last(path)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("provider", "place"), PLACES)
def test_an_unknown_member_of_a_whole_answer_is_told(provider: DialectName, place: int, client: DialectName) -> None:
    """Promise 22."""
    if client is provider:
        return
    body = answers.whole(provider, SAID)
    path, found = objects(body)[place]
    found[NEW] = {"a": "b"}
    lost = unshown(client, fold(DIALECTS[provider].parse_response(body)))
    assert [loss for loss in lost if NEW in loss.path or _holds(loss.path, path)], lost


# the events of these have a frame of their own; an item says again what its parts said, and the response its items
FRAMES = {CLAUDE: r"", CHAT: r"-", RESPONSES: r"|part|response\.output\[\].*", GEMINI: r"-"}


def streamed(provider: DialectName) -> list[tuple[str, Any]]:
    found = SseParser().feed(b"".join(answers.stream(provider, SAID)))
    return [(each.name, json.loads(each.data)) for each in found if each.data != b"[DONE]"]


def pieces(provider: DialectName) -> list[str]:
    """The paths of the objects of a streamed answer."""
    paths = dict.fromkeys(path for _, body in streamed(provider) for path, _ in objects(body))
    return [path for path in paths if not re.fullmatch(FRAMES[provider], path) and _last(path) not in OPEN]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("provider", "path"),
    [pytest.param(each, path, id=f"{each}-{path or 'top'}") for each in CLIENTS for path in pieces(each)],
)
def test_an_unknown_member_of_a_stream_is_told(provider: DialectName, path: str, client: DialectName) -> None:
    """Promise 22."""
    if client is provider:
        return
    events = streamed(provider)
    for _, body in events:
        for there, found in objects(body):
            found.update({NEW: {"a": "b"}} if there == path else {})
    decoder = DIALECTS[provider].decoder()
    data = b"".join(answers.event(body, name or None) for name, body in events)
    lost = unshown(client, fold([*decoder.feed(data + b"data: [DONE]\n\n"), *decoder.finish(Cause.COMPLETE)]))
    assert [loss for loss in lost if NEW in loss.path or _holds(loss.path, path)], lost
