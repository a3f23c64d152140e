"""Losses in the words of the client that is told.

Renderings name a setting as they know it; whoever reads the list of losses knows the field that he wrote himself.
"""

from collections.abc import Mapping
from dataclasses import replace

from addons.core.model import DialectName, Loss

_CONFIG = "generationConfig"
_CALLING = "toolConfig.functionCallingConfig"

_CLAUDE: Mapping[str, str] = {
    "stop": "stop_sequences",
    "user": "metadata.user_id",
    "reasoning": "thinking",
    "response_format": "output_config.format",
    "format": "output_config.format",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
}
_CHAT: Mapping[str, str] = {
    "stop_sequences": "stop",
    "metadata.user_id": "user",
    "reasoning": "reasoning_effort",
    # OpenRouter's, which keep their names
    "reasoning.enabled": "reasoning.enabled",
    "reasoning.exclude": "reasoning.exclude",
    "format": "response_format",
    "cache_key": "prompt_cache_key",
    "system": "messages",
}
_RESPONSES: Mapping[str, str] = {
    "stop_sequences": "stop",
    "metadata.user_id": "user",
    "response_format": "text.format",
    "format": "text.format",
    "cache_key": "prompt_cache_key",
    "max_tokens": "max_output_tokens",
    "messages": "input",
    "system": "instructions",
}
_GEMINI: Mapping[str, str] = {
    "temperature": f"{_CONFIG}.temperature",
    "top_p": f"{_CONFIG}.topP",
    "top_k": f"{_CONFIG}.topK",
    "stop": f"{_CONFIG}.stopSequences",
    "stop_sequences": f"{_CONFIG}.stopSequences",
    "max_tokens": f"{_CONFIG}.maxOutputTokens",
    "reasoning": f"{_CONFIG}.thinkingConfig",
    "response_format": f"{_CONFIG}.responseSchema",
    "format": f"{_CONFIG}.responseSchema",
    "tool_choice": _CALLING,
    "reasoning.summary": f"{_CONFIG}.thinkingConfig.includeThoughts",
    "messages": "contents",
    "system": "systemInstruction",
}
_COMPLETIONS: Mapping[str, str] = {
    "stop_sequences": "stop",
    "metadata.user_id": "user",
    "messages": "prompt",
}
_WORDS: Mapping[DialectName, Mapping[str, str]] = {
    DialectName.ANTHROPIC: _CLAUDE,
    DialectName.CHAT: _CHAT,
    DialectName.RESPONSES: _RESPONSES,
    DialectName.GEMINI: _GEMINI,
    DialectName.COMPLETIONS: _COMPLETIONS,
}


def in_client_words(loss: Loss, client: DialectName) -> Loss:
    """`loss` under the name that a client of that dialect has for the field, when it has another one. What follows
    the name of a field (`format.strict`) stays."""
    words = _WORDS[client]
    for name in (loss.path, loss.path.partition(".")[0]):
        if name in words:
            return replace(loss, path=words[name] + loss.path.removeprefix(name))
    return loss
