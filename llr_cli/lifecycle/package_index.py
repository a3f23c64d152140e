"""Asks the package index what it has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

INDEX = "LLM_ROUTER_INDEX_URL"
# the installers' own, which name the list of files; what is known of a package stands beside it
INSTALLERS = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
FILES, FACTS = "/simple", "/pypi"
SECONDS = 10.0
LIMIT_BYTES = 16 * 1024 * 1024
NOT_FOUND = 404


class IndexProblem(Exception):
    """The index does not say; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Published:
    version: str
    summary: str


def index_url(env: Mapping[str, str]) -> str | None:
    """Where to ask; None when nobody has said it."""
    said = env.get(INDEX, "").strip().rstrip("/")
    if said:
        return said
    named = next((url for name in INSTALLERS if (url := env.get(name, "").strip().rstrip("/"))), "")
    return f"{named.removesuffix(FILES)}{FACTS}" if named.endswith(FILES) else None


def published(name: str, base: str) -> Published:
    """The newest release of a package on the index at `base`. Raises IndexProblem. Source: PyPI's JSON API,
    `GET /pypi/NAME/json`."""
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
