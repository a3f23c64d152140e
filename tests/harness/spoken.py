"""The dialects that tests range over: what clients speak, and what providers speak."""

from addons.core.model import DialectName
from addons.dialects import DIALECTS

CLIENTS: tuple[DialectName, ...] = tuple(DIALECTS)
PROVIDERS: tuple[DialectName, ...] = tuple(name for name in DIALECTS if name is not DialectName.COMPLETIONS)
