"""Who is behind a conversation: the channel address, kept sealed under a keyed hash."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.database import put_row
from billing.tables import contacts, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection, Engine

    from billing.vault import Vault


class Proof(str, Enum):
    """What vouches for an address being the sender's own."""

    CHANNEL = "channel"
    """A signed webhook of the messaging channel."""
    DEMO = "demo"
    """A demo customer of `make run`; worth something only with the sandbox SGP."""
    OPERATOR = "operator"
    """An operator who showed the administration token in the shell; ends after an hour."""


class ContactBook:
    """Maps Rasa's `sender_id` to the address it was made from.

    Args:
        engine: Database with the project's tables.
        vault: Seals addresses and makes sender ids.
        demo_allowed: Whether demo records count (only with the sandbox SGP).
        clock: Seconds since the epoch.
    """

    def __init__(
        self, engine: Engine, vault: Vault, *, demo_allowed: bool, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._demo_allowed = demo_allowed
        self._clock = clock

    def remember(self, address: str, proof: Proof, *, lifetime: float | None = None) -> str:
        """Keep an address whose owner was proven.

        Args:
            address: As the channel writes it, like `whatsapp:+5511987654321`.
            proof: What proved it.
            lifetime: Seconds until the record ends; None keeps it.

        Returns:
            The sender id: a keyed hash that tells nothing about the address.
        """
        with self._engine.begin() as connection:
            return self.write(connection, address, proof, lifetime=lifetime)

    def write(
        self, connection: Connection, address: str, proof: Proof, *, lifetime: float | None = None
    ) -> str:
        """`remember`, as a part of the caller's transaction."""
        sender_id = self.sender_id(address)
        now = self._clock()
        row = {
            "sender_id": sender_id,
            "address": self._vault.seal(address, place(contacts.c.address, sender_id)),
            "proof": proof.value,
            "created_at": now,
            "expires_at": None if lifetime is None else now + lifetime,
        }
        put_row(connection, contacts, row)
        return sender_id

    def sender_id(self, address: str) -> str:
        """The sender id that `address` has, remembered or not."""
        return self._vault.index("address", address)

    def address_of(self, sender_id: str) -> str | None:
        """The address behind `sender_id`, or None when nothing valid vouches for one."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(contacts).where(contacts.c.sender_id == sender_id)).first()
        if row is None:
            return None
        if row.expires_at is not None and row.expires_at <= self._clock():
            return None
        if row.proof == Proof.DEMO.value and not self._demo_allowed:
            return None
        return self._vault.open(row.address, place(contacts.c.address, sender_id))
