"""No table is forgotten by those who export, erase and rotate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing import tables
from billing.privacy import inventory

if TYPE_CHECKING:
    from tests.privacy.conftest import World

GROUPS = (inventory.BY_SENDER, inventory.BY_KEY, inventory.PSEUDONYMOUS, inventory.OF_NOBODY)


def unclassified(metadata: sa.MetaData) -> set[str]:
    """Tables that stand in no group."""
    known = {table.name for group in GROUPS for table in group}
    return set(metadata.tables) - known


def unnamed_columns(metadata: sa.MetaData, name: str, tables: Any) -> set[str]:
    """Tables with a column of that name that stand elsewhere."""
    return {table.name for table in metadata.tables.values() if name in table.c} - {
        table.name for table in tables
    }


def test_a_table_that_nobody_has_classified_is_found() -> None:
    other = sa.MetaData()
    sa.Table("notes", other, sa.Column("sender_id", sa.Text), sa.Column("document_index", sa.Text))

    assert unclassified(other) == {"notes"}
    assert unnamed_columns(other, "sender_id", inventory.BY_SENDER) == {"notes"}


def test_every_table_is_in_one_group() -> None:
    assert unclassified(tables.metadata) == set()
    assert sum(map(len, GROUPS)) == len(tables.metadata.tables)


def test_every_table_that_names_somebody_is_searched_by_it() -> None:
    assert unnamed_columns(tables.metadata, "sender_id", inventory.BY_SENDER) == set()
    assert unnamed_columns(tables.metadata, "document_index", inventory.BY_DOCUMENT) == set()


def test_the_tests_fill_every_table(world: World) -> None:
    of_nobody = {table.name for table in inventory.OF_NOBODY}
    assert {name for name, count in world.counts().items() if not count} == of_nobody


def test_what_looks_sealed_is_listed_and_what_is_listed_is_sealed(world: World) -> None:
    listed = {(each.column.table.name, each.column.name) for each in inventory.SEALED}
    mark = world.vault.newest_mark
    found = set()
    for table in tables.metadata.tables.values():
        for row in world.rows(table):
            for name, value in row._mapping.items():
                if isinstance(value, bytes) or str(value).startswith(mark):
                    found.add((table.name, name))
    assert found == listed - {("inbox", "content")}, "answered messages are blank"


def test_nothing_of_anybody_is_readable(world: World) -> None:
    everything = " ".join(str(world.rows(table)) for table in tables.metadata.tables.values())
    for said in ("Maria", "987654321", "912345678", "529982", "boleto-", "quero", "protocolo de", "%PDF"):
        assert said not in everything
