"""Every field that a vendor's SDK knows has a row: a new one shows up here."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from addons.core.fidelity.rows import Table
from addons.core.fidelity.tables import ANSWERS, TABLES
from harness.vendor_answers import MEMBERS
from harness.vendor_fields import FIELDS


def _known(table: Table) -> Iterator[str]:
    for _, row in table.rows:
        yield row.field.partition(" ")[0]
        # a row of one value of a field
        yield f"{row.field}={row.note.strip('`')}"
        yield from row.also


def _missing(table: Table, fields: set[str]) -> list[str]:
    assert len(fields) > 10
    known = set(_known(table))
    return sorted(field for field in fields - known if not any(fnmatchcase(field, pattern) for pattern in known))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.dialect))
def test_every_field_of_the_vendor_has_a_row(table: Table) -> None:
    """Promise 22."""
    assert _missing(table, set(FIELDS[table.dialect]())) == []


@pytest.mark.parametrize("table", ANSWERS, ids=lambda table: str(table.dialect))
def test_every_member_of_an_answer_has_a_row(table: Table) -> None:
    """Promise 22."""
    assert _missing(table, set(MEMBERS[table.dialect]())) == []
