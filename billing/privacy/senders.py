"""One sender's rows: when there was news last, removing the old ones, removing all.

Whoever removes holds the sender's leases, so that no turn is computed on what is being removed.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing.privacy.inventory import BY_SENDER
from billing.tables import contacts, events, inbox, leases, media, outbox, place
from billing.vault import Unreadable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from billing.vault import Vault

SEEN = (
    (events, events.c.timestamp),
    (inbox, inbox.c.received_at),
    (outbox, outbox.c.created_at),
    (contacts, contacts.c.created_at),
)
"""Tables that tell when there was news of a sender."""

SESSION_STARTED = "session_started"
"""Rasa's event at the beginning of a session; what stands before the last one is never read again."""


def senders_before(connection: Connection, moment: float, after: str, limit: int) -> list[str]:
    """Senders who have rows from before a moment.

    Args:
        connection: Of the project's database.
        moment: In seconds since the epoch.
        after: Only senders that sort behind this one; blank for all.
        limit: How many at most.

    Returns:
        In order.
    """
    each = [
        sa.select(table.c.sender_id).where(time < moment, table.c.sender_id > after) for table, time in SEEN
    ]
    everyone = sa.union(*each).subquery()
    query = sa.select(everyone.c.sender_id).order_by(everyone.c.sender_id).limit(limit)
    return list(connection.execute(query).scalars())


def hold_back_news(connection: Connection, sender_id: str) -> None:
    """Let no message of a sender be kept before the transaction ends: keeping one writes the contact too."""
    mine = contacts.c.sender_id == sender_id
    connection.execute(sa.update(contacts).where(mine).values(proof=contacts.c.proof))


def last_seen(connection: Connection, sender_id: str) -> float:
    """When there was news of a sender last, in seconds since the epoch; 0 for somebody unknown."""
    latest = [
        connection.execute(sa.select(sa.func.max(time)).where(table.c.sender_id == sender_id)).scalar()
        for table, time in SEEN
    ]
    return max((float(moment) for moment in latest if moment is not None), default=0.0)


def trim(connection: Connection, sender_id: str, moment: float) -> Counter[str]:
    """Remove a sender's rows from before a moment, but nothing of the conversation that goes on.

    Args:
        connection: In a transaction that holds the sender's leases.
        sender_id: Whose.
        moment: In seconds since the epoch.

    Returns:
        How many rows of each table went.
    """
    session = (
        sa.select(sa.func.max(events.c.timestamp))
        .where(events.c.sender_id == sender_id, events.c.type_name == SESSION_STARTED)
        .scalar_subquery()
    )
    old = {
        events: (events.c.timestamp < moment) & (events.c.timestamp < session),
        inbox: (inbox.c.received_at < moment) & (inbox.c.state == "done"),
        outbox: (outbox.c.created_at < moment) & outbox.c.state.in_(("accepted", "refused", "too_late")),
    }
    gone: Counter[str] = Counter()
    for table, condition in old.items():
        gone[table.name] += _delete(connection, table, (table.c.sender_id == sender_id) & condition)
    return +gone


def forget(connection: Connection, vault: Vault, sender_id: str) -> Counter[str]:
    """Remove everything of a sender.

    Args:
        connection: In a transaction that holds the sender's leases, which go too.
        vault: Opens the messages, to find the files that belong to them.
        sender_id: Whose.

    Returns:
        How many rows of each table went, leases left out.
    """
    gone: Counter[str] = Counter()
    for media_id in media_of(connection, vault, sender_id):
        gone[media.name] += _delete(connection, media, media.c.id == media_id)
    for table in BY_SENDER:
        gone[table.name] += _delete(connection, table, table.c.sender_id == sender_id)
    # The caller's own leases are among them: they tell of no work but this.
    del gone[leases.name]
    return +gone


def media_of(connection: Connection, vault: Vault, sender_id: str) -> list[str]:
    """Ids of the files that were sent to a sender, whether they are still kept or not."""
    rows = connection.execute(sa.select(outbox.c.content).where(outbox.c.sender_id == sender_id)).scalars()
    found = []
    for content in rows.all():
        with suppress(Unreadable):
            found.append(json.loads(vault.open(content, place(outbox.c.content, sender_id)))["media_id"])
    return [media_id for media_id in found if media_id]


def _delete(connection: Connection, table: sa.Table, condition: sa.sql.ColumnElement[Any]) -> int:
    return int(connection.execute(sa.delete(table).where(condition)).rowcount)
