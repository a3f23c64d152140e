"""An HTTP layer of ours without a socket: bytes go in, hooks and bytes come out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mitmproxy import http
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import Client, ConnectionState
from mitmproxy.proxy import commands, events, mode_specs
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HttpLayer, HTTPMode
from mitmproxy.test import taddons

from addons.edge.master import NOWHERE, OPTIONS
from addons.edge.tasks import Tasks
from addons.http_layer import adopt
from addons.streamed_response import Streams


@dataclass
class Wire:
    """An HTTP layer of ours with a client, whose hooks the test answers."""

    layer: HttpLayer
    client: Client
    streams: Streams
    server: Proxyserver
    hooks: list[commands.StartHook] = field(default_factory=list)
    sent: bytes = b""
    closed: bool = False
    opened: bool = False
    wakeups: list[commands.RequestWakeup] = field(default_factory=list)

    def feed(self, event: events.Event) -> None:
        for command in self.layer.handle_event(event):
            match command:
                case commands.StartHook():
                    self.hooks.append(command)
                case commands.SendData():
                    self.sent += command.data
                case commands.CloseConnection():
                    self.closed = True
                    self.client.state = ConnectionState.CLOSED
                case commands.RequestWakeup():
                    self.wakeups.append(command)
                case commands.OpenConnection():
                    self.opened = True
                case _:
                    pass

    def receives(self, data: bytes) -> None:
        self.feed(events.DataReceived(self.client, data))

    def leaves(self) -> None:
        self.client.state = ConnectionState.CAN_WRITE
        self.feed(events.ConnectionClosed(self.client))

    def complete(self) -> None:
        """Ends the hook that runs."""
        hook = self.hooks[-1]
        reply = events.HookCompleted(hook)
        self.feed(reply)

    @property
    def names(self) -> list[str]:
        return [hook.name for hook in self.hooks]

    @property
    def flow(self) -> http.HTTPFlow:
        (flow,) = self.hooks[-1].args()
        assert isinstance(flow, http.HTTPFlow)
        return flow


@asynccontextmanager
async def wired(alpn: bytes = b"http/1.1") -> AsyncIterator[Wire]:
    """A layer that has begun, in the context of a mitmproxy that serves nobody."""
    tasks = Tasks()
    server = Proxyserver()
    with taddons.context(server) as master:
        master.options.update(**OPTIONS)
        client = Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=1.0, alpn=alpn)
        client.state = ConnectionState.OPEN
        client.proxy_mode = mode_specs.ProxyMode.parse(NOWHERE)
        context = Context(client, master.options)
        context.server.address = ("127.0.0.1", 9)
        layer = HttpLayer(context, HTTPMode.transparent)
        streams = Streams(tasks)
        adopt(layer, streams)
        made = Wire(layer, client, streams, server)
        made.feed(events.Start())
        yield made
    await tasks.cancel_all()
