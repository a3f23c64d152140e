"""The provider behind the real AMP: an agent that runs a command, sends out every helper that it is offered, and tells
what came of each; and the helpers themselves, which look at something and report.

Which of them a request comes from, it tells by words that it has put there itself, so that it knows nothing of what
the router takes the request for.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clients import checks
from clients.amp import FILE, HELD
from clients.conversation import Conversation, Offered
from clients.script import MARK, RESULTS_LIMIT, SEEN, SHELLS, TOKEN, ScriptedProvider

from addons.core.model import DialectName
from harness import answers
from harness.answers import Call, Said
from harness.replies import Reply, json_reply, sse

PROMPT = f"{MARK}: run printf in the shell, send out your helpers, and report what they say"
ALONE = "without any helper"
ASKS_ALONE = f"{MARK}: run printf in the shell, {ALONE}"
COMMAND = "printf 'mock-tool-ok-%d' 42"
SHOWN = "mock-tool-ok-42"
TITLE = "A title of the script"
# what a handoff amounts to, and the words that ask for it where it is no call
CONTEXT = {"relevantInformation": "All of it.", "relevantFiles": [FILE]}
HANDED = "Extract relevant context from the conversation above"
THREAD = "T-01a1fb71-4888-773c-aeea-75d7be539f36"
# what is to be reviewed
REVIEW = "ASK-review of what is not committed"
# whatever a reviewer is asked for: the commands that show the changes, what they amount to, and what is wrong with them
REVIEWED = (
    "<command>git diff HEAD</command><summary>mock-summary-ok-8</summary><codeReview><comment><filename>notes.txt"
    "</filename><startLine>1</startLine><endLine>1</endLine><severity>high</severity><commentType>bug</commentType>"
    "<text>mock-review-ok-8</text><why>it is a test</why><fix>none</fix></comment></codeReview>"
)
# one red point
PICTURE = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
).decode()
# stands for the path of the file, which differs from run to run
PLACE = "FILE-OF-THE-TEST"
_ASKED = re.compile(r"ASK-(\w+)")


@dataclass(frozen=True)
class Helper:
    """What AMP's agent calls `tool` for: `arguments` are its own. `entity` is what the router knows it as ("": no model
    is asked); `looks` is what the helper itself calls, if it has tools. `tells`: whether its result has its report."""

    tool: str
    entity: str
    arguments: dict[str, Any]
    looks: tuple[str, dict[str, Any]] | None = None
    tells: bool = True

    @property
    def report(self) -> str:
        return _token(self.tool, "ok-8")

    def told(self, results: list[str]) -> str:
        """Its report; another one when it should have seen the file, and has not."""
        blind = self.looks is not None and HELD not in results
        return _token(self.tool, "blind-0") if blind else self.report


def _token(tool: str, what: str) -> str:
    return f"mock-{tool.replace('_', '').lower()}-{what}"


HELPERS = (
    Helper("finder", "search", {"query": "ASK-finder"}, ("Read", {"path": PLACE})),
    Helper("oracle", "oracle", {"task": "ASK-oracle"}, ("Read", {"path": PLACE})),
    Helper("librarian", "librarian", {"query": "ASK-librarian"}),
    Helper("Task", "task", {"prompt": "ASK-Task", "description": "a part"}, ("Bash", {"cmd": f"cat {PLACE}"})),
    Helper("painter", "painter", {"prompt": "ASK-painter"}, tells=False),
    Helper("look_at", "look-at", {"path": PLACE, "objective": "ASK-look_at", "context": "a test"}),
    Helper("read_thread", "read-thread", {"threadID": THREAD, "goal": "ASK-read_thread"}),
    Helper("handoff", "handoff", {"goal": "ASK-handoff", "follow": False}, tells=False),
    Helper("web_search", "", {"objective": "ASK-web_search"}),
)
# who answers with JSON
STRUCTURED: Mapping[str, Callable[[str | None], object]] = {
    "read-thread": lambda report: {"relevantContent": report},
    "handoff": lambda report: CONTEXT,
}
BY_TOOL = {helper.tool: helper for helper in HELPERS}


@dataclass
class AmpProvider(ScriptedProvider):
    """`took` is who asked which model, in order: an entity of the router's for each request that was lawful. `offered`
    are the names of the agent's tools. `work` is the folder that AMP works in."""

    work: Path = Path()
    took: list[tuple[str, str]] = field(default_factory=list)
    offered: set[str] = field(default_factory=set)

    def _answer(self, conversation: Conversation, dialect: DialectName) -> Reply:
        who = asker(conversation)
        self.took.append((who, conversation.model))
        if who == "agent":
            self.offered |= {tool.name for tool in conversation.tools}
        said = self._placed(_said(who, conversation, dialect))
        self.answered.append(said)
        if who == "painter" and dialect is DialectName.GEMINI:
            return _picture(said, stream=conversation.stream)
        if conversation.stream:
            return sse(answers.stream(dialect, said, include_usage=conversation.include_usage))
        return json_reply(answers.whole(dialect, said))

    def _placed(self, said: Said) -> Said:
        path = str(self.work / FILE)
        return replace(
            said, calls=tuple(replace(each, arguments=each.arguments.replace(PLACE, path)) for each in said.calls)
        )


