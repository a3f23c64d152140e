"""Every cell of the fidelity table against the real renderings. Promise 22."""

import pytest
from clients import checks

from addons.core.fidelity.outcomes import Kind, Outcome
from addons.core.fidelity.rows import Place, Row, Section
from addons.core.fidelity.tables import TABLES
from addons.core.model import DialectName, Loss
from harness.fidelity import (
    Seen,
    count,
    expected,
    new_losses,
    plain,
    request_body,
    seen,
)

# what the strict providers look at besides the body
HEADERS = {
    "anthropic-version": "2023-06-01",
    "x-goog-api-key": "k",
    ":path": "/v1beta/models/m:generateContent",
}
CASES = [
    pytest.param(table.dialect, section, row, target, outcome, id=f"{table.dialect}-{n}-{row.field}-{target}-{k}")
    for table in TABLES
    for n, (section, row) in enumerate(table.rows)
    for target, cell in row.cells.items()
    if target is not table.dialect
    for k, outcome in enumerate(cell)
]


def _names(row: Row, loss: Loss, section: Section) -> bool:
    """Whether the loss is about the row's field. What is lost with a whole block may be told under the path of the
    message; a member of a block is named itself."""
    path = plain(loss.path)
    for wanted in row.loss or (row.field,):
        if path == wanted or path.startswith((f"{wanted}.", f"{wanted}[")) or wanted.startswith(f"{path}."):
            return True
    if section.place is Place.MEMBER or row.loss:
        return False
    return row.base is None or path.endswith(f".{row.field.rpartition('.')[2]}")


@pytest.mark.parametrize(("client", "section", "row", "target", "outcome"), CASES)
def test_a_field_becomes_what_the_table_says(
    client: DialectName, section: Section, row: Row, target: DialectName, outcome: Outcome
) -> None:
    """Promise 22."""
    base, sample = (
        seen(client, target, request_body(client, section, row, value), outcome.model)
        for value in (row.base, row.sample)
    )
    assert checks.problem(target, sample.body, HEADERS) is None
    losses = new_losses(base, sample)
    told = [loss for loss in losses if _names(row, loss, section)]
    what = f"{losses} {sample.body}"
    assert bool(told) == outcome.told, what
    assert any(loss.content for loss in losses) == outcome.content, what
    assert not losses or outcome.kind is not Kind.HANDLED, what
    if outcome.kind in (Kind.LOST, Kind.HANDLED):
        assert sample.body == base.body, what
    else:
        _stands(row, outcome, base, sample)


def _stands(row: Row, outcome: Outcome, base: Seen, sample: Seen) -> None:
    path, value = outcome.to or row.field, expected(row, outcome)
    assert count(sample.body, path, value) > count(base.body, path, value), f"{path} {value}: {sample.body}"
