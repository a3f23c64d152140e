"""The vendors' SDKs as clients of the router, each behind the same four methods."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from matrix.client_chat import ChatClient
from matrix.client_claude import ClaudeClient
from matrix.client_gemini import GeminiClient
from matrix.client_responses import ResponsesClient
from matrix.heard import Heard
from matrix.wishes import Wish
from pydantic import BaseModel

from addons.core.model import DialectName


class Client(Protocol):
    """`stream` uses the asynchronous SDK, `whole` the synchronous one (it belongs into a thread). Both raise Failure
    for what the SDK raises."""

    def write(self, wish: Wish, model: str) -> dict[str, Any]: ...

    async def stream(self, body: dict[str, Any]) -> Heard: ...

    def whole(self, body: dict[str, Any]) -> Heard: ...

    def parse(self, model: str, question: str, shape: type[BaseModel]) -> Any:
        """An answer as the SDK's own helper for structured output reads it."""
        ...

    def models(self) -> list[str]:
        """The names that the router lists."""
        ...

    async def close(self) -> None: ...


CLIENTS: Mapping[DialectName, Callable[[str], Client]] = {
    DialectName.ANTHROPIC: ClaudeClient,
    DialectName.CHAT: ChatClient,
    DialectName.RESPONSES: ResponsesClient,
    DialectName.GEMINI: GeminiClient,
}
