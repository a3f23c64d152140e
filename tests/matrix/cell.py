"""One cell of the matrix: a behaviour with one SDK on one provider, streamed or whole."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from clients.checks import SIGNATURE, problem
from matrix.clients import Client
from matrix.heard import Failure, Heard
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, Outcome
from matrix.readers import read
from matrix.seen import Seen
from matrix.wishes import Wish, user

from addons.core.model import DialectName
from harness.answers import Said, stream, whole
from harness.replies import Reply, json_reply, sse
from harness.upstream import FakeUpstream, Received

# the models that a behaviour is tried with: of today, and those that do not think but take sampling
THINKERS = {CLAUDE: "claude-sonnet-4-6", CHAT: "gpt-5.1", RESPONSES: "gpt-5.1", GEMINI: "gemini-3-pro-preview"}
SAMPLERS = {CLAUDE: "claude-haiku-4-5", CHAT: "gpt-4.1", RESPONSES: "gpt-4.1", GEMINI: "gemini-2.5-flash"}

# what the provider answers: data, or made of what it was asked
type Answer = Said | Reply | Callable[[Seen], Said]


@dataclass
class Cell:
    client: DialectName
    provider: DialectName
    streamed: bool
    sdk: Client
    upstream: FakeUpstream
    models: Mapping[DialectName, str] = field(default_factory=lambda: THINKERS)

    @property
    def same(self) -> bool:
        return self.client is self.provider

    @property
    def model(self) -> str:
        return f"p-{self.provider}/{self.models[self.provider]}"

    async def ask(self, wish: Wish | None = None, says: Answer | None = None) -> Heard:
        """Sends `wish` with the SDK and has the provider answer as `says` says, to all that it is asked. Raises
        Failure for what the SDK raises, AssertionError when a real provider would not have taken what the router
        sent."""
        body = self.body(wish or Wish())
        with self.provided(says or Said("Hello!")):
            return await self.sdk.stream(body) if self.streamed else await asyncio.to_thread(self.sdk.whole, body)

    @contextmanager
    def provided(self, says: Answer) -> Iterator[None]:
        """The provider answers so, and has nothing to complain about what it received."""
        self.upstream.requests.clear()
        self.upstream.default = lambda received: self._reply(received, says)
        try:
            yield
        finally:
            # within one dialect the body is the SDK's own, spelling included
            for received in () if self.same else self.upstream.requests:
                complaint = problem(self.provider, received.json, {**received.headers, ":path": received.target})
                assert complaint is None, f"{complaint}: {received.json}"

    def body(self, wish: Wish) -> dict[str, Any]:
        """The arguments of the SDK's method; a member that is an object is joined with what is native."""
        body = self.sdk.write(wish if wish.turns else replace(wish, turns=(user(),)), self.model)
        for name, value in wish.native.get(self.client, {}).items():
            body[name] = {**body.get(name, {}), **value} if isinstance(value, dict) else value
        return body

    def events(self, said: Said) -> list[bytes]:
        """The events of a streamed answer of the provider."""
        return stream(self.provider, self._of_model(said))

    def answer(self, said: Said) -> Reply:
        """The provider's answer in the way that it is asked for."""
        if self.streamed:
            return sse(self.events(said))
        return json_reply(whole(self.provider, self._of_model(said)))

    def _of_model(self, said: Said) -> Said:
        return replace(said, model=self.models[self.provider], signature=SIGNATURE)

    def _reply(self, received: Received, says: Answer) -> Reply:
        if isinstance(says, Reply):
            return says
        return self.answer(says if isinstance(says, Said) else says(read(self.provider, received)))

    @property
    def seen(self) -> Seen:
        """What the provider received last."""
        return read(self.provider, self.upstream.requests[-1])


def refused(failure: Failure, upstream: FakeUpstream) -> bool:
    """Whether the router itself has refused, and said why, before anything was sent."""
    return failure.status == 400 and not upstream.requests and "cannot be sent" in failure.message


def either(full: bool, approximate: bool, what: object = "") -> Outcome:
    """YES when `full` holds, APPROXIMATED when only `approximate` does. Raises AssertionError when neither."""
    assert full or approximate, f"neither as asked nor an approximation: {what}"
    return Outcome.YES if full else Outcome.APPROXIMATED
