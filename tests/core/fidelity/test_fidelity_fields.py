"""Every field that a vendor's SDK knows has a row: a new one shows up here."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from addons.core.fidelity.rows import Table
from addons.core.fidelity.tables import TABLES
from harness.vendor_fields import FIELDS


def _known(table: Table) -> Iterator[str]:
    for _, row in table.rows:
        yield row.field.partition(" ")[0]
        yield from row.also


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.dialect))
def test_every_field_of_the_vendor_has_a_row(table: Table) -> None:
    """Promise 22."""
    known = set(_known(table))
    fields = set(FIELDS[table.dialect]())
    unknown = fields - known
    missing = sorted(field for field in unknown if not any(fnmatchcase(field, pattern) for pattern in known))
    assert missing == []
    assert len(fields) > 10
