"""Specification of addons/core/har.py: a capture as a HAR file."""

import json

from addons.core.har import har
from addons.core.redact import Mode
from harness.captures import line


def test_a_har_has_the_request_the_answer_and_nothing_more() -> None:
    """Promise 44."""
    request = line(
        {"model": "m", "messages": [{"role": "user", "content": "canary"}]}, b"canary",
        mode=Mode.SIGNATURE, query="beta=true", headers={"x-api-key": "canary-key"},
    )  # fmt: skip
    (entry,) = har([request], "1.0")["log"]["entries"]
    assert entry["request"]["url"].endswith("/v1/messages?beta=true")
    assert json.loads(entry["request"]["postData"]["text"])["model"] == "m"
    assert "canary" not in json.dumps(entry) and "text" not in entry["response"]["content"]


def test_a_har_of_a_full_capture_has_the_texts() -> None:
    request = line({"messages": [{"role": "user", "content": "hello"}]}, b'{"a":1}')
    (entry,) = har([request], "1.0")["log"]["entries"]
    assert "hello" in entry["request"]["postData"]["text"] and entry["response"]["content"]["text"] == '{"a": 1}'
