"""What is sent to a connection in one go is sent as one piece: mitmproxy writes the head of an answer and its body one
by one, and each is a system call, a packet, and one more time that the client wakes."""

from mitmproxy.proxy import commands, layer

# copying more than this costs more than it saves
LARGEST = 64 * 1024


def joined(given: layer.CommandGenerator[None]) -> layer.CommandGenerator[None]:
    """The commands of `given`, where what is sent in a row to one connection is one command."""
    waiting: commands.SendData | None = None
    reply = None
    while True:
        try:
            command = given.send(reply)
        except StopIteration:
            break
        reply = None
        sent = command if isinstance(command, commands.SendData) else None
        if waiting is not None:
            if sent is not None and _fits(waiting, sent):
                waiting = commands.SendData(sent.connection, waiting.data + sent.data)
                continue
            yield waiting
        waiting = sent
        if sent is None:
            reply = yield command
    if waiting is not None:
        yield waiting


def _fits(waiting: commands.SendData, sent: commands.SendData) -> bool:
    return sent.connection is waiting.connection and len(waiting.data) + len(sent.data) <= LARGEST
