"""A streamed answer of several rounds on its way to the client: a `Translation` whose decoder is another one in every
round, with a `Loop` between the two."""

from collections.abc import Iterable, Sequence

from addons.core.errors import ErrorInfo
from addons.core.events import Cause, Event, Failed
from addons.core.model import Request
from addons.core.tools import Restorer, ToolNames
from addons.dialects.base import Decoder, Encoder
from addons.relay import Translation
from addons.search.lookups import Looked, Lookup
from addons.search.loop import Loop


class SearchRelay(Translation):
    """What comes between two rounds is kept until the next `feed`, which may be of no bytes."""

    def __init__(self, loop: Loop, decoder: Decoder, encoder: Encoder, names: ToolNames) -> None:
        super().__init__(decoder, encoder, ToolNames(()))
        self._loop = loop
        self._round: tuple[Decoder, Restorer] = (decoder, Restorer(names))
        self._between: list[Event] = []

    @property
    def waiting(self) -> tuple[Lookup, ...]:
        """What the round wants looked up; the round is over then."""
        return self._loop.waiting

    def feed(self, data: bytes) -> bytes:
        events, self._between = self._between, []
        return self._pass_on(events + self._looped(self._round[0].feed(data) if data else ()))

    def finish(self, cause: Cause) -> bytes:
        return self._pass_on(self._looped(self._round[0].finish(cause)))

    def ended(self) -> None:
        """The bytes of the round are all there."""
        self._between += self._looped(self._round[0].finish(Cause.COMPLETE))

    def tell(self, found: Sequence[Looked]) -> Request | None:
        """What was looked up; gives what the target is asked next."""
        self._between += self._loop.tell(found)
        return self._loop.request

    def go_on(self, decoder: Decoder, names: ToolNames) -> None:
        """Another round begins."""
        self._round = (decoder, Restorer(names))

    def break_off(self, info: ErrorInfo) -> None:
        """There is no next round."""
        self._between.append(Failed(info))

    def _looped(self, events: Iterable[Event]) -> list[Event]:
        restored = (each for event in events for each in self._round[1].feed(event))
        return [shown for event in restored for shown in self._loop.feed(event)]
