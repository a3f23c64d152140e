"""The provider behind the real tools: speaks four dialects, refuses what the real ones refuse, follows one script.

A prompt with TOOLTEST gets what a coding session is made of: thinking, several calls at once (a command, one that
fails, two of the tools of `reporter`), one more call after their results, and a final text that quotes what every
result really held. Where one call at a time is allowed, they come one by one.

    async with FakeUpstream(ScriptedProvider()) as provider:
        ran = await tools.claude_code(provider.url, "claude-sonnet-4-5")
"""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from clients import checks, reporter
from clients.complaint import SUMMARY, sealed
from clients.conversation import Conversation, Offered, read

from addons.core.model import DialectName
from harness import answers
from harness.answers import Call, Said
from harness.replies import Reply, json_reply, sse
from harness.upstream import Received

MARK = "TOOLTEST"
SEEN = "TOOL-RESULT-SEEN:"
# what a result shows of itself; in the commands and prompts there is a %d or nothing
TOKEN = re.compile(r"mock-[a-z]+-[a-z]+-\d+")
# a conversation that has not come to its end by now goes in circles
RESULTS_LIMIT = 12
CROWDED = 300_000
SEARCHES = ("ToolSearch", "tool_search")
SHELLS = ("Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell", "exec")
ENDINGS = {
    "/messages": DialectName.ANTHROPIC,
    "/chat/completions": DialectName.CHAT,
    "/responses": DialectName.RESPONSES,
    ":generateContent": DialectName.GEMINI,
    ":streamGenerateContent": DialectName.GEMINI,
}
# in Codex's code mode the text of a call is JavaScript, with the real tools as functions
COMMAND_CODE = "const r = await tools.exec_command({cmd: %s}); text(r);"
REPORT_CODE = (
    "const t = ALL_TOOLS.find((each) => each.description.includes('%s')); const r = await tools[t.name](%s); text(r);"
)
# what stands in for the required fields of a tool that the script does not care about
FILLERS: dict[str, Any] = {"string": "x", "integer": 1000, "number": 1000, "boolean": False, "array": [], "object": {}}


@dataclass(frozen=True)
class Job:
    """One call of the script: `shows` is what only its result can hold."""

    shows: str
    command: str | None = None
    section: str | None = None


FIRST = (
    Job("mock-tool-ok-42", "printf 'mock-tool-ok-%d' 42"),
    Job("mock-tool-bad-13", "printf 'mock-tool-bad-%d' 13; exit 3"),
    Job("mock-report-one-9", section="one"),
    Job("mock-report-two-9", section="two"),
)
THEN = (Job("mock-tool-again-7", "printf 'mock-tool-again-%d' 7"),)
ALL = tuple(job.shows for job in FIRST + THEN)


@dataclass
class ScriptedProvider:
    """Answers a request as scripted. `refusals` tells what had to be refused, and why; `answered` what was said, in
    order; `summaries` how often a summary was asked for. A `crowded` one says after its first answer that the
    context is as good as full."""

    crowded: bool = False
    refusals: list[str] = field(default_factory=list)
    answered: list[Said] = field(default_factory=list)
    summaries: int = 0

    def __call__(self, received: Received) -> Reply:
        dialect = next((name for end, name in ENDINGS.items() if received.path.endswith(end)), None)
        if received.method != "POST" or dialect is None:
            return json_reply({"error": {"type": "not_found_error", "message": f"no {received.path} here"}}, 404)
        body = received.json
        problem = checks.problem(dialect, body, {**received.headers, ":path": received.target})
        if problem is not None:
            self.refusals.append(f"{dialect}: {problem}")
            return json_reply(_refusal(dialect, problem), 400)
        return self._answer(read(dialect, body, received.target), dialect)

    def _answer(self, conversation: Conversation, dialect: DialectName) -> Reply:
        said = decide(conversation, dialect)
        self.summaries += conversation.summary is not None
        if self.crowded and said.calls and not self.answered:
            said = replace(said, input_tokens=CROWDED)
        self.answered.append(said)
        if conversation.summary == "item":
            return sse(_compaction(said))
        if conversation.stream:
            return sse(answers.stream(dialect, said, include_usage=conversation.include_usage))
        return json_reply(answers.whole(dialect, said))


def _refusal(dialect: DialectName, message: str) -> dict[str, Any]:
    error = {"type": "invalid_request_error", "message": message}
    if dialect is DialectName.ANTHROPIC:
        return {"type": "error", "error": error, "request_id": "req_1"}
    if dialect is DialectName.GEMINI:
        return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
    return {"error": {**error, "param": None, "code": None}}


