"""All tables, in the order in which people read them."""

from addons.core.fidelity import (
    answers_chat,
    answers_claude,
    answers_gemini,
    answers_responses,
    chat,
    claude,
    completions,
    gemini,
    responses,
)
from addons.core.fidelity.rows import Table

# by the client's dialect: what its requests become
TABLES: tuple[Table, ...] = (claude.TABLE, chat.TABLE, responses.TABLE, gemini.TABLE, completions.TABLE)
# by the provider's dialect: what its answers become
ANSWERS: tuple[Table, ...] = (answers_claude.TABLE, answers_chat.TABLE, answers_responses.TABLE, answers_gemini.TABLE)
