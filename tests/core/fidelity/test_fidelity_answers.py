"""Every cell of the answers' half of the fidelity table against the real translation. Promise 22."""

from typing import Any

import pytest

from addons.core.accumulate import fold
from addons.core.fidelity.outcomes import Kind, Outcome
from addons.core.fidelity.rows import Row
from addons.core.fidelity.tables import ANSWERS
from addons.core.model import DialectName, Loss, Message, Request, Text
from addons.core.unshown import PREFIX, unshown
from addons.dialects import DIALECTS
from harness.fidelity import count, expected

CASES = [
    pytest.param(table.dialect, row, client, outcome, id=f"{table.dialect}-{n}-{row.field}-{client}-{k}")
    for table in ANSWERS
    for n, (_, row) in enumerate(table.rows)
    for client, cell in row.cells.items()
    if client is not table.dialect
    for k, outcome in enumerate(cell)
]


def losses(provider: DialectName, client: DialectName, body: dict[str, Any]) -> set[Loss]:
    """What the client is told that it does not see: the same of a stream as of a whole answer."""
    events = DIALECTS[provider].parse_response(body)
    encoder = DIALECTS[client].encoder(Request(client, "asked", (Message("user", (Text("Hi"),)),)), "asked")
    for event in events:
        encoder.feed(event)
    assert encoder.losses == unshown(client, fold(events))
    return set(encoder.losses)


def _is_about(row: Row, loss: Loss) -> bool:
    path = loss.path.removeprefix(PREFIX)
    return any(path == name or path.startswith(f"{name}.") for name in row.loss or (row.field,))


@pytest.mark.parametrize(("provider", "row", "client", "outcome"), CASES)
def test_what_the_client_does_not_see_is_told_and_nothing_else(
    provider: DialectName, row: Row, client: DialectName, outcome: Outcome
) -> None:
    """Promise 22: no row of the table is lost in silence."""
    if outcome.kind is Kind.FAILED:
        return
    found = losses(provider, client, row.sample) - losses(provider, client, row.base)
    assert any(_is_about(row, loss) for loss in found) is outcome.told, found
    assert all(_is_about(row, loss) for loss in found), found


def told(provider: DialectName, client: DialectName, body: dict[str, Any]) -> dict[str, Any]:
    """What the client sees of the provider's answer `body`."""
    answer = fold(DIALECTS[provider].parse_response(body))
    request = Request(client, "asked", (Message("user", (Text("Hi"),)),))
    return dict(DIALECTS[client].render_response(answer, request, "asked"))


@pytest.mark.parametrize(("provider", "row", "client", "outcome"), CASES)
def test_a_member_of_an_answer_becomes_what_the_table_says(
    provider: DialectName, row: Row, client: DialectName, outcome: Outcome
) -> None:
    error = fold(DIALECTS[provider].parse_response(row.sample)).error
    assert (error is not None) == (outcome.kind is Kind.FAILED), error
    if error is not None:
        return
    base, sample = told(provider, client, row.base), told(provider, client, row.sample)
    if outcome.kind in (Kind.LOST, Kind.HANDLED):
        assert sample == base
        return
    path, value = outcome.to or row.field, expected(row, outcome)
    assert count(sample, path, value) > count(base, path, value), f"{path} {value}: {sample}"
