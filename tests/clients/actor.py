"""AMP's own server, as far as its clients need it. The newest send the prompt up, and get tools to run and an answer;
those before them want to know who their user is, and run the rest themselves.

What the clients say was read off recordings of AMP 0.0.1770734955 to 0.0.1790142911: calls to `/api/internal`; the
newest then ask `/api/thread-actors` once, and talk JSON-RPC over a WebSocket below `/actors`.
"""

import json
import random
import re
import string
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from harness.upstream import Answerer, Received

type Json = dict[str, Any]

USER: Json = {"id": "user_01", "username": "u", "email": "u@example.com", "features": [], "team": None}
CALLS: dict[str, Any] = {
    "getUserFreeTierStatus": {"canUseAmpFree": False, "isDailyGrantEnabled": False},
    "loadPlugins": [],
    "loadSkills": {"skills": [], "errors": []},
    "webSearch2": {
        "results": [{"title": "mock-websearch-ok-8", "url": "https://example.com/", "excerpts": []}],
        "provider": "own",
    },
}
NOT_FOUND = frozenset({"getThread", "getThreadProject", "getThreadMessagesPage"})
SHELL = re.compile(r"bash|shell_command", re.IGNORECASE)
_GOOGLE = re.compile(r"^/api/provider/google/v1beta1/publishers/google/models/")
_CALL_ID = re.compile(rb', "id": "call_\d+"')
_BASE62 = string.digits + string.ascii_letters


def new_id(kind: str) -> str:
    return f"{kind}-{''.join(random.choices(_BASE62, k=22))}"


class Actor:
    """One thread: it has the client run `command` once, and repeats what came of it."""

    def __init__(self, thread: str, command: str) -> None:
        self.thread = thread
        self.results: list[Json] = []
        self._command = command
        self._sockets: set[web.WebSocketResponse] = set()
        self._tools: list[Json] = []
        self._prompt: Json | None = None
        self._ready = False
        self._sequence = 0
        self._mode = ""

    async def serve(self, socket: web.WebSocketResponse) -> None:
        self._sockets.add(socket)
        await self._say("observers", count=len(self._sockets), observers=[], hasExecutor=self._ready)
        await self._say("agent_state", state="idle")
        async for message in socket:
            if message.data == "ping":
                await socket.send_str("pong")
            elif message.type is web.WSMsgType.TEXT:
                await self._heard(socket, json.loads(message.data))
        self._sockets.discard(socket)

    async def _say(self, event: str, **params: Any) -> None:
        frame = json.dumps({"jsonrpc": "2.0", "method": event, "params": params})
        for socket in tuple(self._sockets):
            if not socket.closed:
                await socket.send_str(frame)

    async def _heard(self, socket: web.WebSocketResponse, frame: Json) -> None:
        if "id" in frame:
            await socket.send_str(json.dumps({"jsonrpc": "2.0", "id": frame["id"], "result": {}}))
        params: Json = frame.get("params") or {}
        match frame.get("method"):
            case "executor_connect":
                await self._say(
                    "executor_connected",
                    executorId=params.get("clientId"),
                    registeredToolCount=len(self._tools),
                    guidanceInventory=[],
                    resumeBootstrap=False,
                )
            case "executor_tools_register":
                self._tools += params["tools"]
            case "executor_tools_bootstrap_complete":
                self._ready = True
                await self._begin()
            case "client_append_user_msg":
                self._prompt = params
                await self._begin()
            case "executor_tool_result":
                await self._finish(params)
            case _:
                pass

    async def _begin(self) -> None:
        if not self._ready or self._prompt is None:
            return
        asked, self._prompt = self._prompt, None
        self._mode = asked.get("agentMode", "")
        await self._message("user", asked["content"], asked["messageId"])
        message, call = new_id("M"), new_id("TU")
        tool = next(each for each in self._tools if SHELL.fullmatch(each["name"]))
        field = next(iter(tool["inputSchema"]["required"]))
        given = {field: self._command}
        await self._say("agent_state", state="working", messageId=message, agentMode=self._mode)
        block = {"type": "tool_use", "id": call, "name": tool["name"], "input": given, "complete": True}
        await self._message("assistant", [block], message, stop="tool_use")
        await self._say("agent_state", state="running_tools", messageId=message, agentMode=self._mode)
        await self._say("tool_lease", toolCallId=call, toolName=tool["name"], args=given, messageId=message)

    async def _finish(self, params: Json) -> None:
        self.results.append(params["run"])
        call, message = params["toolCallId"], new_id("M")
        await self._say("executor_tool_result_ack", toolCallId=call)
        result = {"type": "tool_result", "toolUseID": call, "run": params["run"]}
        await self._message("user", [result], f"M-{call[3:]}", parentToolUseId=call)
        await self._say("agent_state", state="streaming", messageId=message, agentMode=self._mode)
        text = {"type": "text", "text": f"SEEN {json.dumps(params['run'])}"}
        await self._message("assistant", [text], message, stop="end_turn")
        await self._say("agent_state", state="idle", messageId=message, agentMode=self._mode)

    async def _message(self, role: str, content: list[Json], message: str, stop: str = "", **more: Any) -> None:
        self._sequence += 1
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {
            "threadId": self.thread, "role": role, "messageId": message, "content": content, "agentMode": self._mode,
            "createdAt": now,
        }  # fmt: skip
        if stop:
            body["state"] = {"type": "complete", "stopReason": stop}
        await self._say("message_added", seq=self._sequence, message=body, **more)


