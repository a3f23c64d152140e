"""What Google's generateContent refuses.

Source: the Gemini API reference, its guides "Function calling", "Thinking" and "Thought signatures", the fields of
Google's SDK, and the messages of the service as users report them. `headers` has the request's target under `:path`,
because the model and the kind of answer stand there and not in the body.
"""

import re
from urllib.parse import parse_qs, urlsplit

from clients.checks_gemini_schema import json_schema, subset
from clients.checks_gemini_turns import turns
from clients.complaint import Json, demand, demand_spelled, fields

LEAF = re.compile(r"/v1beta/models/([^/:]+):(generateContent|streamGenerateContent)")
KNOWN = fields(
    "contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent model labels "
    "serviceTier store "
)
GENERATION = fields(
    "stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount "
    "maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs "
    "enableEnhancedCivicAnswers speechConfig thinkingConfig imageConfig mediaResolution audioTranscriptionConfig "
)
THINKING = fields("includeThoughts thinkingBudget thinkingLevel")
BUILT_IN = fields("googleSearch googleSearchRetrieval codeExecution urlContext computerUse fileSearch googleMaps")
TOOL = BUILT_IN | {"functionDeclarations", "mcpServers"}
DECLARATION = fields("name description parameters parametersJsonSchema response responseJsonSchema behavior")
TOOL_CONFIG = fields("functionCallingConfig retrievalConfig includeServerSideToolInvocations")
CALLING = fields("mode allowedFunctionNames")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
MODES = {"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"}
MIME_TYPES = {"application/json", "text/x.enum"}
# the budgets that a model takes, besides -1 (as much as it likes)
BUDGETS = (
    (re.compile(r"gemini-2\.5-pro"), range(128, 32_769)),
    (re.compile(r"gemini-2\.5-flash-lite"), (0, *range(512, 24_577))),
    (re.compile(r"gemini-2\.5"), range(24_577)),
    (re.compile(r"gemini-"), range(65_537)),
)
LEVELS = (
    (re.compile(r"gemini-[3-9].*flash"), {"MINIMAL", "LOW", "MEDIUM", "HIGH"}),
    (re.compile(r"gemini-[3-9]"), {"LOW", "MEDIUM", "HIGH"}),
    (re.compile(r"gemini-"), set[str]()),
)


def asked(target: str) -> tuple[str, bool]:
    """The model of a request, and whether its answer is streamed. Raises Complaint."""
    parts = urlsplit(target)
    leaf = LEAF.fullmatch(parts.path)
    demand(leaf, f"the requested URL {parts.path} was not found")
    assert leaf is not None, "demanded just now"
    stream = leaf[2] == "streamGenerateContent"
    # without it the service writes a JSON array, which no tool of ours asks for
    demand(not stream or parse_qs(parts.query).get("alt") == ["sse"], "a stream without alt=sse")
    return leaf[1], stream


def check(body: Json, headers: Json) -> None:
    model, _ = asked(headers[":path"])
    demand(headers.get("x-goog-api-key"), "Method doesn't allow unregistered callers")
    demand_spelled(body, KNOWN, "the request")
    if "systemInstruction" in body:
        _system(body["systemInstruction"])
    declared = _tools(body, model)
    _tool_config(body.get("toolConfig", {}), declared)
    _generation(body.get("generationConfig", {}), model, declared)
    turns(body.get("contents"), model)


def is_3(model: str) -> bool:
    return re.match(r"gemini-[3-9]", model) is not None


def _system(content: Json) -> None:
    demand_spelled(content, fields("parts role"), "system_instruction")
    demand(content.get("parts"), "system_instruction.parts: must not be empty")
    for part in content["parts"]:
        demand(set(part) == {"text"}, "system_instruction: only text is taken")
        demand(part["text"], "system_instruction: an empty text")


def _tools(body: Json, model: str) -> set[str]:
    names: set[str] = set()
    built_in: set[str] = set()
    for index, tool in enumerate(body.get("tools", ())):
        demand_spelled(tool, TOOL, f"tools[{index}]")
        demand(tool, f"tools[{index}]: a tool must have one field set")
        built_in |= BUILT_IN & set(tool)
        for number, declaration in enumerate(tool.get("functionDeclarations", ())):
            _declaration(declaration, f"tools[{index}].function_declarations[{number}]")
            name = declaration["name"]
            demand(name not in names, f"Duplicate function declaration found: {name}")
            names.add(name)
    if names and built_in:
        combined = is_3(model) and body.get("toolConfig", {}).get("includeServerSideToolInvocations")
        demand(combined, f"Built-in tools ({sorted(built_in)}) and Function Calling cannot be combined in the request")
    return names


