"""A slim mitmproxy master: only the addons that a reverse proxy needs. `mitmdump` walks about forty for every hook."""

import asyncio
import contextlib
import errno
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from mitmproxy import options
from mitmproxy.addons import next_layer, proxyserver
from mitmproxy.master import Master

from addons.edge.addon_chain import AddonChain
from addons.edge.tasks import Tasks
from addons.router import Router
from addons.streamed_response import Streams

# Nothing is ever sent there: every request is answered by the router, and no connection is made before one is needed.
NOWHERE = "reverse:http://127.0.0.1:9"
# What reverse mode must not do: connect early, rewrite Host, take garbage for a tunnel, or cut a long silence.
OPTIONS: dict[str, Any] = {
    "connection_strategy": "lazy",
    "keep_host_header": True,
    "rawtcp": False,
    "websocket": False,
    "tcp_timeout": 3600,
}
REQUEST_HOOKS = frozenset({"requestheaders", "responseheaders", "response", "error"})
FLUSH_SECONDS = 1.0
ENDING = (signal.SIGTERM, signal.SIGINT)


@runtime_checkable
class Opened(Protocol):
    """An addon that has to be ready before the first request comes."""

    async def open(self) -> None: ...


class CannotListen(Exception):
    """The address cannot be listened on; the text says why."""


class PortTaken(CannotListen):
    """Somebody else listens on `port`."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is already in use")
        self.port = port


async def run(
    addons: Sequence[object],
    *,
    host: str,
    port: int,
    grace: float = 10.0,
    ready: Callable[[int], None] = lambda _: None,
    modes: Sequence[str] = (NOWHERE,),
    ending: Sequence[signal.Signals] = ENDING,
) -> None:
    """Serves with `addons` (a Router and its Streams among them; those that are Opened are opened first) until one of
    the signals `ending`; then stops accepting, gives the requests in flight `grace` seconds, and returns. A second
    signal ends the grace at once. `ready` is told the port (0 asks for a free one). `modes` are mitmproxy's; one with
    `@HOST:PORT` at its end listens there, and the first one's port is told.

    Raises:
        PortTaken: the port is in use.
        CannotListen: any other reason not to listen.
    """
    router = _only(Router, addons)
    opts = options.Options()
    master = Master(opts)
    master.addons = AddonChain(master)
    _silence()
    server = proxyserver.Proxyserver()  # type: ignore[no-untyped-call]
    master.addons.add(server, next_layer.NextLayer(), *addons)  # type: ignore[no-untyped-call]
    opts.update(mode=list(modes), listen_host=host, listen_port=port, **OPTIONS)  # type: ignore[no-untyped-call]
    _only(Streams, addons).unheard = unheard(master)
    for addon in addons:
        if isinstance(addon, Opened):
            await addon.open()
    if not await server.setup_servers():
        await master.done()
        raise _reason(server, port)
    tasks = Tasks()
    async with _signals(ending) as signals:
        serving = tasks.spawn(master.run(), "mitmproxy")
        try:
            ready(server.listen_addrs()[0][1])
            await signals.first.wait()
            await server.servers.update([])
            await _finish(router, tasks, signals.second, grace)
            await _flush(server)
        finally:
            master.shutdown()  # type: ignore[no-untyped-call]
            await serving


def unheard(master: Master) -> frozenset[str]:
    """The hooks of a request that no addon of `master` listens to."""
    return frozenset(
        name for name in REQUEST_HOOKS if not any(hasattr(addon, name) for addon in master.addons.lookup.values())
    )


def _only[T](kind: type[T], addons: Sequence[object]) -> T:
    (found,) = (addon for addon in addons if isinstance(addon, kind))
    return found


def _silence() -> None:
    """mitmproxy tells every connection; failures of hooks and layers stay audible."""
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)
    logging.getLogger("mitmproxy.addons.proxyserver").setLevel(logging.CRITICAL)  # told as CannotListen


def _reason(server: proxyserver.Proxyserver, port: int) -> CannotListen:
    error = next((instance.last_exception for instance in server.servers if instance.last_exception), None)
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return PortTaken(port)
    return CannotListen(str(error))


@dataclass(frozen=True, slots=True)
class _Signals:
    first: asyncio.Event = field(default_factory=asyncio.Event)
    second: asyncio.Event = field(default_factory=asyncio.Event)

    def arrived(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


@asynccontextmanager
async def _signals(wanted: Sequence[signal.Signals]) -> AsyncIterator[_Signals]:
    """`wanted` as events, as long as the block runs."""
    found = _Signals()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in wanted:
            loop.add_signal_handler(number, found.arrived)
    try:
        yield found
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in wanted:
                loop.remove_signal_handler(number)


async def _finish(router: Router, tasks: Tasks, hurry: asyncio.Event, grace: float) -> None:
    waiting = tasks.spawn(router.shutdown(grace), "the grace")
    hurried = tasks.spawn(hurry.wait(), "the second signal")
    await asyncio.wait((waiting, hurried), return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    if not waiting.done():
        waiting.cancel()
        await router.shutdown(0)


async def _flush(server: proxyserver.Proxyserver) -> None:
    """Closes the clients' connections and waits until what was written has left."""
    transports = [io for client in server.connections.values() for io in client.transports.values()]
    writers = [io.writer for io in transports if isinstance(io.writer, asyncio.StreamWriter)]
    for writer in writers:
        writer.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FLUSH_SECONDS):
            await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
