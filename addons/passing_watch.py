"""What the listeners of a request hear of its passage to another server: bodies both ways, and how it ended.

Of a WebSocket they hear how many frames, messages and bytes went each way, and nothing of what those said.
"""

from collections.abc import Callable
from dataclasses import replace

from mitmproxy import http

from addons.core.errors import ErrorClass
from addons.core.frames import FrameCounter, Talk
from addons.core.http import Handed
from addons.observed import Handover, Observed, Record
from addons.records import CANCELLED


class Watch:
    """One passage; implements `Watching`. `record` is what is known at the beginning, `clock` gives Unix seconds."""

    def __init__(self, observed: Observed, record: Record, clock: Callable[[], float]) -> None:
        self._observed = observed
        self._record = record
        self._clock = clock
        self._up: FrameCounter | None = None
        self._down = FrameCounter()

    def takes(self, handed: Handed) -> bool:
        if not isinstance(handed, Handover):
            return False
        self._observed = handed.observed
        self._record = replace(handed.record, served=self._record.served, status=self._record.status)
        return True

    def sent(self, data: bytes) -> None:
        self._observed.sent(data)

    def answered(self, response: http.Response) -> None:
        """With the server's head there."""
        coding = response.headers.get("content-encoding", "")
        self._record = replace(self._record, first_event=self._clock() - self._record.at, coding=coding)

    def coded(self, coding: str) -> None:
        """What is said comes in another content coding than the server's head tells."""
        self._record = replace(self._record, coding=coding)

    def said(self, data: bytes) -> bytes:
        """A piece of the answer, as it is."""
        if data:
            self._observed.said(data)
        return data

    def failed(self, error: ErrorClass, refusal: http.Response) -> None:
        """The server gave no answer, the client got `refusal`."""
        self._record = replace(self._record, error=error)
        self.said(refusal.raw_content or b"")

    def refused(self, error: ErrorClass, refusal: http.Response) -> None:
        """No server is asked, the client got `refusal`."""
        self.failed(error, refusal)
        self._record = replace(self._record, status=refusal.status_code, served="", passed_on=False)
        self._done()

    def broke(self) -> None:
        self._record = replace(self._record, broken=ErrorClass.TRUNCATED)

    def ended(self, flow: http.HTTPFlow, *, left: bool) -> None:
        """The exchange is over. Of a WebSocket that is open the end is still to come."""
        status = flow.response.status_code if flow.response is not None else CANCELLED
        self._record = replace(self._record, status=status, left=left and self._record.broken is None)
        if status == 101 and not left:
            self._up = FrameCounter()
        else:
            self._done()

    def relayed(self, data: bytes, *, from_client: bool) -> None:
        if self._up is not None:
            (self._up if from_client else self._down).feed(data)

    def closed(self) -> None:
        if self._up is not None:
            self._record = replace(self._record, talk=Talk(self._up.counted, self._down.counted))
            self._done()

    def _done(self) -> None:
        self._observed.done(replace(self._record, total=self._clock() - self._record.at))
