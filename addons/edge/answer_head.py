"""The head of what a URL answers, for people who look at it. Follows no redirect."""

import http.client
from urllib.parse import urlsplit

SECONDS = 10.0


class NoAnswer(Exception):
    """Nobody answered so; the text says why."""


def answer_head(url: str) -> tuple[int, dict[str, str]]:
    """The status and the headers (lower-case names) of a GET of `url`. Raises NoAnswer."""
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
    except ValueError as error:
        raise NoAnswer(f"{url} is no URL: {error}") from None
    if split.scheme not in ("http", "https") or not host:
        raise NoAnswer(f"{url} is no http or https URL")
    kind = http.client.HTTPSConnection if split.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=SECONDS)
    try:
        connection.request("GET", f"{split.path or '/'}{'?' if split.query else ''}{split.query}")
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in reversed(answer.getheaders())}
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{host} did not answer: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()
