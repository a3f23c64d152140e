"""The dialects, by name. Importing this package imports all of them."""

from collections.abc import Mapping
from types import MappingProxyType

from addons.core.model import DialectName
from addons.dialects import anthropic_messages, gemini, openai_chat, openai_completions, openai_responses
from addons.dialects.base import Dialect

DIALECTS: Mapping[DialectName, Dialect] = MappingProxyType(
    {
        module.DIALECT.name: module.DIALECT
        for module in (anthropic_messages, openai_chat, openai_responses, gemini, openai_completions)
    }
)
