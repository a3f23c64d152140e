"""What is to be remembered of an answer of the Responses API, read off its stream."""

import re
from collections.abc import Mapping
from typing import Any

from addons.core import jsonio
from addons.core.response_store import Item, completed_response
from addons.core.sse import SseEvent

# the events that are more than passed on
NOTED = re.compile(rb'"(?:response\.(?:completed|incomplete|failed|output_item\.done)|error)"')
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})


class Ending:
    """`id` is set once the last event of a response has come that can be gone on from."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.output: list[Item] = []
        self.ended = False

    def note(self, event: SseEvent) -> Mapping[str, Any]:
        """Looks at an event; gives its body when it was worth a look."""
        if NOTED.search(event.data) is None:
            return {}
        try:
            body = jsonio.loads(event.data)
        except jsonio.JsonError:
            return {}
        if not isinstance(body, dict):
            return {}
        if body.get("type") == "response.output_item.done" and isinstance(body.get("item"), dict):
            self.output.append(body["item"])
        self.ended = self.ended or body.get("type") in _ENDS
        completed = completed_response(body)
        if completed is not None:
            self.id, output = completed
            # some providers leave the list empty: the items have come one by one
            self.output = output or self.output
        return body
