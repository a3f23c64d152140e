"""Items that only this router can read, taken out of a body before a provider of the same dialect sees it.

A conversation that another provider has answered holds them: its thinking and its summaries, sealed in
`encrypted_content` (`_responses_sealed`), and its pictures. OpenAI refuses a request whose encrypted content it did not
make, and knows its own pictures by their ids: those of others are shown to it.
"""

from addons.core.model import DialectName, Loss
from addons.core.pictures import CALL, ID_PREFIX, for_chat, picture
from addons.dialects._responses_compaction import INTRODUCTION, ITEMS
from addons.dialects._responses_sealed import is_sealed, open_summary
from addons.dialects.base import Body


def foreign_residue(body: Body) -> bool:
    """Whether a client's body holds any such item; a body of any shape may be asked."""
    items = body.get("input")
    return isinstance(items, list) and any(_is_residue(item) for item in items)


def without_residue(body: Body) -> tuple[Body, list[Loss]]:
    """`body` with summaries as plain text and thinking left out, and what was lost by it. The body that was given is
    not changed; one without residue comes back as it is."""
    if not foreign_residue(body):
        return body, []
    losses: list[Loss] = []
    items: list[object] = []
    for n, item in enumerate(body["input"]):
        if _is_residue(item):
            items += _readable(item, f"input[{n}]", losses)
        else:
            items.append(item)
    return {**body, "input": items}, losses


def residue(raw: bytes, body: Body) -> tuple[Body, list[Loss]]:
    """The members of `body` to replace, as the dialect's `residue` gives them. `raw` may be older than `body`, into
    which what was stored has been put: only `body` tells."""
    cleaned, losses = without_residue(body)
    return ({} if cleaned is body else {"input": cleaned["input"]}), losses


def _is_residue(item: object) -> bool:
    return isinstance(item, dict) and (is_sealed(item.get("encrypted_content")) or _is_painted(item))


def _is_painted(item: Body) -> bool:
    name = item.get("id")
    return item.get("type") == CALL and isinstance(name, str) and name.startswith(ID_PREFIX)


def _readable(item: Body, path: str, losses: list[Loss]) -> list[Body]:
    if _is_painted(item):
        losses.append(Loss(path, "a picture of another provider is shown as the user's"))
        return [_shown(item)]
    if item.get("type") not in ITEMS:
        losses.append(Loss(path, "thinking of another provider is not sent"))
        return []
    summary = open_summary(item["encrypted_content"])
    if summary is None:
        losses.append(Loss(path, "a summary of the conversation that cannot be read", content=True))
        return []
    return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": INTRODUCTION + summary}]}]


def _shown(item: Body) -> Body:
    """Only users can show pictures."""
    found = picture(item, DialectName.RESPONSES)
    text: Body = {"type": "input_text", "text": "[a picture that you have made]"}
    shown = [] if found is None else [{"type": "input_image", "image_url": for_chat(found)["image_url"]["url"]}]
    return {"type": "message", "role": "user", "content": [text, *shown]}
