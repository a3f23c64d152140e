"""Specification of addons/pulse.py: what a silent stream shows."""

import asyncio

from addons.core.http import Pulse
from addons.edge.tasks import Tasks
from addons.pulse import Beats

SOON = 0.01


class Line:
    """What a client has got."""

    def __init__(self, pulse: Pulse | None) -> None:
        self.got: list[bytes] = []
        self.came = asyncio.Event()
        self.beats = Beats(pulse, self._send, Tasks().spawn)

    async def _send(self, data: bytes) -> None:
        self.got.append(data)
        self.came.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                self.came.clear()
                await self.came.wait()


async def test_a_quiet_stream_beats_again_and_again() -> None:
    line = Line(Pulse(SOON, b"."))
    line.beats.quiet()
    await line.until(3)
    line.beats.stop()
    assert set(line.got) == {b"."}


async def test_a_stream_that_speaks_does_not_beat() -> None:
    line = Line(Pulse(0.2, b"."))
    begin = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - begin < 0.4:
        line.beats.busy()
        line.beats.quiet()
        await asyncio.sleep(0)
    line.beats.stop()
    assert line.got == []


async def test_a_client_that_reads_slowly_gets_no_beats_on_top() -> None:
    slow, quiet = Line(Pulse(SOON, b".")), Line(Pulse(SOON, b"."))
    slow.beats.quiet()
    slow.beats.busy()
    quiet.beats.quiet()
    await quiet.until(3)
    slow.beats.stop()
    quiet.beats.stop()
    assert slow.got == []


async def test_a_stopped_stream_is_silent() -> None:
    stopped, other = Line(Pulse(SOON, b".")), Line(Pulse(SOON, b"."))
    stopped.beats.quiet()
    stopped.beats.stop()
    other.beats.quiet()
    await other.until(3)
    other.beats.stop()
    assert stopped.got == []


async def test_without_a_pulse_nothing_beats() -> None:
    without, other = Line(None), Line(Pulse(SOON, b"."))
    without.beats.quiet()
    other.beats.quiet()
    await other.until(2)
    other.beats.stop()
    assert without.got == []
