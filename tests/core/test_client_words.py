"""A client is told of a loss by the name that it gave the field itself. Promise 22."""

import pytest

from addons.core.client_words import in_client_words
from addons.core.model import DialectName, Loss

CLAUDE, CHAT = DialectName.ANTHROPIC, DialectName.CHAT
RESPONSES, GEMINI = DialectName.RESPONSES, DialectName.GEMINI


@pytest.mark.parametrize(
    ("client", "path", "told"),
    [
        (CLAUDE, "stop", "stop_sequences"),
        (CHAT, "stop_sequences", "stop"),
        (GEMINI, "top_k", "generationConfig.topK"),
        (RESPONSES, "max_tokens", "max_output_tokens"),
        (CHAT, "metadata.user_id", "user"),
        (CLAUDE, "reasoning", "thinking"),
        (DialectName.COMPLETIONS, "messages", "prompt"),
    ],
)
def test_a_setting_has_the_name_of_the_client(client: DialectName, path: str, told: str) -> None:
    assert in_client_words(Loss(path, "why"), client) == Loss(told, "why")


def test_what_follows_the_name_stays() -> None:
    assert in_client_words(Loss("format.strict", "why"), RESPONSES).path == "text.format.strict"


def test_a_field_of_the_clients_own_keeps_its_name() -> None:
    assert in_client_words(Loss("reasoning.context", "why"), RESPONSES).path == "reasoning.context"


def test_whether_it_is_content_stays() -> None:
    assert in_client_words(Loss("messages", "why", content=True), GEMINI) == Loss("contents", "why", content=True)
