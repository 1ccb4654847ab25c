"""Unique claims on writes to the ERP: whoever finds one taken reads its outcome instead of calling."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from billing.tables import place, write_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy.engine import Connection, Engine, Row

    from billing.vault import Vault


KEYS_AT_ONCE = 500
"""Fewer than the variables that SQLite takes in one statement."""


@dataclass(frozen=True)
class Claim:
    """The right to do one write, or the news that somebody had it.

    Attributes:
        key: Keyed hash of message, operation and contract.
        mine: True for the one caller that may call the ERP.
        outcome: What the first caller recorded; None while it has not, so the outcome is unknown.
        claimed_at: When the first caller took it, in seconds since the epoch.
    """

    key: str
    mine: bool
    outcome: str | None
    claimed_at: float


class WriteClaims:
    """Claims kept in the database, so that they hold across processes and restarts.

    Args:
        engine: Database with the project's tables.
        vault: Makes the keys and seals the outcomes.
        clock: Seconds since the epoch.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock

    def take(self, message_id: str, operation: str, contract_id: str) -> Claim:
        """Claim a write for one incoming message.

        Args:
            message_id: Of the customer's message that asked for it.
            operation: "trust_unblock", "ticket:asked", …
            contract_id: SGP's number.
        """
        key = self._key(message_id, operation, contract_id)
        now = self._clock()
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    sa.insert(write_claims).values(claim=key, operation=operation, claimed_at=now)
                )
        except IntegrityError:
            with self._engine.connect() as connection:
                row = connection.execute(sa.select(write_claims).where(write_claims.c.claim == key)).one()
            outcome = None if row.outcome is None else self._open(row)
            return Claim(key, mine=False, outcome=outcome, claimed_at=row.claimed_at)
        return Claim(key, mine=True, outcome=None, claimed_at=now)

    def find(
        self, connection: Connection, message_ids: Iterable[str], contract_ids: Collection[str]
    ) -> list[Row]:
        """Claims that one of these messages, or none in particular, took for one of these contracts.

        Args:
            connection: Of the project's database.
            message_ids: Of a customer's messages.
            contract_ids: SGP's numbers.
        """
        operations = connection.execute(sa.select(write_claims.c.operation).distinct()).scalars().all()
        keys = [
            self._key(message_id, operation, contract_id)
            for message_id in ("", *message_ids)
            for operation in operations
            for contract_id in contract_ids
        ]
        found: list[Row] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = write_claims.c.claim.in_(keys[start : start + KEYS_AT_ONCE])
            found += connection.execute(sa.select(write_claims).where(some)).all()
        return found

    def release(self, claim: Claim) -> None:
        """Give a claim back whose write certainly did not happen, so that it can be asked for again."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(write_claims).where(write_claims.c.claim == claim.key))

    def settle(self, claim: Claim, outcome: str) -> None:
        """Record how the claimed write ended."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(write_claims)
                .where(write_claims.c.claim == claim.key)
                .values(outcome=self._vault.seal(outcome, place(write_claims.c.outcome, claim.key)))
            )

    def _key(self, message_id: str, operation: str, contract_id: str) -> str:
        return self._vault.index("claim", f"{message_id}\0{operation}\0{contract_id}")

    def _open(self, row: Row) -> str:
        return self._vault.open(row.outcome, place(write_claims.c.outcome, row.claim))
