"""An MCP server over stdio whose tools have what translating makes hard: names longer than OpenAI's 64 characters that
differ at their very end, schemas with all that JSON Schema has, and arguments that must arrive as the model wrote them.

    python reporter.py        serves until its stdin ends

Standard library alone: the tools start it with whatever Python runs the tests.
"""

import json
import sys
from typing import Any

SERVER = "scripted_reporter"
STEM = "tell_what_the_reporter_of_a_conversation_found_in_part"
SECTIONS = ("one", "two")
ARGUMENTS: dict[str, Any] = {
    "where": {"path": "a/ü 🌍", "lines": [1, 2]},
    "count": 3,
    "labels": {"x-y": 'z\n"quoted"'},
    "since": None,
    "anything": [True, {"deep": []}],
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "place": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "minLength": 1, "pattern": "^[^\\0]+$"},
                "lines": {"type": "array", "items": {"type": "integer", "exclusiveMinimum": 0}, "uniqueItems": True},
            },
            "required": ["path"],
            "additionalProperties": False,
        }
    },
    "properties": {
        "where": {"$ref": "#/$defs/place"},
        "count": {"type": "integer", "enum": [1, 2, 3], "default": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"pattern": "^x"}},
        "since": {"type": ["string", "null"], "format": "date-time"},
        "kind": {"const": "short"},
        "anything": {"description": "whatever it is"},
        "either": {"oneOf": [{"type": "string", "format": "uri"}, {"type": "array", "items": {"type": "object"}}]},
    },
    "required": ["where", "count", "labels"],
}


def description(section: str) -> str:
    """What the script knows a tool by, whatever became of its name."""
    return f"REPORT-{section}: tells what was found there."


def report(section: str, arguments: Any) -> tuple[str, bool]:
    """The text of a result, and whether it is an error. What tells the arguments' fate is not in any prompt."""
    given = {name: value for name, value in arguments.items() if value is not None}
    wanted = {name: value for name, value in ARGUMENTS.items() if value is not None}
    if given != wanted:
        return f"these arguments are not what the model wrote: {json.dumps(arguments)}", True
    return f"mock-report-{section}-{len(section) * 3}", False


def _answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            version = params.get("protocolVersion", "2025-06-18")
            named = {"name": SERVER, "version": "1.0.0"}
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": named}
        case "tools/list":
            tools = [
                {"name": f"{STEM}_{section}", "description": description(section), "inputSchema": SCHEMA}
                for section in SECTIONS
            ]
            return {"tools": tools}
        case "tools/call":
            text, wrong = report(params["name"].rpartition("_")[2], params.get("arguments") or {})
            return {"content": [{"type": "text", "text": text}], "isError": wrong}
        case _:
            return {}


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        # what has no id is a notification
        if "id" in asked and "method" in asked:
            result = _answer(asked["method"], asked.get("params") or {})
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
