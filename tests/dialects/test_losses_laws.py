"""What is told of a stream is what is told of the same answer as a whole, over every fixture and every client."""

from pathlib import Path

import pytest

from addons.core.accumulate import fold
from addons.core.events import Cause, Failed
from addons.core.model import DialectName, Request
from addons.core.unshown import FORMS, LIMIT, unshown
from addons.dialects import DIALECTS

FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDERS = {
    DialectName.ANTHROPIC: "anthropic",
    DialectName.CHAT: "chat",
    DialectName.RESPONSES: "responses",
    DialectName.GEMINI: "gemini",
    DialectName.COMPLETIONS: "completions",
}
CASES = [
    pytest.param(name, path.read_bytes(), id=f"{folder}-{path.stem}")
    for name, folder in FOLDERS.items()
    for path in sorted((FIXTURES / folder).glob("*.sse"))
]


@pytest.mark.parametrize("client", list(FORMS))
@pytest.mark.parametrize(("name", "data"), CASES)
def test_streamed_and_whole_answers_lose_the_same(name: DialectName, data: bytes, client: DialectName) -> None:
    """Promise 22."""
    decoder = DIALECTS[name].decoder()
    events = [*decoder.feed(data), *decoder.finish(Cause.COMPLETE)]
    encoder = DIALECTS[client].encoder(Request(client, "m", (), stream=True), "m")
    for event in events:
        encoder.feed(event)
    assert len(encoder.losses) <= LIMIT
    if not isinstance(events[-1], Failed):
        assert set(encoder.losses) == set(unshown(client, fold(events)))
