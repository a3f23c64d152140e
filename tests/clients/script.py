"""The provider behind the real tools: speaks four dialects, refuses what the real ones refuse, follows one script.

A prompt with TOOLTEST gets one shell tool call; once the result is back, a final text that quotes it.

    async with FakeUpstream(ScriptedProvider()) as provider:
        ran = await tools.claude_code(provider.url, "claude-sonnet-4-5")
"""

import json
from dataclasses import dataclass, field
from typing import Any

from clients import checks
from clients.conversation import Conversation, Offered, read

from addons.core.model import DialectName
from harness import answers
from harness.answers import Call, Said
from harness.replies import Reply, json_reply, sse
from harness.upstream import Received

MARK = "TOOLTEST"
COMMAND = "printf 'mock-tool-ok-%d' 42"
SHELLS = ("Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell", "exec")
ENDINGS = {
    "/messages": DialectName.ANTHROPIC,
    "/chat/completions": DialectName.CHAT,
    "/responses": DialectName.RESPONSES,
    ":generateContent": DialectName.GEMINI,
    ":streamGenerateContent": DialectName.GEMINI,
}
# what stands in for the required fields of a tool that the script does not care about
FILLERS: dict[str, Any] = {"string": "x", "integer": 1000, "number": 1000, "boolean": False, "array": [], "object": {}}


@dataclass
class ScriptedProvider:
    """Answers a request as scripted; `refusals` tells what had to be refused, and why."""

    refusals: list[str] = field(default_factory=list)

    def __call__(self, received: Received) -> Reply:
        dialect = next((name for end, name in ENDINGS.items() if received.path.endswith(end)), None)
        if received.method != "POST" or dialect is None:
            return json_reply({"error": {"type": "not_found_error", "message": f"no {received.path} here"}}, 404)
        body = received.json
        problem = checks.problem(dialect, body, {**received.headers, ":path": received.target})
        if problem is not None:
            self.refusals.append(f"{dialect}: {problem}")
            return json_reply(_refusal(dialect, problem), 400)
        conversation = read(dialect, body, received.target)
        said = decide(conversation, dialect)
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
    thinking = "The script says what to do." if conversation.thinks else ""
    said = Said(thinking=thinking, signature=checks.SIGNATURE, model=conversation.model)
    if conversation.results:
        return _with(said, text=f"TOOL-RESULT-SEEN: {_quoted(conversation.results[-1])}")
    if MARK not in conversation.said:
        return _with(said, text="Hello from the script.")
    tool = _shell(conversation.tools)
    if tool is None:
        names = ", ".join(offered.name for offered in conversation.tools)
        return _with(said, text=f"NO-SHELL-OFFERED among: {names}")
    prefix = "toolu" if dialect is DialectName.ANTHROPIC else "call"
    call = Call(tool.name, _arguments(tool), f"{prefix}_0001", tool.kind, tool.namespace)
    return _with(said, text="Running it." if dialect is DialectName.ANTHROPIC else "", calls=(call,))


def _with(said: Said, **more: Any) -> Said:
    return Said(**{**said.__dict__, **more})


def _quoted(result: str) -> str:
    """The end of a result in one line: shells put their own words before the output."""
    position = result.find("mock-tool-ok")
    return " ".join((result[position:] if position >= 0 else result[-160:]).split())


def _shell(tools: tuple[Offered, ...]) -> Offered | None:
    """The best shell among the tools, also under the name that a namespace put before it."""
    for name in SHELLS:
        for tool in tools:
            if tool.name == name or tool.name.endswith(f"__{name}"):
                return tool
    return None


def _arguments(tool: Offered) -> str:
    properties = tool.schema.get("properties", {})
    free_text = tool.kind == "custom" or set(properties) == {"input"}
    if free_text:
        # Codex's code mode: the free text is JavaScript with the real tools as functions
        source = f"const r = await tools.exec_command({{cmd: {json.dumps(COMMAND)}}}); text(r);"
        return source if tool.kind == "custom" else json.dumps({"input": source})
    command = next(name for name in ("command", "cmd", "script") if name in properties)
    rest = [name for name in tool.schema.get("required", ()) if name != command]
    return json.dumps({command: COMMAND, **{name: _filler(properties[name]) for name in rest}})


def _filler(schema: dict[str, Any]) -> Any:
    kind = schema.get("type", "string")
    return FILLERS[(kind if isinstance(kind, str) else kind[0]).lower()]
