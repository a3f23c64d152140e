"""Asks the package index what it has."""

import json
import os
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

INDEX = "LLM_ROUTER_INDEX_URL"
DEFAULT = "https://pypi.org/pypi"
SECONDS = 10.0
LIMIT_BYTES = 16 * 1024 * 1024
NOT_FOUND = 404


class IndexProblem(Exception):
    """The index does not say; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Published:
    version: str
    summary: str


def published(name: str) -> Published:
    """The newest release of a package. Raises IndexProblem. Source: PyPI's JSON API, `GET /pypi/NAME/json`."""
    base = os.environ.get(INDEX, "").strip().rstrip("/") or DEFAULT
    if not base.startswith(("https://", "http://")):
        raise IndexProblem(f"{INDEX}: expected an http(s) URL")
    request = Request(f"{base}/{name}/json", headers={"accept": "application/json", "user-agent": "llr"})
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            found = json.loads(answer.read(LIMIT_BYTES))["info"]
            return Published(str(found["version"]), str(found["summary"] or ""))
    except HTTPError as error:
        if error.code == NOT_FOUND:
            raise IndexProblem(f"{base} has no package called {name}") from error
        raise IndexProblem(f"{base} answered {error.code}") from error
    except TimeoutError as error:
        raise IndexProblem(f"{base} did not answer within {SECONDS:g} s: are you offline?") from error
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise IndexProblem(f"{base} cannot be reached ({reason}): are you offline?") from error
    except (ValueError, KeyError, TypeError) as error:
        raise IndexProblem(f"{base} answered something that is no description of a package") from error
