"""The log on stderr, without secrets: providers repeat keys in the words of their errors, and clients have them in the
names of fields. What a traceback says goes the same way."""

import logging
import sys
from typing import Any, TextIO

from addons.core.secret_shapes import Secrets, without_random

FORMAT = "%(asctime)s %(levelname)s %(message)s"
NAME = "llr"


class Quiet:
    """Takes secrets out of texts."""

    def __init__(self) -> None:
        self._secrets = Secrets()

    def know(self, known: frozenset[str]) -> None:
        """These are secrets from now on, too: the keys of the configuration."""
        self._secrets = self._secrets.with_more(known)

    def quiet(self, text: str) -> str:
        return without_random(self._secrets.removed(text))


class QuietFormatter(Quiet, logging.Formatter):
    """Formats records as FORMAT says, and takes the secrets out of the whole text."""

    def __init__(self) -> None:
        Quiet.__init__(self)
        logging.Formatter.__init__(self, FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return self.quiet(super().format(record))


class QuietRecords(Quiet):
    """Makes records that hold no secrets, whoever formats them: their texts are whole, tracebacks included."""

    def __init__(self) -> None:
        super().__init__()
        self._tracebacks = logging.Formatter()

    def __call__(self, *args: Any, **more: Any) -> logging.LogRecord:
        record = logging.LogRecord(*args, **more)
        text = _message(record)
        if record.exc_info:
            text = f"{text}\n{self._tracebacks.formatException(record.exc_info)}"
        record.msg, record.args, record.exc_info = self.quiet(text), None, None
        return record


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit: said by the handler usually, and with them
        return str(record.msg)


def installed(level: int, stream: TextIO | None = None) -> QuietFormatter:
    """Sends what llr logs from `level` on to stderr, quietly, and nowhere else; and what its libraries warn of."""
    formatter, handler = QuietFormatter(), logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logger = logging.getLogger(NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    if not logging.root.handlers:
        others = _Others(stream or sys.stderr)
        others.setFormatter(formatter)
        logging.root.addHandler(others)
    return formatter


class _Others(logging.StreamHandler[TextIO]):
    """For what libraries warn of, as long as nobody else is there to say it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setLevel(logging.WARNING)


def quieted() -> QuietRecords:
    """For a program that has handlers of its own: from now on, every record of the process is made quietly."""
    for handler in [each for each in logging.root.handlers if isinstance(each, _Others)]:
        logging.root.removeHandler(handler)
    records = QuietRecords()
    logging.setLogRecordFactory(records)
    return records
