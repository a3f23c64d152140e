"""A request of the Responses dialect that goes on from something, as each provider is told it.

A provider that keeps the conversation itself gets the client's own body, ids and all. Every other one is told the whole
conversation, as far as it may read it. Sources: OpenAI API reference, "Conversation state"; OpenAI's answers to items
that it does not know ("Item with id … not found") and to ids of a form that is not its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from addons.core.errors import ErrorInfo
from addons.core.model import Loss
from addons.core.response_store import Item, ResponseStore
from addons.dialects._responses_sealed import is_sealed

# what is remembered of a target that refuses ids of responses
SPELT_OUT = ("spelt out", "")
_STATUSES = frozenset({400, 404, 422, 501})
_ABOUT_IDS = re.compile(
    r"previous_response|item_reference|(response|item) (with )?(id )?.{0,100}not (be )?found"
    r"|no such (response|item)|stateful",
    re.IGNORECASE | re.DOTALL,
)
# what may do without an id; the others are refused without (a tuple: a `type` need not be hashable)
_NAMELESS = ("message", "function_call", "function_call_output", "custom_tool_call")
_FOREIGN = Loss("input", "reasoning of another provider, which this one cannot read")
_UNSEEN = Loss("input", "reasoning that its provider knows by id alone")


def refuses_ids(info: ErrorInfo) -> bool:
    """Whether a provider refuses a request for the responses or the items that it names."""
    words = " ".join(word for word in (info.code, info.param, info.message) if word)
    return info.status in _STATUSES and _ABOUT_IDS.search(words) is not None


@dataclass(frozen=True, slots=True)
class Continued:
    """`asked` is the body as the client has sent it, `whole` the same with everything known in it; `keepers` and
    `makers` are those of `response_store.Expansion`."""

    asked: Mapping[str, Any]
    whole: dict[str, Any]
    keepers: frozenset[str | None]
    makers: tuple[str | None, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any], store: ResponseStore) -> Self | None:
        """None when `body` refers to nothing in `store`."""
        found = store.expansion(body)
        return None if found is None else cls(body, dict(found.body), found.keepers, found.makers)

    def told(self, provider: str, *, keeps: bool, bare: bool) -> tuple[Mapping[str, Any], tuple[Loss, ...]]:
        """The body for `provider`, and what it loses. `keeps`: it remembers what it has answered. `bare`: not even
        its own ids are named, for it has refused them."""
        if keeps and not bare and self.keepers == {provider}:
            return self.asked, ()
        losses: dict[Loss, None] = {}
        items: list[object] = []
        for item, maker in zip(self.whole["input"], self.makers, strict=True):
            loss = _loss(item, maker, provider, names_looked_up=keeps or bare)
            if loss is not None:
                losses[loss] = None
            else:
                items.append(_unnamed(item) if maker is not None and (keeps or bare) else item)
        return {**self.whole, "input": items}, tuple(losses)


def _loss(item: Item, maker: str | None, provider: str, *, names_looked_up: bool) -> Loss | None:
    """Why `provider` cannot be told `item`. What a client has sent itself goes as it is, and what this router has
    sealed is opened, or told, by the dialect's `residue`."""
    if maker is None or item.get("type") != "reasoning" or is_sealed(item.get("encrypted_content")):
        return None
    if maker != provider:
        return _FOREIGN
    seen = item.get("encrypted_content") or item.get("content")
    return _UNSEEN if names_looked_up and not seen else None


def _unnamed(item: Item) -> Item:
    """Without the id, which a provider that looks ids up would refuse, or take for another item's."""
    if item.get("type") not in _NAMELESS or "id" not in item:
        return item
    return {key: value for key, value in item.items() if key != "id"}
