"""`llr start --detach`: a router that survives the terminal that it was started in."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llr_cli import render
from llr_cli.exits import Exit
from llr_cli.lifecycle.output_log import log_file, opened
from llr_cli.lifecycle.words import LOG_FILE, in_foreground, with_options

if TYPE_CHECKING:
    from addons.edge.instance import Instance

START_SECONDS = 30.0
POLL_SECONDS = 0.05
# what a router in the background can have written at most before it gives up
WORDS_SHOWN = 64 * 1024


class NotStarted(Exception):
    """The router did not come up; the text is its own, `code` what it ended with."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = Exit.USAGE if code == Exit.USAGE else Exit.FAILURE


def detach(words: Sequence[str], port: int) -> int:
    """Starts `llr start` with `words` in the background, waits until it answers, and gives the exit code."""
    try:
        found = started(words, port, os.environ, Path.cwd())
    except NotStarted as failure:
        render.as_is(str(failure))
        return failure.code
    except OSError as error:
        render.error(f"{error.filename or log_file(port)} cannot be written: {error.strerror}")
        return Exit.FAILURE
    tell(found)
    return Exit.OK


def tell(instance: "Instance") -> None:
    """Says where a router in the background is to be found."""
    from addons.edge.probe import authority

    where = authority(instance.host, instance.port)
    render.line(f"llr runs in the background at {instance.scheme}://{where} (pid {instance.pid}; log: {instance.log})")


def started(words: Sequence[str], port: int, env: Mapping[str, str], folder: Path) -> "Instance":
    """A router in a session of its own, once it answers. Raises NotStarted, and OSError when there can be no log."""
    path = log_file(port)
    log = opened(path)
    try:
        begin = os.fstat(log).st_size
        child = _spawn(with_options(in_foreground(words), LOG_FILE, str(path)), log, env, folder)
    finally:
        os.close(log)
    try:
        return _awaited(child, path, begin)
    except BaseException:
        if child.poll() is None:
            child.terminate()
        raise


def _spawn(words: Sequence[str], log: int, env: Mapping[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    # -P: a folder called `addons` in the working directory is not ours
    command = [sys.executable, "-P", "-m", "llr_cli.main", "start", *words]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=dict(env),
        cwd=folder if folder.is_dir() else None,
        start_new_session=True,
    )


def _awaited(child: "subprocess.Popen[bytes]", log: Path, begin: int) -> "Instance":
    from addons.edge.instance import instances
    from addons.edge.probe import health

    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        code = child.poll()
        if code is not None:
            raise NotStarted(_said(log, begin) or f"error: the router ended at once (exit code {code})", code)
        found = next((each for each in instances(os.environ) if each.pid == child.pid), None)
        if found is not None and health(found.host, found.port, scheme=found.scheme) is not None:
            return found
        time.sleep(POLL_SECONDS)
    raise NotStarted(f"error: the router did not answer within {START_SECONDS:g} s; its log is {log}", Exit.FAILURE)


def _said(log: Path, begin: int) -> str:
    """What has been written into the log since it had `begin` bytes."""
    try:
        with log.open("rb") as file:
            file.seek(begin)
            return file.read(WORDS_SHOWN).decode("utf-8", "replace").strip()
    except OSError:
        return ""
