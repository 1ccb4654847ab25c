"""What the bot has said and customers have not got yet, kept in the order in which it was said."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from addons.whatsapp.failures import WAITING, Failed, settle_failure
from addons.whatsapp.leases import LeaseLost
from addons.whatsapp.sealed_parts import open_part, seal_part
from addons.whatsapp.statuses import rank
from billing.database import add_row
from billing.tables import leases, outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection, Engine

    from addons.whatsapp.failures import Ending
    from addons.whatsapp.inbox import Inbox
    from addons.whatsapp.leases import Lease, Leases, Scope
    from addons.whatsapp.render import Part
    from billing.vault import Vault

SENDING, UNKNOWN, ACCEPTED, TOO_LATE = "sending", "unknown", "accepted", "too_late"
OPEN = (WAITING, SENDING, UNKNOWN)

WINDOW_SECONDS = 23 * 3600 + 50 * 60
"""WhatsApp takes free text for 24 hours after the customer's last message; ten minutes are for the way."""
MEDIA_SECONDS = 4.0
"""How long a message waits for the medium before it to be on the phone: the text would overtake it."""
SILENT_SECONDS = 15.0
"""After this long without a callback Twilio is asked; then after twice, four times as long, …"""
GRACE_SECONDS = 3.0
"""How long Twilio's status callback gets to tell that a send without an answer was taken after all."""


@dataclass(frozen=True)
class Outgoing:
    """A message whose turn it is, under the lease of its recipient.

    Attributes:
        position: Its place in the order of all messages.
        outbox_id: Unguessable name of it, which the status callback's address carries.
        sender_id: To whom.
        part: What to send.
        attempts: How often it was handed to Twilio, this time included.
        sent_at: When it was handed over last, in seconds since the epoch.
        doubtful: True when the last attempt had no answer, so that Twilio has to be asked before another.
        lease: The recipient's delivery lease.
    """

    position: int
    outbox_id: str
    sender_id: str
    part: Part
    attempts: int
    sent_at: float
    doubtful: bool
    lease: Lease


@dataclass(frozen=True)
class Later:
    """Nothing can be sent to this recipient yet.

    Attributes:
        seconds: How long to wait.
        woken: Whether an earlier status callback ends the wait.
    """

    seconds: float
    woken: bool = False