def asker(conversation: Conversation) -> str:
    """Who asks: the agent, one of its helpers, or the agent of the thread that a handoff begins (`next`)."""
    names = {tool.name for tool in conversation.tools}
    if names == {"set_title"}:
        return "title"
    if names == {"create_handoff_context"} or (not names and HANDED in conversation.said):
        return "handoff"
    if MARK in conversation.said:
        return "agent"
    if REVIEW in conversation.said or "<summary>" in conversation.said:
        return "agent" if "code_review tool" in conversation.said else "review"
    if "ASK-handoff" in conversation.said:
        return "next"
    found = _ASKED.search(conversation.said)
    return BY_TOOL[found[1]].entity if found and found[1] in BY_TOOL else "somebody"


def _said(who: str, conversation: Conversation, dialect: DialectName) -> Said:
    turn = len(conversation.results) + 1
    thinking = f"The script says what to do ({turn})." if conversation.thinks else ""
    said = Said(thinking=thinking, signature=checks.SIGNATURE, model=conversation.model, turn=turn)
    found = list(dict.fromkeys(TOKEN.findall("\n".join(conversation.results))))
    calls = _calls(who, conversation, found) if turn <= RESULTS_LIMIT else []
    if calls:
        prefix = "toolu" if dialect is DialectName.ANTHROPIC else "call"
        named = tuple(replace(call, id=f"{prefix}_{turn:02}{number:02}") for number, call in enumerate(calls))
        return replace(said, calls=named)
    if who == "review":
        return replace(said, text=REVIEWED)
    report = next((helper.told(found) for helper in HELPERS if helper.entity == who), None)
    if who in STRUCTURED:
        report = json.dumps(STRUCTURED[who](report))
    return replace(said, text=report or " ".join([SEEN, *found]))


def _calls(who: str, conversation: Conversation, found: list[str]) -> list[Call]:
    offered = {tool.name: tool for tool in conversation.tools}
    if who == "title":
        return [Call("set_title", json.dumps({"title": TITLE}))]
    if who == "handoff" and conversation.tools:
        return [Call("create_handoff_context", json.dumps(CONTEXT))]
    if who == "agent" and REVIEW in conversation.said:
        return _reviewed(conversation)
    if who == "agent":
        if SHOWN not in found:
            return [_shell(offered)]
        return _sent(offered) if len(conversation.results) == 1 and ALONE not in conversation.said else []
    helper = next((each for each in HELPERS if each.entity == who), None)
    if helper is None or helper.looks is None or conversation.results or helper.looks[0] not in offered:
        return []
    name, arguments = helper.looks
    return [Call(name, json.dumps(arguments))]


def _reviewed(conversation: Conversation) -> list[Call]:
    """The skill describes the tool for reviews, which is never offered."""
    calls = (
        Call("skill", json.dumps({"name": "code-review"})),
        Call("code_review", json.dumps({"diff_description": REVIEW})),
    )
    return list(calls[len(conversation.results) :][:1])


def _shell(offered: dict[str, Offered]) -> Call:
    tool = next(offered[name] for name in SHELLS if name in offered)
    holder = next(name for name in ("cmd", "command") if name in tool.schema["properties"])
    return Call(tool.name, json.dumps({holder: COMMAND}))


def _sent(offered: dict[str, Offered]) -> list[Call]:
    return [Call(each.tool, json.dumps(each.arguments)) for each in HELPERS if each.tool in offered]


def _picture(said: Said, *, stream: bool) -> Reply:
    body = answers.whole(DialectName.GEMINI, said)
    part = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
    body["candidates"][0]["content"]["parts"].append(part)
    return sse([answers.event(body)]) if stream else json_reply(body)
