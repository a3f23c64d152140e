"""`GET /llr/status` of a real router: for its owner, past the guard, without a secret."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

import pytest

from harness.llr import CANARY, CONFIG
from harness.process import RouterProcess

MASTER = "gw_0123456789-Abcdefghijkl"


def get(port: int, headers: Mapping[str, str] | None = None, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, "/llr/status", headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
async def router() -> Any:
    async with RouterProcess(CONFIG) as found:
        yield found


@pytest.fixture(scope="module")
async def locked() -> Any:
    config = {**CONFIG, "masterKey": MASTER, "metadata": {"localServer": {"requireAuth": True}}}
    async with RouterProcess(config) as found:
        yield found


async def test_it_tells_the_targets_and_no_key(router: RouterProcess) -> None:
    """Promise 44."""
    status, body = get(router.port)
    found = json.loads(body)
    assert status == 200 and CANARY not in body.decode()
    assert [each["model"] for each in found["providers"][0]["targets"]] == ["m"]
    assert found["state"]["backend"] == "sqlite"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_no_web_page_reads_it(router: RouterProcess, headers: Mapping[str, str], expected: int) -> None:
    """Promises 33 and 34."""
    status, body = get(router.port, headers)
    assert status == expected and b"providers" not in body


async def test_nothing_is_posted_to_it(router: RouterProcess) -> None:
    assert get(router.port, method="POST")[0] == 404


async def test_where_a_key_is_wanted_it_is_wanted_here_too(locked: RouterProcess) -> None:
    """Promise 35."""
    assert get(locked.port)[0] == 401
    assert get(locked.port, {"Authorization": "Bearer wrong"})[0] == 401
    status, body = get(locked.port, {"Authorization": f"Bearer {MASTER}"})
    assert status == 200 and MASTER not in body.decode()
