"""The edge between the commands and the person: what can be told in a line never ends in a traceback."""

import sys
from collections.abc import Callable

from llr_cli import render
from llr_cli.exits import Exit

# what the parts of llr raise when they cannot do what they were asked for; only those in use are loaded
PROBLEMS = (
    ("addons.config.document", "ConfigProblem"),
    ("certs.ca", "CertificateProblem"),
    ("llr_cli.tools.journal", "JournalProblem"),
    ("llr_cli.configure.refusal", "Refused"),
)


def guarded(command: Callable[[], None]) -> None:
    """Runs `command`; what it could not do ends the process with one line and the exit code of a failure. A mistake in
    llr itself keeps its traceback."""
    try:
        command()
    except _problems() as problem:
        render.error(str(problem))
    except OSError as error:
        render.error(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except RecursionError:
        render.error("what was read is nested too deeply")
    else:
        return
    sys.exit(Exit.FAILURE)


def _problems() -> tuple[type[Exception], ...]:
    loaded = ((sys.modules.get(module), name) for module, name in PROBLEMS)
    return tuple(getattr(module, name) for module, name in loaded if module is not None and hasattr(module, name))
