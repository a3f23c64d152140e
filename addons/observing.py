"""How a router is put together that routes nothing: what comes goes to the tool's own server, untouched."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from addons.activity_log import ActivityLog
from addons.core.http import Ask
from addons.core.plan import Plan
from addons.edge.appended import Rotation
from addons.edge.clock import Clock
from addons.edge.connect_deadline import ConnectDeadline
from addons.edge.places import state_dir
from addons.edge.tasks import Tasks
from addons.edge.upstream import HttpxUpstream
from addons.edge.upstream_tls import UpstreamTls
from addons.forward.door import ForwardDoor
from addons.forward.front import REVERSE, Front
from addons.forward.gate import Gate
from addons.forward.reach import Reach
from addons.guard import guarded
from addons.observed import Observer
from addons.passing import Passing, home_of
from addons.passing_socket import SocketDoor
from addons.router import Router
from addons.streamed_response import Streams

type Closing = Callable[[], Awaitable[None]]


def observing(
    plan: Plan,
    home: str | None,
    observers: Sequence[Observer],
    complain: Callable[[str], None],
    front: Front = REVERSE,
) -> tuple[list[object], Closing]:
    """The addons, and what is to be awaited when they have ended. `home` is the server of every request, None: each
    tool's own. `plan` says no more than whether the activity log is kept, and what a forward proxy leads to; `front` is
    what clients are let in by."""
    upstream, tasks = HttpxUpstream(), Tasks()
    rotation = Rotation(plan.activity_bytes, plan.activity_keep)
    activity = ActivityLog(state_dir(os.environ), rotation, lambda: plan.activity, complain)
    heard = (activity, *observers)

    def to(ask: Ask) -> str:
        return home_of(ask) if home is None else home.rstrip("/")

    streams = Streams(tasks)
    streams.door = reverse = guarded(SocketDoor(to, heard), os.environ, complain)
    fronting: list[object] = []
    if front.proxy and front.tls is not None:
        watching = replace(plan, proxy=replace(plan.proxy, routes=False))
        streams.door = ForwardDoor(reverse, reverse, lambda: watching, heard, Clock())
        fronting = [front.tls, Gate(lambda: watching, Reach(lambda: watching), front.tls.covers)]
    router = Router(Passing(upstream, heard, to), tasks, streams)

    async def close() -> None:
        await upstream.aclose()
        await asyncio.to_thread(activity.close)

    return [*fronting, streams, router, UpstreamTls(), ConnectDeadline()], close
