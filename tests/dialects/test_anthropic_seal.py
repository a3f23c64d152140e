"""Thinking of other dialects inside the signature of an Anthropic client's thinking blocks."""

import pytest

from addons.core.model import DialectName, Thinking
from addons.dialects._anthropic_seal import is_sealed, seal, unseal
from addons.dialects.anthropic_messages import DIALECT

CLAUDE, CHAT, GEMINI = DialectName.ANTHROPIC, DialectName.CHAT, DialectName.GEMINI
ENCRYPTED = Thinking("plan", "ENC", id="rs_1", dialect=DialectName.RESPONSES)


def parsed(signature: str) -> Thinking:
    block = {"type": "thinking", "thinking": "plan", "signature": signature}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [block]}]}
    (part,) = DIALECT.parse_request(body).messages[0].parts
    assert isinstance(part, Thinking)
    return part


@pytest.mark.parametrize("thought", [ENCRYPTED, Thinking("plan", "s", dialect=GEMINI), Thinking("plan", dialect=CHAT)])
def test_what_is_sealed_is_read_again(thought: Thinking) -> None:
    """Promise 15."""
    again = parsed(seal(thought))

    assert is_sealed(seal(thought))
    assert (again.text, again.signature, again.id, again.dialect) == (
        "plan",
        thought.signature,
        thought.id,
        thought.dialect,
    )


def test_the_words_are_not_said_twice() -> None:
    assert unseal(seal(ENCRYPTED), "") == Thinking("", "ENC", id="rs_1", dialect=DialectName.RESPONSES)


@pytest.mark.parametrize("dialect", [None, CLAUDE])
def test_anthropics_own_signature_stays(dialect: DialectName | None) -> None:
    assert seal(Thinking("plan", "U0lH", dialect=dialect)) == "U0lH"
    assert parsed("U0lH") == Thinking("plan", "U0lH", dialect=CLAUDE, extras=parsed("U0lH").extras)


@pytest.mark.parametrize("dialect", [CLAUDE, GEMINI, DialectName.RESPONSES])
def test_what_nobody_could_use_is_not_sealed(dialect: DialectName) -> None:
    assert seal(Thinking("plan", dialect=dialect)) == ""


def test_a_torn_one_belongs_to_nobody_else() -> None:
    torn = seal(ENCRYPTED)[:-7]

    assert is_sealed(torn) and parsed(torn).dialect is CLAUDE