class Outbox:
    """Messages to customers, one after the other per recipient.

    Args:
        engine: Database with the project's tables.
        vault: Seals what is said.
        leases: Delivery leases.
        inbox: Tells when a customer wrote last.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        leases: Leases,
        inbox: Inbox,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._leases = leases
        self._inbox = inbox
        self._clock = clock

    def add(
        self, connection: Connection, sender_id: str, parts: Sequence[Part], *, once: str | None = None
    ) -> None:
        """Queue messages behind those that are there.

        Args:
            connection: In a transaction that holds the sender's turn lease.
            sender_id: To whom.
            parts: In the order in which they are to be read.
            once: Name under which they are queued at most once, or None.
        """
        now = self._clock()
        for number, part in enumerate(parts):
            row = {
                "outbox_id": secrets.token_hex(16),
                "sender_id": sender_id,
                "once": None if once is None else self._vault.index("once", f"{once}\0{number}"),
                "kind": part.kind,
                "content": seal_part(self._vault, part, sender_id),
                "state": WAITING,
                "created_at": now,
                "due_at": now,
                "attempts": 0,
            }
            add_row(connection, outbox, row)

    def ready_recipients(self, scope: Scope, *, limit: int) -> list[str]:
        """Recipients to whom nobody sends what is due, the longest waiting first. Blocks."""
        now = self._clock()
        held = (
            sa.select(leases.c.sender_id)
            .where(
                leases.c.scope == scope.value,
                leases.c.sender_id == outbox.c.sender_id,
                leases.c.until > now,
            )
            .exists()
        )
        query = (
            sa.select(outbox.c.sender_id)
            .where(outbox.c.state.in_(OPEN), outbox.c.due_at <= now, ~held)
            .group_by(outbox.c.sender_id)
            .order_by(sa.func.min(outbox.c.position))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def next_for(self, sender_id: str) -> Outgoing | Later | None:
        """Take the recipient's next message for sending. Blocks.

        The message is marked as being sent before it is: whoever finds the mark after a crash knows that
        Twilio may have it.

        Returns:
            The message; how long to wait; or None when nothing is left to send.
        """
        with self._engine.begin() as connection:
            if self._first(connection, sender_id) is None:
                return None
            lease = self._leases.take(connection, sender_id)
            if lease is None:
                return Later(self._leases.remaining(connection, sender_id))
            taken = self._take_first(connection, lease)
            if not isinstance(taken, Outgoing):
                self._leases.give_back(connection, lease)
            return taken

    def accepted(self, message: Outgoing, twilio_sid: str) -> bool:
        """Note that Twilio has taken a message, and end the lease. Blocks.

        A fact, so it is written whether the lease still holds or not.

        Returns:
            False when it had been taken once before: the customer gets it twice.
        """
        with self._engine.begin() as connection:
            first = connection.execute(
                sa.update(outbox)
                .where(
                    outbox.c.outbox_id == message.outbox_id,
                    outbox.c.twilio_sid.is_(None) | (outbox.c.twilio_sid == twilio_sid),
                )
                .values(
                    twilio_sid=twilio_sid,
                    state=sa.case((outbox.c.state.in_(OPEN), ACCEPTED), else_=outbox.c.state),
                    due_at=self._clock() + SILENT_SECONDS,
                )
            )
            with suppress(LeaseLost):
                self._leases.give_back(connection, message.lease)
            return bool(first.rowcount == 1)

    def retry(self, message: Outgoing, delay: float) -> None:
        """Give a message back that Twilio certainly has not; it comes again after `delay` seconds. Blocks.

        Raises:
            LeaseLost: When somebody else sends to this recipient now.
        """
        self._put_back(message, WAITING, self._clock() + delay)

    def doubt(self, message: Outgoing, delay: float = GRACE_SECONDS) -> None:
        """Give a message back that Twilio may have taken; it is asked for after `delay` seconds. Blocks.

        Raises:
            LeaseLost: When somebody else sends to this recipient now.
        """
        self._put_back(message, UNKNOWN, self._clock() + delay)

    def refuse(self, message: Outgoing, error_code: int | None) -> Ending:
        """Note that Twilio refuses a message, maybe put its fallback in its place, and end the lease. Blocks.

        Returns:
            "failed", "fallback" or "again".

        Raises:
            LeaseLost: When somebody else sends to this recipient now.
        """
        with self._engine.begin() as connection:
            self._leases.give_back(connection, message.lease)
            row = connection.execute(sa.select(outbox).where(outbox.c.position == message.position)).one()
            return settle_failure(connection, self._vault, row, Failed("failed", error_code, self._clock()))

    def send_again(self, message: Outgoing) -> Outgoing | None:
        """Take a doubtful message for another sending. Blocks.

        Returns:
            None when a status callback has settled it meanwhile.

        Raises:
            LeaseLost: When somebody else sends to this recipient now.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            self._leases.keep(connection, message.lease)
            taken = connection.execute(
                sa.update(outbox)
                .where(outbox.c.position == message.position, outbox.c.state == UNKNOWN)
                .values(state=SENDING, sent_at=now, attempts=outbox.c.attempts + 1)
            )
        if taken.rowcount != 1:
            return None
        return replace(message, attempts=message.attempts + 1, sent_at=now, doubtful=False)

    def known_sids(self, sender_id: str, since: float) -> frozenset[str]:
        """Twilio's ids of what a recipient was sent since a moment. Blocks."""
        query = sa.select(outbox.c.twilio_sid).where(
            outbox.c.sender_id == sender_id,
            outbox.c.created_at >= since,
            outbox.c.twilio_sid.is_not(None),
        )
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def counts(self) -> dict[str, int]:
        """How many messages are open, by state. Blocks."""
        query = (
            sa.select(outbox.c.state, sa.func.count().label("total"))
            .where(outbox.c.state.in_(OPEN))
            .group_by(outbox.c.state)
        )
        with self._engine.connect() as connection:
            return {row.state: row.total for row in connection.execute(query)}

    def _first(self, connection: Connection, sender_id: str) -> sa.engine.Row | None:
        query = (
            sa.select(outbox)
            .where(outbox.c.sender_id == sender_id, outbox.c.state.in_(OPEN))
            .order_by(outbox.c.position)
            .limit(1)
        )
        return connection.execute(query).first()

    def _take_first(self, connection: Connection, lease: Lease) -> Outgoing | Later | None:
        now = self._clock()
        while (row := self._first(connection, lease.sender_id)) is not None:
            if row.state == SENDING:
                # Whoever was sending it is gone, and may have been gone before or after Twilio took it.
                row = self._mark(connection, row, state=UNKNOWN, due_at=row.sent_at + GRACE_SECONDS)
            if row.due_at > now:
                return Later(row.due_at - now, woken=row.state == UNKNOWN)
            if row.state == WAITING:
                held_up = self._seconds_for_medium(connection, row, now)
                if held_up > 0:
                    return Later(held_up, woken=True)
                if self._window_is_closed(connection, lease.sender_id, now):
                    self._mark(connection, row, state=TOO_LATE)
                    continue
                self._mark(connection, row, state=SENDING, sent_at=now, attempts=row.attempts + 1)
                return self._outgoing(row, lease, attempts=row.attempts + 1, sent_at=now)
            return self._outgoing(row, lease, attempts=row.attempts, sent_at=row.sent_at)
        return None

    def _outgoing(self, row: sa.engine.Row, lease: Lease, *, attempts: int, sent_at: float) -> Outgoing:
        return Outgoing(
            position=row.position,
            outbox_id=row.outbox_id,
            sender_id=row.sender_id,
            part=open_part(self._vault, row),
            attempts=attempts,
            sent_at=sent_at,
            doubtful=row.state == UNKNOWN,
            lease=lease,
        )

    def _mark(self, connection: Connection, row: sa.engine.Row, **values: object) -> sa.engine.Row:
        this = outbox.c.position == row.position
        connection.execute(sa.update(outbox).where(this).values(**values))
        return connection.execute(sa.select(outbox).where(this)).one()

    def _seconds_for_medium(self, connection: Connection, row: sa.engine.Row, now: float) -> float:
        query = (
            sa.select(outbox.c.kind, outbox.c.status, outbox.c.state, outbox.c.sent_at)
            .where(outbox.c.sender_id == row.sender_id, outbox.c.position < row.position)
            .order_by(outbox.c.position.desc())
            .limit(1)
        )
        before = connection.execute(query).first()
        if before is None or before.kind != "media" or before.state != ACCEPTED:
            return 0.0
        if before.status is not None and rank(before.status) >= rank("sent"):
            return 0.0
        return float(before.sent_at + MEDIA_SECONDS - now)

    def _window_is_closed(self, connection: Connection, sender_id: str, now: float) -> bool:
        last = self._inbox.last_received_at(connection, sender_id)
        return last is None or now - last > WINDOW_SECONDS

    def _put_back(self, message: Outgoing, state: str, due_at: float) -> None:
        with self._engine.begin() as connection:
            self._leases.give_back(connection, message.lease)
            # A status callback may have settled it while we were waiting for an answer.
            connection.execute(
                sa.update(outbox)
                .where(outbox.c.position == message.position, outbox.c.state.in_(OPEN))
                .values(state=state, due_at=due_at)
            )
