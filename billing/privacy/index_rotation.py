"""Moving everything to a new index key, while nothing else writes.

A sender's hash is the name of the conversation in every table and the place that its rows are sealed for. The
address behind it is kept sealed, so every name can be made anew. A document is kept nowhere: what only its
hash tells is removed, and comes again with the next identification. The audit stays as it was written; the
keys it hangs on come from the oldest index key, and a person is looked for under all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.privacy.inventory import BY_DOCUMENT, BY_SENDER, SEALED
from billing.privacy.senders import forget
from billing.tables import contacts, inbox, leases, outbox, place, write_claims

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine, Row

    from billing.vault import Vault

OPEN = ("waiting", "sending", "unknown")


class StillServing(Exception):
    """Something waits for its answer or its delivery, and claims of it would be lost."""


def rotate_index(engine: Engine, vault: Vault, now: float) -> Counter[str]:
    """Give every sender the name that the present index key makes. Blocks; all of it is one transaction.

    Args:
        engine: Database with the project's tables, which nobody else writes into.
        vault: With the present index key, and the ones before it.
        now: Seconds since the epoch.

    Returns:
        How many rows of each table were moved. A second time there is nothing to move.

    Raises:
        StillServing: When the bot is at work, or was stopped in the midst of something; nothing is changed.
    """
    moved: Counter[str] = Counter()
    with engine.begin() as connection:
        _require_quiet(connection, now)
        rows = connection.execute(sa.select(contacts)).all()
        names = {row.sender_id: vault.index("address", _address(vault, row)) for row in rows}
        strangers = _senders(connection) - set(names)
        old = {before: after for before, after in names.items() if before != after}
        if not old and not strangers:
            return moved
        for table in BY_DOCUMENT:
            connection.execute(sa.delete(table))
        connection.execute(sa.delete(write_claims))
        connection.execute(sa.delete(leases))
        for sender_id in strangers:
            # Without an address nobody can be answered, and no new name can be made.
            forget(connection, vault, sender_id)
        for before, after in old.items():
            moved += _rename(connection, vault, before, after)
    return +moved


def _rename(connection: Connection, vault: Vault, before: str, after: str) -> Counter[str]:
    moved: Counter[str] = Counter()
    sealed = {each.column.table: each.column for each in SEALED if each.owner.name == "sender_id"}
    for table in BY_SENDER:
        (key, *_) = table.primary_key
        mine = table.c.sender_id == before
        if table in sealed:
            column = sealed[table]
            for row in connection.execute(
                sa.select(key.label("key"), column.label("content")).where(mine)
            ).all():
                if row.content:
                    text = vault.open(row.content, place(column, before))
                    anew = {column.name: vault.seal(text, place(column, after))}
                    connection.execute(sa.update(table).where(mine, key == row.key).values(anew))
        moved[table.name] += connection.execute(sa.update(table).where(mine).values(sender_id=after)).rowcount
    return moved


def _address(vault: Vault, row: Row) -> str:
    return vault.open(row.address, place(contacts.c.address, row.sender_id))


def _senders(connection: Connection) -> set[str]:
    each = [sa.select(table.c.sender_id) for table in BY_SENDER if table is not leases]
    return set(connection.execute(sa.union(*each)).scalars())


def _require_quiet(connection: Connection, now: float) -> None:
    for busy in (
        sa.select(inbox.c.arrival).where(inbox.c.state == "waiting"),
        sa.select(outbox.c.position).where(outbox.c.state.in_(OPEN)),
        sa.select(leases.c.sender_id).where(leases.c.until > now),
    ):
        if connection.execute(busy.limit(1)).first() is not None:
            raise StillServing
