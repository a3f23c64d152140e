"""The end of a streamed body."""

from collections.abc import AsyncIterator


async def close(body: AsyncIterator[bytes]) -> None:
    """Closes an iterator that can be closed."""
    aclose = getattr(body, "aclose", None)
    if aclose is not None:
        await aclose()