class Ampcode:
    """`async with Ampcode(command) as amp:` serves at `amp.url`. `features` are the flags that its user has.

    `asked` are the paths that were asked for, `calls` the methods and parameters of `/api/internal`, `keys` the
    credentials that came along. Requests for models are answered by `models`; without it they are refused, because
    they come here only where a router lets them through."""

    def __init__(self, command: str = "true", features: Sequence[str] = (), models: Answerer | None = None) -> None:
        self._command = command
        self._models = models
        self._user = {**USER, "features": [{"name": name, "enabled": True} for name in features]}
        self.actors: dict[str, Actor] = {}
        self.asked: list[str] = []
        self.calls: list[tuple[str, Json]] = []
        self.keys: set[str] = set()
        self.url = ""
        self._runner = web.AppRunner(self._app(), shutdown_timeout=1)

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def __aenter__(self) -> "Ampcode":
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        self.keys.add(request.headers.get("authorization", ""))
        if "upgrade" in request.headers:
            return await self._talk(request)
        if request.path == "/api/thread-actors":
            return web.json_response(self._thread(await request.json()))
        if request.path == "/api/internal":
            body = await request.json()
            return web.json_response(self._called(body["method"], body.get("params") or {}))
        if request.path.startswith("/api/provider/"):
            return await self._modelled(request)
        if request.path.startswith("/api/internal/github"):
            return web.json_response({"authenticated": True})
        if request.path == "/api/threads/sync":
            return web.json_response({"threadActions": []})
        if request.path.startswith("/api/threads/"):
            return web.Response(text="# A thread\n\n## User\n\nWhat matters.\n")
        return web.json_response({"runtime": "engine", "version": "2.3.0"})

    async def _modelled(self, request: web.Request) -> web.Response:
        if self._models is None:
            return web.json_response({"error": {"message": "AMP's own server was asked for a model"}}, status=400)
        # Google's models have another place here than in its public API, and the key is the server's own
        target = _GOOGLE.sub("/v1beta/models/", request.path_qs)
        headers = {"x-goog-api-key": "k", **{name.lower(): value for name, value in request.headers.items()}}
        received = Received(request.method, target, headers, tuple(headers.items()), await request.read())
        reply = self._models(received)
        body = b"".join(piece for piece in reply.pieces if isinstance(piece, bytes))
        if target != request.path_qs:
            # Vertex AI, which AMP's server asks, gives calls no ids
            body = _CALL_ID.sub(b"", body)
        return web.Response(status=reply.status, headers=reply.headers, body=body)

    def _thread(self, body: Json) -> Json:
        thread = body.get("threadId") or f"T-{uuid.uuid4()}"
        return {
            "threadId": thread, "wsToken": "token", "usesDtw": True, "usesThreadActors": True,
            "executorType": body.get("executorType"), "ownerUserId": USER["id"], "threadVersion": 0,
            "poolName": "default", "agentMode": body.get("agentMode"),
        }  # fmt: skip

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        offered = request.headers.get("sec-websocket-protocol", "").split(",")
        socket = web.WebSocketResponse(protocols=[offered[0].strip()], max_msg_size=0)
        await socket.prepare(request)
        found = re.search(r"T-[0-9a-f-]{36}", request.query_string)
        thread = found[0] if found else ""
        await self.actors.setdefault(thread, Actor(thread, self._command)).serve(socket)
        return socket

    def _called(self, method: str, params: Json) -> Json:
        self.calls.append((method, params))
        return {"ok": True, "result": self._user} if method == "getUserInfo" else _called(method, params)


def _called(method: str, params: Json) -> Json:
    if method in NOT_FOUND:
        return {"ok": False, "error": {"code": "thread-not-found", "message": "thread not found"}}
    if method == "getThreadTail":
        meta = {"usesDtw": True, "usesThreadActors": True, "executorType": "local-client"}
        data = {"v": 0, "id": params.get("thread"), "created": 1_700_000_000_000, "messages": [], "meta": meta}
        return {"ok": True, "result": {"thread": {"data": data}, "messages": [], "hasMoreBefore": False}}
    return {"ok": True, "result": CALLS.get(method, {})}
