"""Specification of llr_cli/tools/masked.py."""

import pytest

from llr_cli.tools.masked import masked, shown

KEY = "sk-canary-0123456789"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'  "ANTHROPIC_AUTH_TOKEN": "{KEY}",', '  "ANTHROPIC_AUTH_TOKEN": "…6789",'),
        (f'"apiKey@http://127.0.0.1:1/": "{KEY}"', '"apiKey@http://127.0.0.1:1/": "…6789"'),
        (f'experimental_bearer_token = "{KEY}"', 'experimental_bearer_token = "…6789"'),
        (f"export GEMINI_API_KEY={KEY} # mine", "export GEMINI_API_KEY=…6789 # mine"),
        (f"password = '{KEY}'", "password = '…6789'"),
        ('"apiKey": "short"', '"apiKey": "…"'),
        ('"model": "fast", "url": "http://r"', '"model": "fast", "url": "http://r"'),
    ],
)
def test_what_is_named_like_a_key_shows_four_characters_at_most(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_single_value_is_masked_by_its_name() -> None:
    assert (shown("OPENAI_API_KEY", KEY), shown("OPENAI_BASE_URL", "http://r")) == ("…6789", "http://r")
