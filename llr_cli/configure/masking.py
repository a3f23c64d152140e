"""Keys out of the configuration before a person sees it: at most their last four characters stay."""

import json
import re
from collections.abc import Iterator
from typing import Any

from addons.config.fields import without_secrets
from addons.core.secret_shapes import Secrets
from llr_cli.tools import masked as tools_masked
from llr_cli.tools.masked import mask
from llr_cli.tools.spans.common import SpanProblem, Splice, splice
from llr_cli.tools.spans.jsonc_tree import Node, parse

type Steps = tuple[str, ...]

SECRET = re.compile(r"key|token|secret|password|passwd|authorization|credential|cookie", re.IGNORECASE)
# names of variables and of routes, which are no secrets although their own names sound like it
OPEN = frozenset({"apikeyenv", "env", "sourceroutekey", "perkey", "keepalive", "id", "name", "envkey"})
# below these every text counts as a secret, but for what says how or where
LISTS = frozenset({"apikeys", "credentials"})
HEADERS = frozenset({"headers"})
# some headers are a list of objects
PAIR = frozenset({"key", "name"})
# their members have names that somebody chose
ROUTES = frozenset({"routes", "subagentmappings", "modemap", "agentmap", "applicationmap", "baseurlbyformat"})
OPEN_HEADERS = frozenset(
    {
        "user-agent", "accept", "content-type", "anthropic-version", "anthropic-beta", "http-referer", "referer",
        "x-title", "openai-organization", "openai-project", "openai-beta",
    }
)  # fmt: skip


def masked_data(value: Any, path: Steps = ()) -> Any:
    """`value` (of the document, at `path`) with its secrets masked."""
    if isinstance(value, dict):
        return {key: masked_data(item, (*path, str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_data(item, path) for item in value]
    return _masked(value, path) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """The text of a configuration with its secrets masked, everything else as it is."""
    try:
        root = parse(text)
    except SpanProblem:
        return _without_shapes(tools_masked.masked(text))
    return _without_shapes(text if root is None else splice(text, _masks(root, ())))


def _without_shapes(text: str) -> str:
    """What can be nothing but a key is masked wherever it stands, in a comment for example."""
    found = ((start, end, mask(text[start:end])) for start, end in Secrets().spans(text))
    return splice(text, found)


def _masks(node: Node, path: Steps) -> Iterator[Splice]:
    for entry in node.entries:
        yield from _masks(entry.value, path if entry.key is None else (*path, entry.key))
    if node.kind == "scalar" and isinstance(node.scalar, str):
        shown = _masked(node.scalar, path)
        if shown != node.scalar:
            yield node.start, node.end, json.dumps(shown, ensure_ascii=False)


def _masked(value: str, path: Steps) -> str:
    if _secret(path):
        return mask(value) if value else value
    return without_secrets(value) if "://" in value and ("@" in value or "?" in value) else value


def _secret(path: Steps) -> bool:
    *above, last = [step.lower().replace("-", "").replace("_", "") for step in path] or [""]
    parent = above[-1] if above else ""
    if parent in HEADERS:
        return last == "value" or (path[-1].lower() not in OPEN_HEADERS and last not in PAIR)
    if last in OPEN or parent in ROUTES:
        return False
    return last in LISTS or SECRET.search(last) is not None
