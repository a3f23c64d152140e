"""What the real providers refuse with a 400, so that the scripted one does not forgive what they would not.

Each check gives the first problem, in the words of the provider where they are known, or None.
Source: the API references of Anthropic, Google and OpenAI, and their error messages.
"""

from collections.abc import Mapping
from typing import Any

from clients import checks_chat, checks_claude, checks_gemini, checks_responses
from clients.complaint import SIGNATURE, Complaint

from addons.core.model import DialectName

__all__ = ["SIGNATURE", "problem"]

CHECKS = {
    DialectName.ANTHROPIC: checks_claude.check,
    DialectName.CHAT: checks_chat.check,
    DialectName.RESPONSES: checks_responses.check,
    DialectName.GEMINI: checks_gemini.check,
}


def problem(dialect: DialectName, body: Any, headers: Mapping[str, str]) -> str | None:
    """Why a provider of `dialect` would refuse `body`; None when it would not. `headers` (lower case) has the request's
    target as `:path` where the dialect says something there."""
    try:
        CHECKS[dialect](body, headers)
    except Complaint as complaint:
        return str(complaint)
    except (KeyError, TypeError, AttributeError) as error:
        return f"the body has an unknown shape: {error!r}"
    return None
