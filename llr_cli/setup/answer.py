"""One real request through the router's own engine, as a tool would send it."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from llr_cli.configure.trial import QUESTION

if TYPE_CHECKING:
    from addons.replaying import Said

# thinking models think first
MAX_TOKENS = 1024


def ask(config: Path, model: str) -> "Said":
    """What `model` answers by the configuration as it is now. Raises ConfigProblem."""
    from addons.config import load
    from addons.core import jsonio
    from addons.core.http import Ask
    from addons.core.model import DialectName
    from addons.edge.upstream import HttpxUpstream
    from addons.replaying import replayed

    plan = load(config, os.environ).plan
    message = {"role": "user", "content": QUESTION}
    body = jsonio.dumps({"model": model, "max_tokens": MAX_TOKENS, "messages": [message]})
    request = Ask("POST", "/v1/chat/completions", "", {"content-type": "application/json"}, body)

    async def run() -> "Said":
        upstream = HttpxUpstream()
        try:
            return await replayed(plan, request, upstream, DialectName.CHAT)
        finally:
            await upstream.aclose()

    return asyncio.run(run())
