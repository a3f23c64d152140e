"""What Anthropic's Messages API refuses.

Source: Anthropic API reference, "Messages", its guides "Tool use", "Extended thinking", "Prompt caching" and
"Mid-conversation system messages", and the messages of the API as users report them.
"""

import re
from collections.abc import Iterator
from typing import Any

from clients.checks_claude_model import check_model
from clients.complaint import SIGNATURE, Json, demand, demand_known, demand_names, fields

KNOWN = fields(
    "model messages system max_tokens metadata stop_sequences stream temperature top_p top_k tools tool_choice "
    "thinking service_tier container context_management mcp_servers output_config cache_control inference_geo speed "
    "diagnostics "
)
TOOL = fields(
    "type name description input_schema cache_control strict defer_loading eager_input_streaming input_examples "
    "allowed_callers"
)
CHOICE = fields("type name disable_parallel_tool_use")
BLOCK = {
    "text": fields("type text cache_control citations"),
    "thinking": fields("type thinking signature"),
    "redacted_thinking": fields("type data"),
    "tool_use": fields("type id name input cache_control caller"),
    "tool_result": fields("type tool_use_id content is_error cache_control"),
}
BLOCKS = {
    "user": {"text", "image", "document", "tool_result", "search_result", "tool_reference"},
    "assistant": {"text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "web_search_tool_result"},
}


METADATA = fields("user_id")
# what only a beta header opens
BETAS = {"context_management": "context-management-", "mcp_servers": "mcp-client-"}


def check(body: Json, headers: Json) -> None:
    demand("anthropic-version" in headers, "anthropic-version: header is required")
    betas = headers.get("anthropic-beta", "")
    for name, beta in BETAS.items():
        demand(name not in body or beta in betas, f"{name}: Extra inputs are not permitted")
    demand_known(body.get("metadata") or {}, METADATA, "metadata.{}: Extra inputs are not permitted")
    demand_known(body, KNOWN, "{}: Extra inputs are not permitted")
    demand(isinstance(body.get("model"), str), "model: Field required")
    demand(isinstance(body.get("max_tokens"), int) and body["max_tokens"] > 0, "max_tokens: Field required")
    demand(body.get("messages"), "messages: at least one message is required")
    marks = sum(1 for _ in _cache_marks(body))
    demand(marks <= 4, f"A maximum of 4 blocks with cache_control may be provided. Found {marks}.")
    _system(body.get("system", ""))
    _tools(body)
    _thinking(body)
    check_model(body)
    messages = _messages(body["messages"], "mid-conversation" in betas)
    _calls_answered(messages)
    _thought_first(body, messages)


def _cache_marks(body: Json) -> Iterator[Json]:
    """Everything that is marked for the cache: the request itself, blocks of the system prompt, tools, blocks of
    messages, and what stands in a tool result."""
    blocks = [body, *body.get("tools", ())]
    contents = [body.get("system"), *(message["content"] for message in body["messages"])]
    for content in contents:
        for block in content if isinstance(content, list) else ():
            inner = block.get("content")
            blocks += [block, *(inner if isinstance(inner, list) else ())]
    for block in blocks:
        if block.get("cache_control") is not None:
            demand(block.get("type") not in ("thinking", "redacted_thinking"), "thinking blocks cannot be cached")
            yield block


def _system(system: Any) -> None:
    for block in system if isinstance(system, list) else ():
        demand(block["type"] == "text" and block["text"].strip(), "system: text content blocks must be non-empty")


def _tools(body: Json) -> None:
    tools = body.get("tools", ())
    demand_names((tool["name"] for tool in tools), 128, "tools")
    for tool in tools:
        if "type" not in tool or tool["type"] == "custom":
            schema = tool.get("input_schema") or {}
            where = f"tools.{tool['name']}.input_schema"
            demand(schema.get("type") == "object", f"{where}.type: Field required")
            choices = fields("oneOf allOf anyOf") & set(schema)
            demand(not choices, f"{where}: input_schema does not support {sorted(choices)} at the top level")
            demand_known(tool, TOOL, f"tools.{tool['name']}.{{}}: Extra inputs are not permitted")
    demand(not tools or any(not tool.get("defer_loading") for tool in tools), "At least one tool must not be deferred")
    choice = body.get("tool_choice", {})
    demand("type" not in choice or tools, "tool_choice may only be specified while providing tools")
    demand_known(choice, CHOICE, "tool_choice.{}: Extra inputs are not permitted")
    named = choice.get("name")
    demand(named is None or named in {tool["name"] for tool in tools}, f"Tool '{named}' not found in provided tools")


def _thinking(body: Json) -> None:
    thinking = body.get("thinking") or {}
    if thinking.get("type") != "enabled":
        return
    demand(thinking["budget_tokens"] >= 1024, "thinking.budget_tokens: Input should be greater than or equal to 1024")
    demand(body["max_tokens"] > thinking["budget_tokens"], "`max_tokens` must be greater than `thinking.budget_tokens`")
    demand(body.get("temperature", 1) == 1, "`temperature` may only be set to 1 when thinking is enabled")
    choice = body.get("tool_choice", {}).get("type", "auto")
    demand(choice in ("auto", "none"), "Thinking may not be enabled when tool_choice forces tool use.")
    demand("top_k" not in body, "`top_k` must be unset when thinking is enabled")
    demand(body.get("top_p", 1) >= 0.95, "`top_p` must be at least 0.95 when thinking is enabled")


def _thought_first(body: Json, messages: list[tuple[str, list[Json]]]) -> None:
    """With a thinking budget, the assistant's last message in a running tool loop begins with its thinking. Adaptive
    thinking does not ask for it."""
    if (body.get("thinking") or {}).get("type") != "enabled":
        return
    in_loop = any(block["type"] == "tool_result" for block in messages[-1][1])
    blocks = messages[-2][1] if in_loop else messages[-1][1] if messages[-1][0] == "assistant" else []
    demand(
        not blocks or blocks[0]["type"] in ("thinking", "redacted_thinking"),
        "Expected `thinking` or `redacted_thinking`. When `thinking` is enabled, a final `assistant` message must "
        "start with a thinking block.",
    )


def _messages(messages: list[Json], system_allowed: bool) -> list[tuple[str, list[Json]]]:
    """Role and blocks, messages of one role in a row joined, as the API does."""
    joined: list[tuple[str, list[Json]]] = []
    for index, message in enumerate(messages):
        role, content = message["role"], message["content"]
        if role == "system" and system_allowed:
            continue
        demand(role in BLOCKS, f"messages.{index}.role: Input should be 'user' or 'assistant'")
        demand(content, f"messages.{index}: all messages must have non-empty content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for number, block in enumerate(blocks):
            _block(block, role, f"messages.{index}.content.{number}")
        if joined and joined[-1][0] == role:
            joined[-1][1].extend(blocks)
        else:
            joined.append((role, list(blocks)))
    demand(joined[0][0] == "user", "messages: first message must use the user role")
    ends = joined[-1][1][-1].get("text", "") if joined[-1][0] == "assistant" else ""
    demand(ends == ends.rstrip(), "messages: final assistant content cannot end with trailing whitespace")
    return joined


def _block(block: Json, role: str, where: str) -> None:
    kind = block["type"]
    demand(kind in BLOCKS[role], f"{where}: a {kind} block may not stand in a message of the {role}")
    if kind in BLOCK:
        demand_known(block, BLOCK[kind], f"{where}.{kind}.{{}}: Extra inputs are not permitted")
    if kind == "text":
        demand(block["text"].strip(), f"{where}: text content blocks must be non-empty")
    elif kind == "thinking":
        demand(block.get("signature") == SIGNATURE, f"{where}: Invalid `signature` in `thinking` block")
        demand(isinstance(block.get("thinking"), str), f"{where}.thinking: Field required")
    elif kind == "tool_use":
        demand(isinstance(block["input"], dict), f"{where}.input: Input should be a valid dictionary")
        demand(re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]), f"{where}.id: does not match the pattern")
        demand_names([block["name"]], 200, where)
    elif kind == "tool_result":
        content = block.get("content")
        for part in content if isinstance(content, list) else ():
            demand(part["type"] in BLOCKS["user"], f"{where}: {part['type']} may not stand in a tool_result")
            demand(part["type"] != "text" or part["text"], f"{where}: text content blocks must be non-empty")


def _calls_answered(messages: list[tuple[str, list[Json]]]) -> None:
    """Every call is answered at the beginning of the next message, and nothing else is."""
    open_calls: set[str] = set()
    ids = [block["id"] for _, blocks in messages for block in blocks if block["type"] == "tool_use"]
    demand(len(ids) == len(set(ids)), "messages: `tool_use` ids must be unique")
    for role, blocks in messages:
        if role == "user":
            count = next((n for n, block in enumerate(blocks) if block["type"] != "tool_result"), len(blocks))
            answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
            first = {block["tool_use_id"] for block in blocks[:count]}
            demand(len(first) == count, "each tool_use must have a single result. Found multiple `tool_result` blocks")
            demand(
                answered <= open_calls,
                f"unexpected `tool_use_id` found in `tool_result` blocks: {answered - open_calls}",
            )
            demand(
                open_calls <= first,
                f"`tool_use` ids were found without `tool_result` blocks immediately after: {open_calls - first}",
            )
        open_calls = {block["id"] for block in blocks if block["type"] == "tool_use"}
    demand(not open_calls, f"`tool_use` ids were found without `tool_result` blocks: {open_calls}")
