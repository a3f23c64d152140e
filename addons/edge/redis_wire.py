"""One connection to Redis, and its protocol as far as it is spoken here.

The library is asked for what a URL means; what goes over the wire is written and read here, because a request waits for
it: a task, a lock and a time-out of its own for every command cost more than twice the command.

Source: Redis documentation, "Redis serialization protocol specification" (version 2).
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import ResponseError

from addons.edge.redis_outbox import Command

ONCE_MORE = 0.01  # seconds

# what Redis says: one answer a command, or why there is none
type Answers = list[Any] | Exception
type Land = Callable[[Answers], None]


class _Incomplete(Exception):
    """The rest of an answer has not come yet."""


def words(*given: str | int | float) -> bytes:
    """Words of a command as Redis reads them."""
    found = [str(word).encode() for word in given]
    return b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in found])


def pack(command: Command) -> bytes:
    return b"*%d\r\n%b" % (len(command), words(*command))


def parse(data: bytes | bytearray, at: int = 0) -> tuple[Any, int]:
    """The answer that begins at `at`, and where the next one does. An error is given as ResponseError. Raises
    _Incomplete, and ValueError for what is no answer."""
    end = data.find(b"\r\n", at)
    if end < 0:
        raise _Incomplete
    kind, line, at = data[at : at + 1], data[at + 1 : end].decode(errors="replace"), end + 2
    match bytes(kind):
        case b":":
            return int(line), at
        case b"+":
            return line, at
        case b"-":
            return ResponseError(line), at
        case b"$":
            return _bulk(data, at, int(line))
        case b"*":
            return _several(data, at, int(line))
        case _:
            raise ValueError("what answers does not speak Redis's protocol")


def _bulk(data: bytes | bytearray, at: int, length: int) -> tuple[str | None, int]:
    if length < 0:
        return None, at
    end = at + length
    if len(data) < end + 2:
        raise _Incomplete
    return data[at:end].decode(errors="replace"), end + 2


def _several(data: bytes | bytearray, at: int, count: int) -> tuple[list[Any] | None, int]:
    if count < 0:
        return None, at
    found = []
    for _ in range(count):
        one, at = parse(data, at)
        found.append(one)
    return found, at


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and who asks there. Raises ValueError for a URL that says neither."""

    options: Mapping[str, Any]

    @classmethod
    def of(cls, url: str) -> "Address":
        return cls(dict(parse_url(url)))

    @property
    def password(self) -> str:
        return str(self.options.get("password") or "")

    def greeting(self) -> list[Command]:
        """What a connection begins with."""
        user, found = self.options.get("username"), list[Command]()
        if self.password:
            found.append(("AUTH", user, self.password) if user else ("AUTH", self.password))
        if self.options.get("db"):
            found.append(("SELECT", int(self.options["db"])))
        return found

    def trust(self) -> ssl.SSLContext | None:
        """How the server shows who it is; None: it need not. The options are the library's."""
        say = self.options.get
        if self.options.get("connection_class") is not SSLConnection:
            return None
        context = ssl.create_default_context(cafile=say("ssl_ca_certs"), capath=say("ssl_ca_path"))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # what authorities of one's own make seldom is so exact
        if say("ssl_cert_reqs") in ("none", "optional") or str(say("ssl_check_hostname")).lower() == "false":
            context.check_hostname = False
        if say("ssl_cert_reqs") == "none":
            context.verify_mode = ssl.CERT_NONE
        if certificate := say("ssl_certfile"):
            context.load_cert_chain(certificate, say("ssl_keyfile"))
        return context


@dataclass(slots=True)
class _Asked:
    count: int
    land: Land
    until: float
    found: list[Any] = field(default_factory=list)


class Wire(asyncio.Protocol):
    """What is asked is written at once, and answered in the order of asking. `timeout` in seconds: where one answer
    takes longer, the connection is given up, and with it all that was asked."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._asked: deque[_Asked] = deque()
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    @property
    def is_open(self) -> bool:
        return self._error is None and self._transport is not None

    def ask(self, data: bytes, count: int, land: Land) -> None:
        """`data` holds `count` commands. `land` is called once, with their answers or with why there are none."""
        assert count > 0, "what asks for nothing is never answered"
        if self._error is not None or self._transport is None:
            land(self._error or ConnectionError("not connected"))
            return
        self._asked.append(_Asked(count, land, self._loop.time() + self._timeout))
        if self._watch is None:
            self._watch = self._loop.call_later(self._timeout, self._overdue)
        self._transport.write(data)

    async def answers(self, commands: Iterable[Command]) -> list[Any]:
        """Raises what stands in their stead."""
        packed = [pack(command) for command in commands]
        landed: asyncio.Future[Answers] = self._loop.create_future()
        self.ask(b"".join(packed), len(packed), lambda found: None if landed.done() else landed.set_result(found))
        found = await landed
        if isinstance(found, Exception):
            raise found
        return found

    def close(self, error: Exception | None = None) -> None:
        """Everybody who waits is told `error`."""
        self._error = self._error or error or ConnectionError("the connection is closed")
        if self._watch is not None:
            self._watch.cancel()
        if self._transport is not None:
            self._transport.abort()
        asked, self._asked = self._asked, deque()
        for each in asked:
            each.land(self._error)

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        at = 0
        try:
            while self._asked:
                first = self._asked[0]
                answer, at = parse(self._data, at)
                first.found.append(answer)
                if len(first.found) == first.count:
                    self._asked.popleft()
                    first.land(_all(first.found))
        except _Incomplete:
            pass
        except ValueError as error:
            self.close(error)
        del self._data[:at]

    def connection_lost(self, error: Exception | None) -> None:
        self.close(error or ConnectionError("the connection was closed by Redis"))

    def _overdue(self, *, looked: bool = False) -> None:
        """It is time for an answer. A process that had to stand still itself looks once more what has come."""
        self._watch = None
        if not self._asked:
            return
        left = self._asked[0].until - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._overdue)
        elif looked:
            self.close(TimeoutError("it does not answer in time"))
        else:
            self._watch = self._loop.call_later(ONCE_MORE, partial(self._overdue, looked=True))


def _all(found: Sequence[Any]) -> Answers:
    """The answers, or the first of them that is an error."""
    return next((each for each in found if isinstance(each, ResponseError)), None) or list(found)


async def connect(address: Address, patience: float) -> Wire:
    """A connection that may be used. Raises OSError, TimeoutError, and ResponseError where the server refuses."""
    loop, options = asyncio.get_running_loop(), address.options

    def made() -> Wire:
        return Wire(patience)

    async with asyncio.timeout(patience):
        if "path" in options:
            _, wire = await loop.create_unix_connection(made, options["path"])
        else:
            host, port = options.get("host", "localhost"), options.get("port", 6379)
            _, wire = await loop.create_connection(made, host, port, ssl=address.trust())
    greeting = address.greeting()
    try:
        if greeting:
            await wire.answers(greeting)
    except BaseException:
        wire.close()
        raise
    return wire
