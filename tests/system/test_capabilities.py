"""The capability matrix: every behaviour with every vendor's SDK on a provider of every dialect, streamed (with the
asynchronous SDK) and whole (with the synchronous one), through a real router.

What each cell must come to is declared in matrix/table.py; docs/capabilities.md shows it.
"""

from collections.abc import AsyncIterator, Mapping

import pytest
from matrix.behaviours import BEHAVIOURS
from matrix.cell import SAMPLERS, THINKERS, Cell, refused
from matrix.clients import CLIENTS, Client
from matrix.family_structured import FREE
from matrix.family_text import REFUSING
from matrix.family_thinking import BUDGETED
from matrix.heard import Failure
from matrix.outcomes import DIALECTS, Outcome, Row
from matrix.table import TABLE

from addons.core.model import DialectName
from harness.process import RouterProcess
from harness.upstream import FakeUpstream

MODELS = (THINKERS, SAMPLERS, BUDGETED, FREE, REFUSING)
ROWS = [row for rows in TABLE.values() for row in rows]
MODES = {True: "stream", False: "whole"}
CELLS = [
    pytest.param(row, client, provider, streamed, id=f"{row.key}-{client}-{provider}-{MODES[streamed]}")
    for row in ROWS
    for client in DIALECTS
    for provider in DIALECTS
    for streamed in row.modes
    if row.outcome(client, provider) is not Outcome.NONE
]


@pytest.fixture(scope="module")
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as it:
        yield it


@pytest.fixture(scope="module")
async def sdks(upstream: FakeUpstream) -> AsyncIterator[Mapping[DialectName, Client]]:
    providers = [
        {
            "id": f"p-{name}",
            "baseUrl": upstream.url,
            "apiKey": "k",
            "format": str(name),
            "models": sorted({models[name] for models in MODELS if name in models}),
        }
        for name in DIALECTS
    ]
    env = {"LLM_ROUTER_ORIGIN_RETRY_ATTEMPTS": "1"}
    async with RouterProcess({"version": 2, "providers": providers}, "--debug", env=env) as router:
        clients = {name: make(router.url) for name, make in CLIENTS.items()}
        yield clients
        for client in clients.values():
            await client.close()


@pytest.mark.parametrize(("row", "client", "provider", "streamed"), CELLS)
async def test_cell(
    sdks: Mapping[DialectName, Client],
    upstream: FakeUpstream,
    row: Row,
    client: DialectName,
    provider: DialectName,
    streamed: bool,
) -> None:
    cell = Cell(client, provider, streamed, sdks[client], upstream)
    assert await _tried(row, cell) is row.outcome(client, provider)


async def _tried(row: Row, cell: Cell) -> Outcome:
    try:
        return await BEHAVIOURS[row.key](cell)
    except Failure as failure:
        if refused(failure, cell.upstream):
            return Outcome.REFUSED
        raise
