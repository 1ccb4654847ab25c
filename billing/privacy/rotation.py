"""Moving everything to the newest encryption key while the bot serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing.privacy.inventory import SEALED
from billing.tables import place
from billing.vault import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Engine, Row

    from billing.privacy.inventory import Sealed
    from billing.vault import Vault

BATCH = 50
"""Rows of one transaction: some 25 ms on SQLite, so that a turn hardly waits for it."""


@dataclass(frozen=True)
class Progress:
    """Where a column stands.

    Attributes:
        name: Like `events.data`.
        moved: Rows that are under the newest key now and were not before.
        left: Rows that are not: written meanwhile by a process that does not have the key, or unreadable.
        unreadable: Of those, the ones that no key opens.
    """

    name: str
    moved: int
    left: int
    unreadable: int


def rotate(engine: Engine, vault: Vault) -> Iterator[Progress]:
    """Seal every row anew that an older key has sealed.

    May be stopped and begun again at any moment: what is done is found by the mark of the key. A row that
    somebody writes meanwhile stays as they wrote it.

    Args:
        engine: Database with the project's tables.
        vault: Its newest key is where everything goes; its others open what is there.

    Yields:
        Each column's state after every batch, and at its end.
    """
    for sealed in SEALED:
        yield from _rotate_column(engine, vault, sealed)


def left(engine: Engine, vault: Vault) -> dict[str, int]:
    """How many rows each column has that are not under the newest key; columns without such are left out."""
    counts = {}
    with engine.connect() as connection:
        for sealed in SEALED:
            query = sa.select(sa.func.count()).select_from(sealed.column.table).where(_older(sealed, vault))
            if count := connection.execute(query).scalar_one():
                counts[_name(sealed)] = int(count)
    return counts


def _rotate_column(engine: Engine, vault: Vault, sealed: Sealed) -> Iterator[Progress]:
    (key,) = sealed.column.table.primary_key
    moved = unreadable = 0
    after: list[Any] = []
    while True:
        query = (
            sa.select(key.label("key"), sealed.owner.label("owner"), sealed.column.label("content"))
            .where(_older(sealed, vault), *after)
            .order_by(key)
            .limit(BATCH)
        )
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            break
        done, bad = _move(engine, vault, sealed, key, rows)
        moved, unreadable = moved + done, unreadable + bad
        # Behind the last one, so that rows that cannot be moved are not met again.
        after = [key > rows[-1].key]
        yield Progress(_name(sealed), moved, 0, unreadable)
    yield Progress(_name(sealed), moved, left(engine, vault).get(_name(sealed), 0), unreadable)


def _move(
    engine: Engine, vault: Vault, sealed: Sealed, key: sa.Column[Any], rows: Sequence[Row]
) -> tuple[int, int]:
    """Seal these rows anew; returns how many were, and how many no key opens."""
    changes = [(row, fresh) for row in rows if (fresh := _sealed_anew(vault, sealed, row)) is not None]
    moved = 0
    with engine.begin() as connection:
        for row, fresh in changes:
            # Only if nobody has written it since it was read.
            unchanged = (key == row.key) & (sealed.column == row.content)
            change = sa.update(sealed.column.table).where(unchanged).values({sealed.column.name: fresh})
            moved += connection.execute(change).rowcount
    return moved, len(rows) - len(changes)


def _sealed_anew(vault: Vault, sealed: Sealed, row: Row) -> str | bytes | None:
    where = place(sealed.column, row.owner)
    try:
        if isinstance(row.content, bytes):
            return vault.seal_bytes(vault.open_bytes(row.content, where), where)
        return vault.seal(vault.open(row.content, where), where)
    except Unreadable:
        return None


def _older(sealed: Sealed, vault: Vault) -> sa.sql.ColumnElement[Any]:
    is_text = isinstance(sealed.column.type, sa.String)
    mark = vault.newest_mark if is_text else vault.newest_mark_bytes
    # An answered message's text is blank; NULL compares to nothing.
    return (sa.func.substr(sealed.column, 1, len(mark)) != mark) & (sa.func.length(sealed.column) > 0)


def _name(sealed: Sealed) -> str:
    return f"{sealed.column.table.name}.{sealed.column.name}"