def decide(conversation: Conversation, dialect: DialectName) -> Said:
    """What the script says next."""
    turn = len(conversation.results) + 1
    thinking = f"The script says what to do ({turn})." if conversation.thinks else ""
    said = Said(thinking=thinking, signature=checks.SIGNATURE, model=conversation.model, turn=turn)
    found = _tokens(conversation)
    if conversation.summary:
        return replace(said, text=f"{SUMMARY} {' '.join(found)}", thinking="")
    if MARK not in conversation.said and SUMMARY not in conversation.said:
        return replace(said, text="Hello from the script.")
    calls = _next(conversation, found)
    if not calls or turn > RESULTS_LIMIT:
        return replace(said, text=f"{SEEN} {' '.join(found)}")
    prefix = "toolu" if dialect is DialectName.ANTHROPIC else "call"
    named = tuple(replace(call, id=f"{prefix}_{turn:02}{number:02}") for number, call in enumerate(calls))
    return replace(said, text="Running it." if dialect is DialectName.ANTHROPIC else "", calls=named)


def _tokens(conversation: Conversation) -> list[str]:
    """What the results showed, also those that only a summary still knows."""
    text = "\n".join([conversation.said, *conversation.results])
    return list(dict.fromkeys(TOKEN.findall(text)))


def _next(conversation: Conversation, found: list[str]) -> list[Call]:
    """The calls of the first step that is not done; of those that are offered and have shown nothing yet."""
    for step in (FIRST, THEN):
        wanted = (_call(job, conversation.tools) for job in step if job.shows not in found)
        # two jobs may want the same search
        calls = list(dict.fromkeys(call for call in wanted if call is not None))
        if calls:
            return calls if conversation.parallel else calls[:1]
    return []


def _call(job: Job, offered: tuple[Offered, ...]) -> Call | None:
    if job.command is not None:
        return _shell_call(offered, job.command)
    mark = reporter.description(job.section or "")
    tool = next((tool for tool in offered if mark in tool.description and tool.kind == "function"), None)
    if tool is not None:
        return _called(tool, json.dumps(reporter.ARGUMENTS, ensure_ascii=False))
    search = _named(SEARCHES, offered)
    if search is not None:
        return _called(search, json.dumps({"query": f"reporter {reporter.STEM}", **_required(search, {"query"})}))
    code = _named(("exec",), offered)
    return None if code is None else _code(code, REPORT_CODE % (mark, json.dumps(reporter.ARGUMENTS)))


def _called(tool: Offered, arguments: str) -> Call:
    return Call(tool.name, arguments, kind=tool.kind, namespace=tool.namespace)


def _named(names: tuple[str, ...], tools: tuple[Offered, ...]) -> Offered | None:
    """The first of the names that is offered, also under the name that a namespace put before it."""
    return next((tool for name in names for tool in tools if _is(tool, name)), None)


def _is(tool: Offered, name: str) -> bool:
    return tool.name == name or tool.name.endswith(f"__{name}")


def _shell_call(offered: tuple[Offered, ...], command: str) -> Call | None:
    tool = _named(SHELLS, offered)
    if tool is None:
        return None
    properties = tool.schema.get("properties", {})
    holder = next((name for name in ("command", "cmd", "script") if name in properties), None)
    if holder is None:
        return _code(tool, COMMAND_CODE % json.dumps(command))
    return _called(tool, json.dumps({holder: command, **_required(tool, {holder})}))


def _code(tool: Offered, source: str) -> Call:
    """Codex's code mode; a provider that knows no free text is offered a function of one."""
    return _called(tool, source if tool.kind == "custom" else json.dumps({"input": source}))


def _required(tool: Offered, but: set[str]) -> dict[str, Any]:
    properties = tool.schema.get("properties", {})
    return {name: _filler(properties[name]) for name in tool.schema.get("required", ()) if name not in but}


def _filler(schema: dict[str, Any]) -> Any:
    kind = schema.get("type", "string")
    return FILLERS[(kind if isinstance(kind, str) else kind[0]).lower()]


def _compaction(said: Said) -> list[bytes]:
    """A stream whose one output is the compaction item that was triggered."""
    item = {"type": "compaction", "id": f"cmp_{said.turn:04}", "encrypted_content": sealed(said.text)}
    *_, last = answers.stream(DialectName.RESPONSES, replace(said, text=""))
    done = json.loads(last.split(b"data: ", 1)[1])
    done["response"]["output"] = [item]
    created = {"type": "response.created", "response": {**done["response"], "status": "in_progress", "output": []}}
    steps = [{"type": f"response.output_item.{step}", "output_index": 0, "item": item} for step in ("added", "done")]
    events = [created, *steps, done]
    return [answers.event({**body, "sequence_number": n}, body["type"]) for n, body in enumerate(events)]
