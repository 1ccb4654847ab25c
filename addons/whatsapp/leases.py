"""One worker at a time per sender, across threads, processes and machines."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.database import add_row
from billing.tables import leases

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection


class Scope(str, Enum):
    """What a lease gives the right to."""

    TURN = "turn"
    """Computing the sender's next turn."""
    DELIVERY = "delivery"
    """Sending the sender the next message."""


class LeaseLost(Exception):
    """Somebody else has taken the lease since: whatever was done under it must not be written."""


@dataclass(frozen=True)
class Lease:
    """The right to work for a sender until it ends or is taken.

    Attributes:
        sender_id: For whom.
        fence: Grows each time the lease is taken. Every write under the lease checks it in its own
            transaction, so a holder that slept through its end writes nothing.
    """

    sender_id: str
    fence: int


class Leases:
    """Leases in the database that the guarded rows are in, so that one transaction covers both.

    Args:
        scope: What these leases are for.
        seconds: How long one lasts unless it is kept. A holder that died is replaced after that time.
        clock: Seconds since the epoch. Clocks that disagree cost a lease, never a fence.
    """

    def __init__(self, scope: Scope, *, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self.seconds = seconds
        self._scope = scope.value
        self._clock = clock

    def take(self, connection: Connection, sender_id: str) -> Lease | None:
        """Take the sender's lease if it is free.

        Args:
            connection: In a transaction; nobody else can take the lease before it ends.
            sender_id: For whom.

        Returns:
            None while somebody holds it.
        """
        now = self._clock()
        row = self._row(sender_id)
        taken = connection.execute(
            sa.update(leases)
            .where(*row, leases.c.until <= now)
            .values(fence=leases.c.fence + 1, until=now + self.seconds)
        )
        if taken.rowcount == 0:
            first = {"scope": self._scope, "sender_id": sender_id, "fence": 1, "until": now + self.seconds}
            return Lease(sender_id, fence=1) if add_row(connection, leases, first) else None
        fence = connection.execute(sa.select(leases.c.fence).where(*row)).scalar_one()
        return Lease(sender_id, fence)

    def keep(self, connection: Connection, lease: Lease) -> None:
        """Prove that the lease still holds, and lengthen it.

        Call it first in a transaction: from here to its end nobody can take the lease.

        Raises:
            LeaseLost: When somebody else took it.
        """
        self._set_end(connection, lease, self._clock() + self.seconds)

    def give_back(self, connection: Connection, lease: Lease, *, delay: float = 0.0) -> None:
        """End the lease, proving first that it still holds.

        Args:
            connection: In a transaction; call it first there.
            lease: What `take` gave.
            delay: Seconds during which nobody may take it, the present holder included.

        Raises:
            LeaseLost: When somebody else took it.
        """
        self._set_end(connection, lease, self._clock() + delay)

    def remaining(self, connection: Connection, sender_id: str) -> float:
        """Seconds until the sender's lease can be taken."""
        until = connection.execute(sa.select(leases.c.until).where(*self._row(sender_id))).scalar()
        return max(0.0, (until or 0.0) - self._clock())

    def _row(self, sender_id: str) -> tuple[sa.sql.ColumnElement[sa.Boolean], ...]:
        return leases.c.scope == self._scope, leases.c.sender_id == sender_id

    def _set_end(self, connection: Connection, lease: Lease, until: float) -> None:
        held = connection.execute(
            sa.update(leases)
            .where(*self._row(lease.sender_id), leases.c.fence == lease.fence)
            .values(until=until)
        )
        if held.rowcount != 1:
            raise LeaseLost
