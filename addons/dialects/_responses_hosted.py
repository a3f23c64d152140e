"""Tool types of OpenAI that the client runs itself, as functions for everybody else.

`tool_search` (with `execution: client`), `shell`, `local_shell` and `apply_patch` have no schema on the wire, and calls
and outputs of their own shape. Each row of `CLIENT_RUN` says how the three forms translate. Source: OpenAI API
reference, "Tool search", "Shell", "Local shell", "Apply patch".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from addons.core import jsonio
from addons.core.model import Request, Tool
from addons.dialects.base import Body

MARK = "client_run"


@dataclass(frozen=True, slots=True)
class ClientRun:
    """`call` and `output` are the item types; `members` makes the members of a call out of the model's arguments
    (any JSON value, or the text of what is none), `arguments` the way back, `result` the text of an output."""

    description: str
    schema: Mapping[str, Any]
    call: str
    output: str
    members: Callable[[Any], Body]
    arguments: Callable[[Body], Any]
    result: Callable[[Body], str]


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _integers(value: Body, *names: str) -> Body:
    return {
        name: value[name] for name in names if isinstance(value.get(name), int) and not isinstance(value[name], bool)
    }


def _object(value: Any) -> Body:
    return value if isinstance(value, dict) else {}


def _search(arguments: Any) -> Body:
    # what is no JSON goes on as text: the client says to the model what is wrong with it
    return {"execution": "client", "arguments": arguments}


def _found(item: Body) -> str:
    lines = list(_offered(item))
    return "\n".join(["These tools can be called from now on:", *lines]) if lines else "No tools were found."


def _offered(item: Body) -> Iterator[str]:
    for tool in item.get("tools") or ():
        if not isinstance(tool, dict):
            continue
        if tool.get("type") == "namespace":
            inner = [str(each.get("name")) for each in tool.get("tools") or () if isinstance(each, dict)]
            yield f"- of {tool.get('name')}: {', '.join(inner)}"
        else:
            yield f"- {tool.get('name') or tool.get('type')}"


def _shell(arguments: Any) -> Body:
    given = _object(arguments)
    action = {"commands": _strings(given.get("commands")), **_integers(given, "timeout_ms", "max_output_length")}
    return {"action": {"timeout_ms": None, "max_output_length": None, **action}}


def _shell_output(item: Body) -> str:
    output = item.get("output")
    if not isinstance(output, list):
        return output if isinstance(output, str) else ""
    return "\n".join(_chunk(chunk) for chunk in output if isinstance(chunk, dict))


def _chunk(chunk: Body) -> str:
    outcome = _object(chunk.get("outcome"))
    end = "timed out" if outcome.get("type") == "timeout" else f"exit code: {outcome.get('exit_code')}"
    texts = (str(chunk.get(name) or "").rstrip("\n") for name in ("stdout", "stderr"))
    return "\n".join([*(text for text in texts if text), f"[{end}]"])


def _local_shell(arguments: Any) -> Body:
    given = _object(arguments)
    env = {key: value for key, value in _object(given.get("env")).items() if isinstance(value, str)}
    where = given.get("working_directory")
    known = {"working_directory": where} if isinstance(where, str) else {}
    action = {"type": "exec", "command": _strings(given.get("command")), "env": env}
    return {"action": {**action, **_integers(given, "timeout_ms"), **known}}


def _patch(arguments: Any) -> Body:
    given = _object(arguments)
    operation = _object(given.get("operation")) or given
    kind = operation.get("type")
    path, diff = (str(operation.get(name) or "") for name in ("path", "diff"))
    known = kind if kind in ("create_file", "delete_file", "update_file") else "update_file"
    return {"operation": {"type": known, "path": path, **({} if known == "delete_file" else {"diff": diff})}}


def _patched(item: Body) -> str:
    output = item.get("output")
    said = output if isinstance(output, str) else ""
    return said or f"[{item.get('status') or 'completed'}]"


def _params(required: tuple[str, ...], **properties: Body) -> Body:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_STRINGS: Body = {"type": "array", "items": {"type": "string"}}
_TIMEOUT: Body = {"type": "integer", "description": "When to give up, in milliseconds."}

# tool type (also the name of the function) → how it translates
CLIENT_RUN: Mapping[str, ClientRun] = {
    "tool_search": ClientRun(
        "Finds further tools by what they do; those that are found can be called afterwards.",
        _params(("query",), query={"type": "string"}),
        "tool_search_call",
        "tool_search_output",
        _search,
        lambda item: item.get("arguments"),
        _found,
    ),
    "shell": ClientRun(
        "Runs shell commands on the user's machine, each by itself, and returns what they print.",
        _params(
            ("commands",),
            commands={**_STRINGS, "description": "The command lines to run."},
            timeout_ms=_TIMEOUT,
            max_output_length={"type": "integer", "description": "How many characters of output to return."},
        ),
        "shell_call",
        "shell_call_output",
        _shell,
        lambda item: _given(item.get("action")),
        _shell_output,
    ),
    "local_shell": ClientRun(
        "Runs one command on the user's machine and returns what it prints.",
        _params(
            ("command",),
            command={**_STRINGS, "description": "The program and its arguments, each a string of its own."},
            working_directory={"type": "string"},
            timeout_ms=_TIMEOUT,
            env={"type": "object", "additionalProperties": {"type": "string"}},
        ),
        "local_shell_call",
        "local_shell_call_output",
        _local_shell,
        lambda item: {key: value for key, value in _given(item.get("action")).items() if key != "type"},
        lambda item: item["output"] if isinstance(item.get("output"), str) else jsonio.text(item.get("output")),
    ),
    "apply_patch": ClientRun(
        "Creates, changes or deletes one file. `diff` is a V4A diff of that file: lines that begin with a space, + or"
        " -, in hunks that begin with @@; for a new file every line begins with +.",
        _params(
            ("operation",),
            operation=_params(
                ("type", "path"),
                type={"type": "string", "enum": ["create_file", "update_file", "delete_file"]},
                path={"type": "string"},
                diff={"type": "string", "description": "Not needed to delete a file."},
            ),
        ),
        "apply_patch_call",
        "apply_patch_call_output",
        _patch,
        lambda item: {"operation": item.get("operation")},
        _patched,
    ),
}
CALLS: Mapping[str, str] = {row.call: name for name, row in CLIENT_RUN.items()}
OUTPUTS: Mapping[str, str] = {row.output: name for name, row in CLIENT_RUN.items()}


def _given(value: object) -> Body:
    return {key: inner for key, inner in _object(value).items() if inner is not None}


def client_tool(raw: Body) -> Tool | None:
    """The function that stands in for a tool of such a type; None for one that OpenAI runs."""
    kind = raw.get("type")
    row = CLIENT_RUN.get(kind) if isinstance(kind, str) else None
    if row is None or not isinstance(kind, str) or not _runs_at_client(raw):
        return None
    said, schema = raw.get("description"), raw.get("parameters")
    description = said if isinstance(said, str) else row.description
    return Tool(kind, description, schema if isinstance(schema, dict) else row.schema, extras={MARK: raw})


def _runs_at_client(raw: Body) -> bool:
    if raw.get("type") == "tool_search":
        return raw.get("execution") == "client"
    environment = _object(raw.get("environment"))
    return not environment or environment.get("type") == "local"


def client_run(request: Request) -> Mapping[str, ClientRun]:
    """The tools of `request` whose calls must come back as items of their own type, by name."""
    return {
        tool.name: CLIENT_RUN[tool.name]
        for tool in request.tools
        if isinstance(tool, Tool) and tool.namespace is None and MARK in tool.extras
    }


def call_members(row: ClientRun, arguments: str) -> Body:
    """The members of a call item beside its ids; `arguments` is the model's text, whatever it is."""
    try:
        value = jsonio.loads(arguments or "{}")
    except jsonio.JsonError:
        value = arguments
    return row.members(value)
