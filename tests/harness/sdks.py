"""The vendors' own SDKs as clients of an engine in memory: what they cannot parse is no answer."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import httpx2
import openai
from google import genai

from addons.core.http import Ask
from addons.exchange import Exchange


def _client(exchange: Exchange, http: Any) -> Any:
    """A client of the library `http` that hands every request to `exchange`: the SDKs do not agree on a library."""

    class Body(http.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, body: AsyncIterator[bytes]) -> None:
            self._body = body

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._body:
                yield chunk

        async def aclose(self) -> None:
            await self._body.aclose()  # type: ignore[attr-defined]

    class Transport(http.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            path, _, query = request.url.raw_path.decode().partition("?")
            headers = {name.lower(): value for name, value in request.headers.items()}
            reply = await exchange.answer(Ask(request.method, path, query, headers, await request.aread()))
            if isinstance(reply.body, bytes):
                return http.Response(reply.status, headers=list(reply.headers), content=reply.body)
            return http.Response(reply.status, headers=list(reply.headers), stream=Body(reply.body))

    return http.AsyncClient(transport=Transport())


def openai_client(exchange: Exchange, *, strict: bool = True) -> openai.AsyncOpenAI:
    """`strict` False: for what OpenAI's own answers break the SDK's types with (null in chunks, packed numbers)."""
    http = _client(exchange, httpx)
    return openai.AsyncOpenAI(
        base_url="http://router/v1", api_key="k", max_retries=0, http_client=http, _strict_response_validation=strict
    )


def anthropic_client(exchange: Exchange) -> anthropic.AsyncAnthropic:
    http = _client(exchange, httpx2)
    return anthropic.AsyncAnthropic(
        base_url="http://router", api_key="k", max_retries=0, http_client=http, _strict_response_validation=True
    )


def gemini_client(exchange: Exchange) -> Any:
    options = genai.types.HttpOptions(base_url="http://router", httpx_async_client=_client(exchange, httpx))
    return genai.Client(api_key="k", vertexai=False, http_options=options).aio
