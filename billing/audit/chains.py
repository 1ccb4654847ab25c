"""Chains of rows: each carries the HMAC of the one before, and a sealed checkpoint counts them.

A chain belongs to one process and one day, so that replicas never wait for each other and old days can go
while their checkpoints stay. The checkpoint is renewed in the transaction of every row, not only at the
day's end: a killed process then leaves a chain whose end is as certain as any other. Chains are numbered
in the order of their opening, so that a whole chain cannot vanish either, but the last one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from billing.tables import audit_chains, audit_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from sqlalchemy.engine import Engine
    from sqlalchemy.engine import Row as Record

    from billing.vault import Vault

OPENING_TRIES = 50
"""How often a number is tried for a new chain while other processes open theirs."""


class AuditFailed(Exception):
    """The row could not be written, so what it would have told of must not happen."""


@dataclass(frozen=True)
class Row:
    """What a row says; the order of the fields is the order under the HMAC.

    Attributes:
        at: Seconds since the epoch.
        sender: Pseudonym of who wrote.
        document: Pseudonym of the customer that it is about; empty while nobody is known.
        action: What was done or tried.
        step: How far it came.
        outcome: How it ended; may be empty.
        details: Sealed with the customer's key, or with the sender's while nobody is known.
    """

    at: float
    sender: str
    document: str
    action: str
    step: str
    outcome: str
    details: str


@dataclass(frozen=True)
class Checkpoint:
    """Where a chain stands; the order of the fields is the order under the seal.

    Attributes:
        number: Position among all chains, from 1.
        chain: Name of the chain.
        day: ISO date in the provider's zone.
        length: How many rows it has.
        last_mac: HMAC of the last one; of the opening while there is none.
        dropped_at: When its rows were removed on purpose, in seconds since the epoch.
    """

    number: int
    chain: str
    day: str
    length: int
    last_mac: str
    dropped_at: float | None = None


class Macs:
    """Makes the HMACs, under a key of their own.

    Args:
        vault: Gives the key.
    """

    def __init__(self, vault: Vault) -> None:
        self._key = vault.derive("audit chains")

    def opening(self, chain: str) -> str:
        """What the first row of a chain carries as the row before it."""
        return self._mac("opening", chain)

    def row(self, chain: str, previous: str, row: Row) -> str:
        """HMAC of a row in its chain after the row with the HMAC `previous`."""
        return self._mac("row", chain, previous, *astuple(row))

    def holds(self, record: Record) -> bool:
        """Whether a row of the database is as it was written; says nothing of its place."""
        content = Row(
            record.at,
            record.sender,
            record.document,
            record.action,
            record.step,
            record.outcome,
            record.details,
        )
        return self.row(record.chain, record.previous, content) == str(record.mac)

    def seal(self, checkpoint: Checkpoint) -> str:
        """HMAC of a checkpoint."""
        return self._mac("checkpoint", *astuple(checkpoint))

    def _mac(self, *fields: object) -> str:
        return hmac.new(self._key, json.dumps(fields).encode(), hashlib.sha256).hexdigest()


class ChainWriter:
    """Appends rows to this process's chain of the day; threads take turns.

    Args:
        engine: Database with the project's tables.
        macs: Makes the HMACs.
        zone: The provider's, in which days change.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, engine: Engine, macs: Macs, *, zone: tzinfo, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._macs = macs
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        self._standing: Checkpoint | None = None

    def append(
        self, *, sender: str, document: str, action: str, step: str, outcome: str, details: str
    ) -> None:
        """Write one row; when this returns, it is committed. Arguments as in `Row`.

        Raises:
            AuditFailed: When somebody else has changed the chain.
            sqlalchemy.exc.DBAPIError: When the database failed; the row may be there or not.
        """
        with self._lock:
            now = self._clock()
            day = datetime.fromtimestamp(now, self._zone).date().isoformat()
            standing = self._standing
            # Whatever fails from here on leaves it uncertain where this chain ends: then another is begun.
            self._standing = None
            if standing is None or standing.day != day:
                standing = self._begin(day)
            self._standing = self._write(standing, Row(now, sender, document, action, step, outcome, details))

    def _begin(self, day: str) -> Checkpoint:
        chain = secrets.token_hex(16)
        for _ in range(OPENING_TRIES):
            try:
                with self._engine.begin() as connection:
                    last = connection.execute(sa.select(sa.func.max(audit_chains.c.number))).scalar_one()
                    begun = Checkpoint((last or 0) + 1, chain, day, 0, self._macs.opening(chain))
                    connection.execute(sa.insert(audit_chains).values(_sealed(begun, self._macs)))
            except IntegrityError:
                continue
            return begun
        raise AuditFailed("no number was free for a new chain")

    def _write(self, standing: Checkpoint, row: Row) -> Checkpoint:
        mac = self._macs.row(standing.chain, standing.last_mac, row)
        longer = replace(standing, length=standing.length + 1, last_mac=mac)
        with self._engine.begin() as connection:
            moved = connection.execute(
                sa.update(audit_chains)
                .where(audit_chains.c.number == standing.number)
                .where(audit_chains.c.seal == self._macs.seal(standing))
                .values(_sealed(longer, self._macs))
            )
            if moved.rowcount != 1:
                raise AuditFailed("the checkpoint of this process's chain is not what it was")
            connection.execute(
                sa.insert(audit_rows).values(
                    chain=standing.chain,
                    position=longer.length,
                    previous=standing.last_mac,
                    mac=mac,
                    **vars(row),
                )
            )
        return longer


def _sealed(checkpoint: Checkpoint, macs: Macs) -> dict[str, object]:
    return {**vars(checkpoint), "seal": macs.seal(checkpoint)}
