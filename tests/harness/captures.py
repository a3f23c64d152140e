"""Lines of captures, as they are read from a store."""

import json
from typing import Any

from addons.core.capture_line import Answer, line_of, whole
from addons.core.events import Usage
from addons.core.model import DialectName
from addons.core.redact import Mode, Redactor, Wire
from addons.observed import Record


def line(
    body: Any,
    answer: bytes = b"",
    dialect: DialectName = DialectName.ANTHROPIC,
    *,
    path: str = "/v1/messages",
    query: str = "",
    mode: Mode = Mode.FULL,
    request_id: str = "req_1",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A request with its parts."""
    raw = json.dumps(body).encode()
    wire = Wire("POST", path, query, headers or {}, raw, len(raw))
    record = Record(
        request_id, 0.0, "curl", "POST", path, dialect, str(body.get("model", "")), served="a/m", status=status,
        total=1.5, usage=Usage(input=7, output=3),
    )  # fmt: skip
    made = line_of(Redactor(mode, b"k").for_request(wire), wire, record, Answer(answer, len(answer)), None).value
    value = json.loads(json.dumps(dict(made.value)))
    return whole(value, {name: json.loads(text) for name, text in made.parts.items()})
