"""Engines for tests of what stands around the engine."""

from addons.core.http import Ask, Reply


class Engine:
    """Takes bodies of at most `max_body` bytes; how it answers is for a subclass to say."""

    max_body = 1000

    def too_large(self, ask: Ask, size: int) -> Reply:
        return Reply(413, (), f"{ask.path} {size}".encode())

    async def answer(self, ask: Ask) -> Reply:
        raise NotImplementedError
