"""What generateContent refuses in a conversation: its turns, the calls and their answers, the thought signatures.

Source: Gemini API reference, "Content" and "Part", its guides "Function calling" and "Thought signatures", the fields
of Google's SDK, and the messages of the service as users report them.
"""

import re
from typing import Any

from clients.complaint import SIGNATURE, Json, demand, demand_spelled, fields

ROLES = {"user", "model"}
DATA = fields(
    "text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse"
)
PART = DATA | fields("thought thoughtSignature videoMetadata mediaResolution partMetadata mediaProcessing")
INSIDE = {
    "functionCall": fields("id name args"),
    "functionResponse": fields("id name response parts willContinue scheduling"),
    "inlineData": fields("mimeType data displayName"),
    "fileData": fields("mimeType fileUri displayName"),
}
BY_ROLE = {"functionCall": "model", "functionResponse": "user"}
# older models go on with words of their own
NO_PREFILL = re.compile(r"gemini-(3\.5-flash-lite|3\.[6-9]|[4-9])")
# what Google documents for calls that no Gemini model made
DUMMIES = {"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"}


def turns(contents: Any, model: str) -> None:
    demand(contents, "contents: contents is not specified")
    for index, content in enumerate(contents):
        _content(content, f"contents[{index}]")
    roles = [content.get("role", "user") for content in contents]
    demand(roles[0] == "user", "contents: first content should be with role 'user', got model")
    demand(roles[-1] == "user" or not NO_PREFILL.match(model), "Requests ending with a model turn are not supported")
    _calls_answered(contents)
    if re.match(r"gemini-[3-9]", model):
        _signed(contents)


def _content(content: Json, where: str) -> None:
    demand_spelled(content, fields("parts role"), where)
    role = content.get("role", "user")
    demand(role in ROLES, f"Please use a valid role: user, model. ({where}: {role!r})")
    demand(content.get("parts"), f"{where}.parts: contents.parts must not be empty.")
    for number, part in enumerate(content["parts"]):
        _part(part, role, f"{where}.parts[{number}]")


def _part(part: Json, role: str, where: str) -> None:
    demand_spelled(part, PART, where)
    kinds = [name for name in part if name in DATA]
    demand(len(kinds) == 1, f"{where}.data: required oneof field 'data' must have one initialized field, has {kinds}")
    kind = kinds[0]
    if kind in INSIDE:
        demand_spelled(part[kind], INSIDE[kind], f"{where}.{kind}")
    demand(BY_ROLE.get(kind, role) == role, f"{where}: a {kind} may not stand in a turn of the {role}")
    demand(kind != "text" or part["text"] or "thoughtSignature" in part, f"{where}: an empty text parameter")
    signature = part.get("thoughtSignature", SIGNATURE)
    demand(signature == SIGNATURE or signature in DUMMIES, f"{where}: Thought signature is not valid.")
    if kind == "functionCall":
        demand(isinstance(part[kind].get("args", {}), dict), f"Invalid value at '{where}.function_call.args' (Struct)")
        demand(part[kind].get("name"), f"{where}.function_call.name: Name cannot be empty.")
    if kind == "functionResponse":
        response = part[kind].get("response")
        demand(isinstance(response, dict), f"Invalid value at '{where}.function_response.response' (Struct)")
        demand(part[kind].get("name"), f"{where}.function_response.name: Name cannot be empty.")
    if kind == "inlineData":
        standard = re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", part[kind]["data"])
        demand(standard and "/" in part[kind]["mimeType"], f"{where}.inline_data: not base64 of a MIME type")


def _of(content: Json, kind: str) -> list[Json]:
    return [part[kind] for part in content["parts"] if kind in part]


def _calls_answered(contents: list[Json]) -> None:
    """Every turn of calls is answered by the very next one, whole; nothing else is."""
    previous: Json = {"parts": [], "role": "user"}
    for content in [*contents, {"parts": [], "role": "user"}]:
        calls, responses = _of(previous, "functionCall"), _of(content, "functionResponse")
        demand(
            len(calls) == len(responses),
            "Please ensure that the number of function response parts is equal to the number of function call parts "
            f"of the function call turn. ({len(calls)} and {len(responses)})",
        )
        names = sorted(call["name"] for call in calls), sorted(response["name"] for response in responses)
        demand(names[0] == names[1], f"the function responses {names[1]} answer the function calls {names[0]}")
        _ids_match(calls, responses)
        demand(
            previous.get("role", "user") == "user" or not _of(content, "functionCall"),
            "Please ensure that function call turn comes immediately after a user turn or after a function response "
            "turn.",
        )
        previous = content


def _ids_match(calls: list[Json], responses: list[Json]) -> None:
    called, answered = ({part.get("id") for part in parts} for parts in (calls, responses))
    demand(None in called | answered or called == answered, f"the ids {answered} answer the calls {called}")


def _signed(contents: list[Json]) -> None:
    """The first call of each step since the user last said something has a signature."""
    spoken = [index for index, content in enumerate(contents) if _is_prompt(content)]
    for index in range(spoken[-1] if spoken else 0, len(contents)):
        first = next((part for part in contents[index]["parts"] if "functionCall" in part), None)
        demand(
            first is None or first.get("thoughtSignature"),
            f"Function call is missing a thought_signature in functionCall parts. (contents[{index}])",
        )


def _is_prompt(content: Json) -> bool:
    return content.get("role", "user") == "user" and not _of(content, "functionResponse")
