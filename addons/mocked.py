"""A full capture as a fake provider: answers in the router's place with what was answered then, so that a tool can be
tried without a network. It knows no model, and makes nothing up: what was never asked is refused with 404."""

from collections.abc import Iterable, Mapping
from typing import Any

from addons.core import endpoints, jsonio
from addons.core.errors import ErrorClass, ErrorInfo
from addons.core.http import Ask, Reply
from addons.encodings import TooLarge, Undecodable, decoded
from addons.refusal import json_reply, refuse
from addons.replaying import SSE

MAX_BODY = 64 * 1024 * 1024
_CONVERSATION = ("messages", "input", "contents")
NEVER_ASKED = "nothing like this was asked while the capture ran"


class Mocked:
    """An answerer. Of several captured requests that are alike each is answered in its turn, the last one again and
    again."""

    def __init__(self, requests: Iterable[dict[str, Any]]) -> None:
        self._requests = [each for each in requests if isinstance(each["response"].get("body"), str)]
        self._used: set[int] = set()

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def max_body(self) -> int:
        return MAX_BODY

    def too_large(self, ask: Ask, size: int) -> Reply:
        return _refusal(ask, ErrorInfo(ErrorClass.CLIENT, "the body is too large", status=413))

    async def answer(self, ask: Ask) -> Reply:
        """What was answered to the captured request that is most like `ask`."""
        if ask.path.strip("/") == "health":
            return json_reply({"status": "ok", "requests": len(self)})
        body = _body(ask)
        alike = [number for number, each in enumerate(self._requests) if _same_place(each, ask)]
        if not alike:
            return _refusal(ask, ErrorInfo(ErrorClass.NOT_FOUND, NEVER_ASKED, status=404))
        number = max(alike, key=lambda each: (_likeness(self._requests[each], body), each not in self._used, -each))
        self._used.add(number)
        return _reply(self._requests[number]["response"])


def _same_place(value: Mapping[str, Any], ask: Ask) -> bool:
    """Whether it was asked at the same path, or in the same dialect at another."""
    request = value["request"]
    if request["method"] != ask.method:
        return False
    if request["path"] == ask.path:
        return True
    then, now = endpoints.find(request["method"], request["path"]), endpoints.find(ask.method, ask.path)
    return then is not None and now is not None and (then.kind, then.dialect) == (now.kind, now.dialect)


def _likeness(value: Mapping[str, Any], body: Any) -> tuple[bool, ...]:
    """What of a captured request and `body` is the same, the weightiest first."""
    then = value["request"].get("body")
    if not (isinstance(then, dict) and isinstance(body, dict)):
        return (then == body,)
    return (
        then == body,
        all(then.get(name) == body.get(name) for name in ("stream", "tool_choice")),
        then.get("model") == body.get("model"),
        _turns(then) == _turns(body),
    )


def _turns(body: Mapping[str, Any]) -> int:
    return sum(len(held) for name in _CONVERSATION if isinstance(held := body.get(name), list))


def _body(ask: Ask) -> Any:
    try:
        return jsonio.loads(decoded(ask.body, ask.headers.get("content-encoding", ""), MAX_BODY))
    except (ValueError, Undecodable, TooLarge):
        return None


def _reply(response: Mapping[str, Any]) -> Reply:
    text: str = response["body"]
    kind = "text/event-stream" if text.lstrip().startswith(SSE) else "application/json"
    return Reply(response["status"], (("content-type", kind),), text.encode("utf-8", "surrogatepass"))


def _refusal(ask: Ask, info: ErrorInfo) -> Reply:
    return refuse(info, endpoints.error_dialect(ask.path, ask.headers))
