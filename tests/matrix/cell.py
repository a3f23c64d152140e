"""One cell of the matrix: a behaviour with one SDK on one provider, streamed or whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from clients.checks import SIGNATURE, problem
from matrix.clients import Client
from matrix.heard import Failure, Heard
from matrix.seen import Seen, read
from matrix.table import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.wishes import Wish, user

from addons.core.model import DialectName
from harness.answers import Said, stream, whole
from harness.replies import Reply, json_reply, sse
from harness.upstream import FakeUpstream

# the models that a behaviour is tried with: of today, and those that do not think but take sampling
THINKERS = {CLAUDE: "claude-sonnet-4-6", CHAT: "gpt-5.1", RESPONSES: "gpt-5.1", GEMINI: "gemini-3-pro-preview"}
SAMPLERS = {CLAUDE: "claude-haiku-4-5", CHAT: "gpt-4.1", RESPONSES: "gpt-4.1", GEMINI: "gemini-2.5-flash"}


@dataclass
class Cell:
    client: DialectName
    provider: DialectName
    streamed: bool
    sdk: Client
    upstream: FakeUpstream
    models: dict[DialectName, str] = field(default_factory=lambda: THINKERS)

    @property
    def same(self) -> bool:
        return self.client is self.provider

    @property
    def model(self) -> str:
        return f"p-{self.provider}/{self.models[self.provider]}"

    async def ask(self, wish: Wish | None = None, said: Said | None = None, reply: Reply | None = None) -> Heard:
        """Sends `wish` with the SDK and has the provider answer `said` (or `reply`). Raises Failure for what the SDK
        raises, AssertionError when a real provider would not have taken what the router sent."""
        answer = reply or self._reply(said or Said("Hello!"))
        self.upstream.requests.clear()
        self.upstream.default = lambda received: answer
        wish = wish or Wish()
        body = self.sdk.write(wish if wish.turns else replace(wish, turns=(user(),)), self.model)
        body |= wish.native.get(self.client, {})
        try:
            return await self.sdk.stream(body) if self.streamed else await asyncio.to_thread(self.sdk.whole, body)
        finally:
            # within one dialect the body is the SDK's own, spelling included
            for received in () if self.same else self.upstream.requests:
                complaint = problem(self.provider, received.json, {**received.headers, ":path": received.target})
                assert complaint is None, f"{complaint}: {received.json}"

    def _reply(self, said: Said) -> Reply:
        said = replace(said, model=self.models[self.provider], signature=SIGNATURE)
        return sse(stream(self.provider, said)) if self.streamed else json_reply(whole(self.provider, said))

    @property
    def seen(self) -> Seen:
        """What the provider received last."""
        return read(self.provider, self.upstream.requests[-1])


def refused(failure: Failure, upstream: FakeUpstream) -> bool:
    """Whether the router itself has refused, and said why, before anything was sent."""
    return failure.status == 400 and not upstream.requests and "cannot be sent" in failure.message


def graded(approximation: bool) -> Outcome:
    return Outcome.APPROXIMATED if approximation else Outcome.YES


def either(full: bool, approximate: bool, what: object = "") -> Outcome:
    """YES when `full` holds, APPROXIMATED when only `approximate` does. Raises AssertionError when neither."""
    assert full or approximate, f"neither as asked nor an approximation: {what}"
    return Outcome.YES if full else Outcome.APPROXIMATED


def text_of(pieces: Sequence[object]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))
