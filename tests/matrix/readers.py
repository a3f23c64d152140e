"""What a provider received, whatever its dialect."""

from collections.abc import Callable, Mapping

from matrix import seen_claude, seen_gemini, seen_openai
from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES
from matrix.seen import Seen

from addons.core.model import DialectName
from harness.upstream import Received

READERS: Mapping[DialectName, Callable[[Received], Seen]] = {
    CLAUDE: seen_claude.read,
    CHAT: seen_openai.read_chat,
    RESPONSES: seen_openai.read_responses,
    GEMINI: seen_gemini.read,
}


def read(dialect: DialectName, received: Received) -> Seen:
    return READERS[dialect](received)
