"""Specification of addons/edge/quiet_log.py: the log has no secrets."""

import io
import logging
from collections.abc import Iterator

import pytest

from addons.edge.quiet_log import NAME, QuietFormatter, QuietRecords, installed, quieted


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO, QuietFormatter]]:
    logger, out = logging.getLogger(NAME), io.StringIO()
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield logger, out, installed(logging.INFO, out)
    logger.handlers[:], logger.level, logger.propagate = before


type Log = tuple[logging.Logger, io.StringIO, QuietFormatter]


@pytest.mark.parametrize("secret", ["sk-ant-api03-0123456789abcdef", "deadbeef0123456789abcdef", "configured words"])
def test_secrets_are_taken_out_of_messages(log: Log, secret: str) -> None:
    """Promise 44."""
    logger, out, formatter = log
    formatter.know(frozenset({"configured words"}))
    logger.info("a/m:401 the key %s is wrong", secret)
    assert secret not in out.getvalue() and "the key [SECRET REMOVED] is wrong" in out.getvalue()


def test_secrets_are_taken_out_of_tracebacks(log: Log) -> None:
    """Promise 44."""
    logger, out, _ = log
    try:
        raise ValueError("sk-ant-api03-0123456789abcdef")
    except ValueError:
        logger.exception("it failed")
    assert "ValueError" in out.getvalue() and "0123456789" not in out.getvalue()


def test_what_is_no_secret_stays(log: Log) -> None:
    logger, out, _ = log
    text = "req_0123456789abcdef0123456789abcdef p/claude-haiku-4-5-20251001:429/rate_limited#1: slow down"
    logger.info(text)
    assert text in out.getvalue()


def test_less_than_the_level_is_not_written(log: Log) -> None:
    logger, out, _ = log
    logger.debug("quiet")
    assert out.getvalue() == ""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which nobody has logged anything yet."""
    monkeypatch.setattr(logging.root, "handlers", [])


def test_what_libraries_warn_of_is_said_quietly(bare: None, log: Log) -> None:
    """Promise 44."""
    _, out, _ = log
    logging.getLogger("some.library").warning("the key sk-ant-api03-0123456789abcdef is wrong")
    logging.getLogger("some.library").info("and more")
    assert "the key [SECRET REMOVED] is wrong" in out.getvalue() and "and more" not in out.getvalue()


def test_a_program_with_handlers_of_its_own_says_nothing_twice(bare: None, log: Log) -> None:
    def ours() -> int:
        return sum(isinstance(each.formatter, QuietFormatter) for each in logging.root.handlers)

    assert ours() == 1
    before = logging.getLogRecordFactory()
    try:
        quieted()
    finally:
        logging.setLogRecordFactory(before)
    assert ours() == 0


@pytest.fixture
def records() -> Iterator[QuietRecords]:
    before = logging.getLogRecordFactory()
    yield quieted()
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize("name", ["aiohttp.client", "mitmproxy.proxy.server", "asyncio", NAME, ""])
def test_records_of_libraries_are_made_without_secrets(
    records: QuietRecords, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Promise 44."""
    records.know(frozenset({"configured words"}))
    try:
        raise ValueError("in a traceback: configured words")
    except ValueError:
        logging.getLogger(name).error("%s: %s", "configured words", "sk-ant-api03-0123456789abcdef", exc_info=True)
    (record,) = caplog.records
    told = logging.Formatter().format(record)
    assert "[SECRET REMOVED]: [SECRET REMOVED]" in told and "ValueError: in a traceback: [SECRET REMOVED]" in told
    assert "configured words" not in repr(vars(record)) and "0123456789" not in repr(vars(record))


def test_arguments_that_do_not_fit_do_not_fail_where_something_is_logged(
    records: QuietRecords, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger(NAME).error("%d things", "two")
    assert caplog.messages == ["%d things"]
