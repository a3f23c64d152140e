"""A pytest plugin that writes down which rules of the checks refused something: file and line, as JSON.

LLR_WITNESS=rules.json python -m pytest -p clients.witness tests/clients
"""

import json
import os
import sys
from pathlib import Path
from types import FrameType

import pytest
from clients import complaint

FOLDER = Path(__file__).parent
SEEN: set[tuple[str, int]] = set()
_demand = complaint.demand


def _watched(condition: object, reason: str) -> None:
    frame: FrameType | None = None if condition else sys._getframe(1)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.parent == FOLDER:
            SEEN.add((file.name, frame.f_lineno))
        frame = frame.f_back
    _demand(condition, reason)


# before the checks take it by name
complaint.demand = _watched


def pytest_sessionfinish(session: pytest.Session) -> None:
    Path(os.environ["LLR_WITNESS"]).write_text(json.dumps(sorted(SEEN)))
