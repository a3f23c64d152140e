"""One request of each dialect that says everything which clients of the wild say, for tests that damage it."""

from collections.abc import Mapping
from typing import Any

from addons.core.model import DialectName
from harness.asks import CHAT, CLAUDE, COMPLETIONS, GEMINI, RESPONSES

B64 = "AAAA"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": ["string", "null"], "enum": ["x"]}},
    "required": ["a"],
}
REQUESTS: Mapping[DialectName, dict[str, Any]] = {
    CLAUDE: {
        "model": "all",
        "max_tokens": 2000,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "t", "citations": []},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": B64}},
                    {
                        "type": "document",
                        "source": {"type": "text", "media_type": "text/plain", "data": "d"},
                        "title": "t",
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "h", "signature": "s"},
                    {"type": "redacted_thinking", "data": "d"},
                    {"type": "text", "text": "x"},
                    {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": "x"}},
                    {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"query": "q"}},
                    {
                        "type": "web_search_tool_result",
                        "tool_use_id": "srv",
                        "content": [
                            {
                                "type": "web_search_result",
                                "title": "t",
                                "url": "u",
                                "encrypted_content": "e",
                                "page_age": None,
                            }
                        ],
                    },
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t1",
                        "is_error": True,
                        "content": [
                            {"type": "text", "text": "r"},
                            {"type": "image", "source": {"type": "url", "url": "https://x/y"}},
                            {"type": "tool_reference", "tool_name": "f"},
                        ],
                    }
                ],
            },
            {"role": "system", "content": "mid"},
        ],
        "tools": [
            {"name": "f", "description": "d", "input_schema": SCHEMA, "strict": True},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
        ],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "stop_sequences": ["a"],
        "temperature": 0.5,
        "top_p": 0.5,
        "top_k": 5,
        "metadata": {"user_id": "u"},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": SCHEMA}},
        "service_tier": "auto",
        "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
        "stream": True,
    },
    CHAT: {
        "model": "all",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "developer", "content": [{"type": "text", "text": "x"}]},
            {
                "role": "user",
                "name": "n",
                "content": [
                    {"type": "text", "text": "t"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                    {"type": "file", "file": {"filename": "f", "file_data": "data:application/pdf;base64,AAAA"}},
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "reasoning_content": "h",
                "reasoning_details": [{"type": "reasoning.text", "text": "h", "signature": "s"}],
                "tool_calls": [
                    {"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a":"x"}'}},
                    {"id": "t2", "type": "custom", "custom": {"name": "c", "input": "i"}},
                ],
            },
            {"role": "tool", "tool_call_id": "t1", "content": [{"type": "text", "text": "r"}]},
            {"role": "tool", "tool_call_id": "t2", "content": "r"},
            {"role": "function", "name": "f", "content": "r"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}},
            {
                "type": "custom",
                "custom": {
                    "name": "c",
                    "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}},
                },
            },
        ],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}},
        "reasoning_effort": "high",
        "max_completion_tokens": 9,
        "max_tokens": 9,
        "temperature": 1,
        "top_p": 1,
        "n": 1,
        "stop": ["a"],
        "seed": 1,
        "logit_bias": {"1": 2},
        "logprobs": True,
        "top_logprobs": 2,
        "stream_options": {"include_usage": True},
        "user": "u",
        "metadata": {"a": "b"},
        "parallel_tool_calls": False,
        "service_tier": "auto",
        "prediction": {"type": "content", "content": "c"},
        "modalities": ["text"],
        "web_search_options": {},
        "functions": [{"name": "g", "parameters": {}}],
        "function_call": {"name": "g"},
        "stream": True,
    },
    RESPONSES: {
        "model": "all",
        "instructions": "i",
        "input": [
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "x"}]},
            {"role": "user", "content": "hi"},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "t"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                    {"type": "input_file", "filename": "f", "file_data": "data:application/pdf;base64,AAAA"},
                ],
            },
            {
                "type": "reasoning",
                "id": "rs",
                "summary": [{"type": "summary_text", "text": "h"}],
                "content": [{"type": "reasoning_text", "text": "h"}],
                "encrypted_content": "e",
            },
            {
                "type": "message",
                "role": "assistant",
                "id": "m",
                "status": "completed",
                "content": [
                    {
                        "type": "output_text",
                        "text": "x",
                        "annotations": [
                            {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}
                        ],
                    },
                    {"type": "refusal", "refusal": "no"},
                ],
            },
            {"type": "function_call", "call_id": "t1", "name": "f", "arguments": '{"a":1}', "namespace": "ns"},
            {"type": "function_call_output", "call_id": "t1", "output": [{"type": "input_text", "text": "r"}]},
            {"type": "custom_tool_call", "call_id": "t2", "name": "c", "input": "i"},
            {"type": "custom_tool_call_output", "call_id": "t2", "output": "r"},
            {
                "type": "local_shell_call",
                "id": "l",
                "call_id": "t3",
                "status": "completed",
                "action": {"type": "exec", "command": ["ls"], "env": {}, "timeout_ms": 1},
            },
            {"type": "local_shell_call_output", "call_id": "t3", "output": "o"},
            {"type": "web_search_call", "id": "w", "status": "completed", "action": {"type": "search", "query": "q"}},
            {"type": "compaction", "encrypted_content": "e"},
        ],
        "tools": [
            {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
            {"type": "custom", "name": "c", "format": {"type": "text"}},
            {"type": "local_shell"},
            {"type": "web_search", "filters": {"allowed_domains": ["a"]}},
            {
                "type": "namespace",
                "name": "ns",
                "description": "d",
                "tools": [{"type": "function", "name": "f", "parameters": {}}],
            },
        ],
        "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA}, "verbosity": "low"},
        "reasoning": {"effort": "high", "summary": "auto"},
        "max_output_tokens": 9,
        "temperature": 1,
        "top_p": 1,
        "parallel_tool_calls": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "metadata": {},
        "prompt_cache_key": "k",
        "truncation": "auto",
        "user": "u",
        "safety_identifier": "s",
        "service_tier": "auto",
        "context_management": [{"type": "compaction", "compact_threshold": 1}],
        "stream": True,
    },
    GEMINI: {
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "t"},
                    {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                    {"fileData": {"mimeType": "image/png", "fileUri": "https://x/y"}},
                ],
            },
            {
                "role": "model",
                "parts": [
                    {"text": "h", "thought": True},
                    {"text": "x", "thoughtSignature": "AAAA"},
                    {"functionCall": {"id": "t1", "name": "f", "args": {"a": "x"}}},
                    {"executableCode": {"language": "PYTHON", "code": "c"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "o"}},
                ],
            },
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "id": "t1",
                            "name": "f",
                            "response": {"output": "r"},
                            "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}],
                        }
                    }
                ],
            },
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "s"}]},
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "f",
                        "description": "d",
                        "parameters": {
                            "type": "OBJECT",
                            "properties": {"a": {"type": "STRING", "nullable": True, "enum": ["x"]}},
                            "required": ["a"],
                        },
                        "parametersJsonSchema": SCHEMA,
                        "response": {},
                    }
                ],
                "googleSearch": {},
                "codeExecution": {},
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {
            "temperature": 1,
            "topP": 1,
            "topK": 2,
            "maxOutputTokens": 9,
            "stopSequences": ["a"],
            "candidateCount": 1,
            "seed": 1,
            "responseMimeType": "application/json",
            "responseSchema": {"type": "OBJECT"},
            "responseJsonSchema": SCHEMA,
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 100, "thinkingLevel": "high"},
            "presencePenalty": 0.1,
            "frequencyPenalty": 0.1,
            "responseLogprobs": True,
            "logprobs": 1,
            "responseModalities": ["TEXT"],
            "speechConfig": {},
        },
        "safetySettings": [{"category": "c", "threshold": "t"}],
        "cachedContent": "x",
        "labels": {"a": "b"},
    },
    COMPLETIONS: {
        "model": "all",
        "prompt": ["p"],
        "suffix": "s",
        "max_tokens": 9,
        "temperature": 1,
        "top_p": 1,
        "n": 1,
        "stop": ["a"],
        "logprobs": 1,
        "echo": False,
        "best_of": 1,
        "seed": 1,
        "user": "u",
        "stream": True,
        "stream_options": {"include_usage": True},
        "logit_bias": {"1": 1},
    },
}
