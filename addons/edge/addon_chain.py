"""mitmproxy's addons, where a hook costs nothing to those that do not listen to it.

mitmproxy goes through all of them for each hook, and again for one that says that the flow has changed: of a request
that is answered at once, that is a part one can measure.
"""

from typing import Any

from mitmproxy import exceptions
from mitmproxy.addonmanager import AddonManager, safecall, traverse
from mitmproxy.hooks import Hook


class AddonChain(AddonManager):
    """In every other way as mitmproxy's. What an addon listens to must not change once it is there."""

    def __init__(self, master: Any) -> None:
        super().__init__(master)  # type: ignore[no-untyped-call]
        self._looked_at: list[object] = []
        self._found: dict[str, list[object]] = {}

    async def trigger_event(self, event: Hook) -> None:
        for addon in self._listening(event.name):
            try:
                with safecall():
                    await self.invoke_addon(addon, event)
            except exceptions.AddonHalt:
                return

    def _listening(self, name: str) -> list[object]:
        if self._looked_at != self.chain:
            self._looked_at, self._found = list(self.chain), {}
        if name not in self._found:
            self._found[name] = [each for each in self.chain if _listens(each, name)]
        return self._found[name]


def _listens(addon: object, name: str) -> bool:
    """Itself, or one of those below it."""
    return any(hasattr(each, name) for each in traverse([addon]))  # type: ignore[no-untyped-call]
