"""Captures as HAR files. Source: HAR 1.2 (W3C, Janc and others), its required members and no more."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

BASE = "http://llr.invalid"


def har(requests: Iterable[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """The log; of signatures the redacted bodies are its texts. Nothing is in it that was not in the capture."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "llr", "version": version},
            "entries": [_entry(value) for value in requests],
        }
    }


def _entry(value: Mapping[str, Any]) -> dict[str, Any]:
    response = value["response"]
    first, total = response.get("firstEventMs"), response.get("totalMs") or 0.0
    wait = total if first is None else first
    return {
        "startedDateTime": value.get("time", ""),
        "time": total,
        "request": _request(value["request"]),
        "response": _response(response, bool(value.get("stream"))),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": round(max(total - wait, 0.0), 1)},
        "_llr": {key: value.get(key) for key in ("id", "tool", "client", "requested", "context", "verdict", "routed")},
    }


def _request(request: Mapping[str, Any]) -> dict[str, Any]:
    headers, query = request.get("headers") or [], request.get("query") or []
    found: dict[str, Any] = {
        "method": request.get("method", ""),
        "url": f"{BASE}{request.get('path', '')}{'?' if query else ''}{urlencode([tuple(each) for each in query])}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(headers),
        "queryString": _named(query),
        "headersSize": -1,
        "bodySize": request.get("bytes", -1),
    }
    if request.get("body") is not None:
        found["postData"] = {"mimeType": "application/json", "text": text_of(request["body"])}
    return found


def _response(response: Mapping[str, Any], stream: bool) -> dict[str, Any]:
    kind = "text/event-stream" if stream and response.get("status") == 200 else "application/json"
    content: dict[str, Any] = {"size": response.get("bytes", 0), "mimeType": kind}
    if response.get("body") is not None:
        content["text"] = response["body"]
    return {
        "status": response.get("status", 0),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "content-type", "value": kind}],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": response.get("bytes", -1),
    }


def _named(pairs: Iterable[Iterable[str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def text_of(body: Any) -> str:
    """A body as the text that it was."""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
