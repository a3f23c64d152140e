"""The log on stderr, without secrets: providers repeat keys in the words of their errors, and clients have them in the
names of fields. What a traceback says goes the same way."""

import logging
import sys
from typing import TextIO

from addons.core.secret_shapes import Secrets, without_random

FORMAT = "%(asctime)s %(levelname)s %(message)s"
NAME = "llr"


class QuietFormatter(logging.Formatter):
    """Formats records as FORMAT says, and takes the secrets out of the whole text."""

    def __init__(self) -> None:
        super().__init__(FORMAT)
        self._secrets = Secrets()

    def know(self, known: frozenset[str]) -> None:
        """These are secrets from now on, too: the keys of the configuration."""
        self._secrets = self._secrets.with_more(known)

    def format(self, record: logging.LogRecord) -> str:
        return without_random(self._secrets.removed(super().format(record)))


def installed(level: int, stream: TextIO | None = None) -> QuietFormatter:
    """Sends what llr logs from `level` on to stderr, quietly, and nowhere else."""
    formatter, handler = QuietFormatter(), logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logger = logging.getLogger(NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    return formatter
