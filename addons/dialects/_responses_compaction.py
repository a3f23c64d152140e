"""Compaction by a provider that knows none. Source: OpenAI API reference, "Compaction"; what Codex sends and expects.

A request whose last input item is `compaction_trigger` wants one `compaction` item in the answer, and will send that
item in place of the conversation from then on. Another provider is asked for a summary in words, and its answer is
sealed into such an item.
"""

from addons.core.model import Message, Request, Text
from addons.dialects._responses_sealed import open_summary
from addons.dialects.base import Body

ITEMS = ("compaction", "compaction_summary", "context_compaction")
TRIGGER = "compaction_trigger"
INTRODUCTION = "Summary of the conversation so far:\n\n"
CUT_OFF = "\n\n[The summary was cut off here.]"

ASK = """The conversation is about to be replaced by a summary, because it no longer fits. Write that summary now, as \
a handoff to somebody who continues the work and sees nothing else of the conversation. Do not call any tool and do \
not go on with the task itself.

Cover, as far as they apply:
- Goal: what the user wants in the end, and the request that is being worked on now, in the user's own words where \
they matter.
- Constraints and preferences: what the user demanded, forbade or corrected.
- Decisions: what was decided and why, including approaches that were tried and failed.
- State: the files, commands, branches, identifiers and values involved, with exact names and paths; what was changed, \
what was checked, and with what result.
- Open steps: what remains to be done, in order, and the very next action.
- Open questions and problems that are not solved.

Be complete and concrete, keep exact names, numbers and error messages, and leave out pleasantries and anything that \
no longer matters. Answer with the summary alone."""


def trigger(item: Body) -> Message:
    """The message that asks another provider for the summary."""
    return Message("user", (Text(ASK),), extras={"raw": item, "compaction": True})


def is_compaction(request: Request) -> bool:
    """Whether the answer to `request` is a summary."""
    return bool(request.messages) and request.messages[-1].extras.get("compaction") is True


def summary_message(item: Body) -> Message | None:
    """The message that a compaction item of ours stands for; None for an item that we cannot read."""
    text = open_summary(item.get("encrypted_content"))
    return None if text is None else Message("user", (Text(INTRODUCTION + text),), extras={"raw": item})
