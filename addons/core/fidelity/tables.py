"""All tables, in the order in which people read them."""

from addons.core.fidelity import chat, claude, completions, gemini, responses
from addons.core.fidelity.rows import Table

TABLES: tuple[Table, ...] = (claude.TABLE, chat.TABLE, responses.TABLE, gemini.TABLE, completions.TABLE)