def _declaration(declaration: Json, where: str) -> None:
    demand_spelled(declaration, DECLARATION, where)
    name = declaration.get("name", "")
    demand(NAME.fullmatch(name), f"{where}.name: Invalid function name {name!r}. Must start with a letter or a _")
    both = "parameters" in declaration and "parametersJsonSchema" in declaration
    demand(not both, f"{where}: parameters and parameters_json_schema may not both be set")
    if "parameters" in declaration:
        subset(declaration["parameters"], f"{where}.parameters")
        demand(declaration["parameters"].get("type", "").upper() == "OBJECT", f"{where}.parameters: should be OBJECT")
    if "parametersJsonSchema" in declaration:
        schema = declaration["parametersJsonSchema"]
        json_schema(schema, f"{where}.parameters_json_schema")
        demand(str(schema.get("type")).lower() == "object", f"{where}.parameters_json_schema: must be an object")


def _tool_config(config: Json, declared: set[str]) -> None:
    demand_spelled(config, TOOL_CONFIG, "tool_config")
    calling = config.get("functionCallingConfig")
    if calling is None:
        return
    demand_spelled(calling, CALLING, "tool_config.function_calling_config")
    mode = calling.get("mode", "AUTO")
    demand(mode in MODES, f"Invalid value at 'tool_config.function_calling_config.mode' ({mode!r})")
    demand(declared or mode in ("AUTO", "NONE"), "Function calling config is set without function_declarations.")
    allowed = calling.get("allowedFunctionNames", [])
    demand(
        not allowed or mode in ("ANY", "VALIDATED"),
        "allowed_function_names should only be set when the function calling mode is ANY",
    )
    demand(set(allowed) <= declared, f"allowed_function_names: {sorted(set(allowed) - declared)} not declared")


def _generation(config: Json, model: str, declared: set[str]) -> None:
    demand_spelled(config, GENERATION, "generation_config")
    longest = 8_193 if re.match(r"gemini-(1|2\.0)", model) else 65_537
    lawful = 0 < config.get("maxOutputTokens", 1) < longest
    demand(lawful, f"maxOutputTokens: the supported range is from 1 (inclusive) to {longest} (exclusive)")
    demand(0 <= config.get("temperature", 1) <= 2, "temperature must be in the range [0.0, 2.0]")
    demand(0 <= config.get("topP", 1) <= 1, "top_p must be in the range [0.0, 1.0]")
    top_k = config.get("topK", 1)
    demand(isinstance(top_k, int) and top_k > 0, "top_k must be a positive whole number")
    demand(len(config.get("stopSequences", ())) <= 5, "stop_sequences: at most 5")
    demand("" not in config.get("stopSequences", ()), "stop_sequences: an empty sequence")
    _structured(config, model, declared)
    _thinking(config.get("thinkingConfig"), model)


def _structured(config: Json, model: str, declared: set[str]) -> None:
    schemas = [name for name in ("responseSchema", "responseJsonSchema") if name in config]
    demand(len(schemas) < 2, "response_schema and response_json_schema may not both be set")
    mime_type = config.get("responseMimeType", "text/plain")
    demand(mime_type in MIME_TYPES | {"text/plain"}, f"response_mime_type: {mime_type!r} is not allowed")
    demand(
        not schemas or mime_type in MIME_TYPES,
        "a response schema needs a response_mime_type that it can be enforced with (application/json)",
    )
    demand(
        mime_type != "application/json" or not declared or is_3(model),
        "Function calling with a response mime type: 'application/json' is unsupported",
    )
    if "responseSchema" in config:
        subset(config["responseSchema"], "generation_config.response_schema")
    if "responseJsonSchema" in config:
        json_schema(config["responseJsonSchema"], "generation_config.response_json_schema")


def _thinking(config: Json | None, model: str) -> None:
    if config is None:
        return
    demand_spelled(config, THINKING, "generation_config.thinking_config")
    both = "thinkingBudget" in config and "thinkingLevel" in config
    demand(not both, "You can only set only one of thinking budget and thinking level.")
    demand(not re.match(r"gemini-(1|2\.0)", model), f"Thinking is not supported for {model}")
    if "thinkingLevel" in config:
        taken = next((levels for family, levels in LEVELS if family.match(model)), None)
        level = str(config["thinkingLevel"]).upper()
        demand(taken is None or level in taken, f"Thinking level {level} is not supported for {model}.")
    if "thinkingBudget" in config:
        budget = config["thinkingBudget"]
        demand(isinstance(budget, int), "thinking_budget must be a whole number")
        lawful = next((budgets for family, budgets in BUDGETS if family.match(model)), None)
        demand(
            lawful is None or budget == -1 or budget in lawful,
            f"The thinking budget {budget} is invalid for {model}.",
        )
