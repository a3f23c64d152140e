"""Disks for tests of edits: one that waits for nothing, and one that fails or dies at its n-th operation."""

from collections.abc import Callable
from typing import Any

from llr_cli.tools.disk import Disk


class Killed(BaseException):
    """The process ends here: nothing behind this runs."""


class Unsynced(Disk):
    """The real disk, but it waits for nothing: these tests pull no plug."""

    def sync(self, descriptor: int) -> None:
        pass

    def sync_folder(self, path: Any) -> None:
        pass


class Faulty(Unsynced):
    """That disk, until the n-th operation: there `fault` is raised, of a write after its first half."""

    def __init__(self, n: int, fault: Callable[[], BaseException]) -> None:
        self.left = n
        self.fault = fault

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found) or name == "fault":
            return found

        def counted(*arguments: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                if name == "write":
                    found(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise self.fault()
            return found(*arguments)

        return counted
