"""Specification of addons/large_requests.py: what large requests are made of."""

import gzip
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons.config import load
from addons.core.http import Ask
from addons.edge.appended import Rotation
from addons.large_requests import FILE, PATH, LargeRequests, place_of
from harness.asks import CHAT, ask
from harness.engine import read
from harness.routed import Routed, good, routed

THRESHOLD = 2000


class Logged:
    """A router whose large requests are logged."""

    def __init__(self, place: Path, *, ours: bool = True) -> None:
        self.place = place
        self.threshold: int | None = THRESHOLD
        self.router: Routed = routed("a", scripts={"a": [good()] * 9})
        self.log = LargeRequests(
            place, Rotation(2**20, 1), lambda: self.threshold, lambda: 2**20, lambda _: None, ours=ours
        )
        self.router.exchange._observers = (self.log,)

    async def send(self, words: int, **headers: str) -> Ask:
        request = ask(CHAT, "all")
        body = json.loads(request.body)
        body["messages"][0]["content"] = "canary " * words
        sent = replace(request, body=json.dumps(body).encode())
        await read(await self.router.send(sent))
        return sent

    def lines(self) -> list[dict[str, Any]]:
        self.log.close()
        return [json.loads(line) for line in self.place.read_text().splitlines()] if self.place.exists() else []


@pytest.fixture
def logs(tmp_path: Path) -> Logged:
    return Logged(tmp_path / FILE)


async def test_a_large_request_is_a_line_with_its_shape_and_its_end(logs: Logged) -> None:
    sent = await logs.send(1000)
    (line,) = logs.lines()
    assert (line["id"], line["served"], line["status"]) == ("req_1", "a/m", 200)
    assert line["bytes"] == line["sentBytes"] == len(sent.body)
    assert (line["shape"]["messages"], line["shape"]["textBytes"]["messages"]) == (1, 7004)


async def test_a_small_one_is_none(logs: Logged) -> None:
    await logs.send(3)
    assert logs.lines() == []


async def test_nothing_that_was_said_is_written(logs: Logged) -> None:
    """Promise 45."""
    await logs.send(1000)
    assert len(logs.lines()) == 1 and b"canary" not in logs.place.read_bytes()


async def test_a_compressed_one_counts_by_what_it_expands_to(logs: Logged) -> None:
    request = ask(CHAT, "all", headers={"content-encoding": "gzip"})
    body = json.dumps({**json.loads(request.body), "user": "u" * 5000}).encode()
    await read(await logs.router.send(replace(request, body=gzip.compress(body))))
    (line,) = logs.lines()
    assert line["bytes"] == len(body) > line["sentBytes"] and line["shape"]["textBytes"]["user"] == 5000


@pytest.mark.parametrize("body", [b"[" * 3000, b'"' + b"x" * 3000 + b'"', b"\xff" * 3000])
async def test_what_cannot_be_read_has_a_size_and_no_shape(logs: Logged, body: bytes) -> None:
    await read(await logs.router.send(replace(ask(CHAT, "all"), body=body)))
    (line,) = logs.lines()
    assert (line["bytes"], line["shape"], line["status"]) == (3000 if body[:1] != b'"' else 3002, None, 400)


async def test_it_can_be_switched_off(logs: Logged) -> None:
    logs.threshold = None
    await logs.send(1000)
    assert logs.lines() == []


async def test_a_folder_that_is_not_ours_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    logs = Logged(folder / "large.jsonl", ours=False)
    await logs.send(1000)
    assert len(logs.lines()) == 1
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(logs.place.stat().st_mode)) == (0o755, 0o600)


def test_the_place_is_in_the_folder_of_state_unless_it_is_named(tmp_path: Path) -> None:
    assert place_of({}, tmp_path) == (tmp_path / FILE, True)
    assert place_of({PATH: str(tmp_path / "x")}, tmp_path) == (tmp_path / "x", False)


DOCUMENT = '{"providers": [{"id": "p", "baseUrl": "https://a.example", "format": "openai", "models": ["m"]}]}'


@pytest.mark.parametrize(
    ("env", "threshold"),
    [
        ({}, None),
        ({"LLM_ROUTER_LARGE_REQUEST_LOG_THRESHOLD_BYTES": "5000"}, None),
        ({"LLM_ROUTER_LOG_LARGE_REQUESTS": "1"}, 20 * 1024 * 1024),
        ({"LLM_ROUTER_LOG_LARGE_REQUESTS": "1", "LLM_ROUTER_LARGE_REQUEST_LOG_THRESHOLD_BYTES": "5000"}, 5000),
    ],
)
def test_it_is_off_unless_it_is_asked_for(env: dict[str, str], threshold: int | None) -> None:
    assert load(None, {"LLM_ROUTER_CONFIG_JSON": DOCUMENT, **env}).plan.large_requests == threshold


def test_a_threshold_that_no_body_can_reach_is_told() -> None:
    env = {"LLM_ROUTER_LOG_LARGE_REQUESTS": "1", "LLM_ROUTER_MAX_REQUEST_BODY_BYTES": "10000"}
    found = load(None, {"LLM_ROUTER_CONFIG_JSON": DOCUMENT, **env})
    assert any("LLM_ROUTER_MAX_REQUEST_BODY_BYTES is 10000" in warning for warning in found.warnings)
