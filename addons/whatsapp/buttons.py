"""Buttons that were offered to a person, and only to them.

What a touched button sends back is written by whoever posts the message, so it opens nothing by itself: it is
looked up among what was offered in the same conversation.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.tables import button_offers, place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Engine

    from billing.vault import Vault

OFFER_SECONDS = 24 * 3600.0
"""As long as WhatsApp lets us answer without a new message of the person."""


class ButtonOffers:
    """The allow-list.

    Args:
        engine: Database with the project's tables.
        vault: Seals the texts.
        clock: Seconds since the epoch.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock

    def offer(self, sender_id: str, payloads: Sequence[str]) -> tuple[str, ...]:
        """Remember what is offered.

        Args:
            sender_id: To whom.
            payloads: What each button says, in words.

        Returns:
            An unguessable id for each, in the given order.
        """
        expires_at = self._clock() + OFFER_SECONDS
        rows = [
            {
                "id": secrets.token_hex(16),
                "sender_id": sender_id,
                "payload": self._vault.seal(payload, place(button_offers.c.payload, sender_id)),
                "expires_at": expires_at,
            }
            for payload in payloads
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(button_offers), rows)
        return tuple(str(row["id"]) for row in rows)

    def text_of(self, sender_id: str, button_id: str) -> str | None:
        """What the button says that was offered to this sender; None for every other id."""
        wanted = sa.select(button_offers).where(
            button_offers.c.id == button_id, button_offers.c.sender_id == sender_id
        )
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None or row.expires_at <= self._clock():
            return None
        return self._vault.open(row.payload, place(button_offers.c.payload, sender_id))

    def purge(self) -> int:
        """Delete what has expired; returns how many offers that were."""
        expired = sa.delete(button_offers).where(button_offers.c.expires_at <= self._clock())
        with self._engine.begin() as connection:
            return int(connection.execute(expired).rowcount)
