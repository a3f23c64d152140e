"""Every refusal of the router: JSON in the client's dialect, with request id, class, what was tried, and a hint."""

import math
from dataclasses import replace

from addons.core import jsonio
from addons.core.errors import ErrorInfo
from addons.core.hints import HINTS
from addons.core.http import Headers, Reply
from addons.core.model import DialectName
from addons.dialects import DIALECTS

_PLAIN: Headers = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)


def json_reply(body: object, status: int = 200, headers: Headers = ()) -> Reply:
    return Reply(status, _PLAIN + headers, jsonio.dumps(body))


def hinted(info: ErrorInfo) -> ErrorInfo:
    """`info` with the hint of its class, unless it has one of its own."""
    return info if info.hint is not None else replace(info, hint=HINTS[info.cls])


def refuse(info: ErrorInfo, dialect: DialectName, headers: Headers = ()) -> Reply:
    """`info` as an answer; its hint is filled in from the table when it has none, Retry-After in whole seconds."""
    info = hinted(info)
    if info.retry_after is not None:
        headers += (("retry-after", str(math.ceil(info.retry_after))),)
    return json_reply(DIALECTS[dialect].render_error(info), info.status, headers)
