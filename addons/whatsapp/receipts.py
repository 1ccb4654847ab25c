"""What Twilio says of messages after it has taken them, and of which it says nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from addons.whatsapp.failures import Failed, settle_failure
from addons.whatsapp.outbox import ACCEPTED, SILENT_SECONDS
from addons.whatsapp.statuses import FAILED, advances
from billing.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Engine

    from billing.vault import Vault

FORGOTTEN_SECONDS = 3600.0
ON_ITS_WAY = ("accepted", "scheduled", "queued", "sending")
"""Statuses after which more must follow."""


@dataclass(frozen=True)
class Unheard:
    """A message that Twilio has accepted and then said nothing of.

    Attributes:
        outbox_id: Our name of it.
        twilio_sid: Twilio's.
    """

    outbox_id: str
    twilio_sid: str


Verdict = Literal["noted", "old", "failed", "fallback", "again", "unknown_message", "second_send"]
"""What a status callback means: a later status, one that came late or twice, a failure that is final, that is
answered with another format or with another try, a message that we did not send, or sent twice."""


@dataclass(frozen=True)
class Noted:
    """What came of a status callback.

    Attributes:
        verdict: What it means.
        sender_id: Whose message it is about; None when it is not ours.
    """

    verdict: Verdict
    sender_id: str | None = None


class Receipts:
    """Status callbacks.

    Args:
        engine: Database with the project's tables.
        vault: Seals what is said.
        clock: Seconds since the epoch.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock

    def note_status(self, outbox_id: str, twilio_sid: str, status: str, error_code: int | None) -> Noted:
        """Take one status callback; callbacks come late, twice and in any order. Blocks.

        Args:
            outbox_id: From the callback's address.
            twilio_sid: Twilio's id of the message.
            status: Twilio's word: queued, sent, delivered, read, failed, …
            error_code: Twilio's number of what went wrong, or None.

        """
        with self._engine.begin() as connection:
            # A write comes first: of two callbacks at once the second sees what the first has written.
            mine = connection.execute(
                sa.update(outbox)
                .where(
                    outbox.c.outbox_id == outbox_id,
                    outbox.c.twilio_sid.is_(None) | (outbox.c.twilio_sid == twilio_sid),
                )
                .values(twilio_sid=twilio_sid)
            ).rowcount
            row = connection.execute(sa.select(outbox).where(outbox.c.outbox_id == outbox_id)).first()
            if row is None:
                return Noted("unknown_message")
            if not mine:
                return Noted("second_send", row.sender_id)
            if not advances(row.status, status):
                return Noted("old", row.sender_id)
            if status in FAILED:
                failed = Failed(status, error_code, self._clock())
                return Noted(settle_failure(connection, self._vault, row, failed), row.sender_id)
            connection.execute(
                sa.update(outbox)
                .where(outbox.c.position == row.position)
                .values(status=status, state=ACCEPTED)
            )
            return Noted("noted", row.sender_id)

    def unheard(self, *, limit: int) -> list[Unheard]:
        """Messages that Twilio should be asked about, each time after a longer silence. Blocks."""
        now = self._clock()
        query = (
            sa.select(outbox)
            .where(
                outbox.c.state == ACCEPTED,
                outbox.c.status.is_(None) | outbox.c.status.in_(ON_ITS_WAY),
                outbox.c.twilio_sid.is_not(None),
                outbox.c.due_at <= now,
                outbox.c.sent_at > now - FORGOTTEN_SECONDS,
            )
            .order_by(outbox.c.due_at)
            .limit(limit)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(query).all()
            for row in rows:
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.position == row.position)
                    .values(due_at=now + max(SILENT_SECONDS, now - row.sent_at))
                )
        return [Unheard(row.outbox_id, row.twilio_sid) for row in rows]
