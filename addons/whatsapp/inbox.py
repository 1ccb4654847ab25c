"""What customers wrote, kept before it is acknowledged and until it is answered."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.contacts import Proof
from billing.database import add_row
from billing.tables import inbox, leases, place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection, Engine

    from addons.whatsapp.form import IncomingMessage
    from addons.whatsapp.leases import Scope
    from billing.contacts import ContactBook
    from billing.vault import Vault

WAITING, DONE = "waiting", "done"
TURN_CHARACTERS = 1_000
"""As many as the first NLU component lets through."""
TURN_MESSAGES = 10
PACE_SECONDS = 60.0
REMEMBERED_SECONDS = 3600.0
"""Answers to messages that came longer ago, like those of a backlog, do not count for the sender's pace."""


@dataclass(frozen=True)
class Received:
    """A message as the inbox keeps it.

    Attributes:
        arrival: Its place in the order of arrival; grows over all senders.
        message_sid: Twilio's id.
        kind: See `IncomingMessage`.
        text: What was written.
        button: Id of the button that was chosen, or None. The customer's own word: check it.
        replied_to: Twilio's id of the message that it answers, or None.
        turn: Sid of the first message of the turn that this one belongs to; None before it is begun.
        attempts: How often that turn was begun, without attempts that failed in order.
        started_at: When it was begun first, in seconds since the epoch.
    """

    arrival: int
    message_sid: str
    kind: str
    text: str
    button: str | None
    replied_to: str | None
    turn: str | None
    attempts: int
    started_at: float | None

    @property
    def plain(self) -> bool:
        """Whether it is text and nothing else, so that its neighbour can be read together with it."""
        return self.kind == "text" and self.button is None and self.replied_to is None


class Inbox:
    """Messages by MessageSid: whatever comes again is there already.

    Args:
        engine: Database with the project's tables.
        vault: Seals what was written.
        contacts: Remembers who wrote.
        per_minute: Messages of one sender that are answered in a minute; what is more waits.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        contacts: ContactBook,
        *,
        per_minute: int = 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._per_minute = per_minute
        self._engine = engine
        self._vault = vault
        self._contacts = contacts
        self._clock = clock

    def receive(self, messages: Sequence[IncomingMessage]) -> list[tuple[str, bool]]:
        """Keep messages whose signatures were checked, all or none. Blocks.

        Args:
            messages: As Twilio sent them, in the order of arrival.

        Returns:
            For each its sender id, and whether it is new.

        Raises:
            sqlalchemy.exc.DBAPIError: When they could not be kept; none must be acknowledged then.
        """
        sender_ids = [self._contacts.sender_id(message.address) for message in messages]
        new = [False] * len(messages)
        # By sender, so that two servers which keep the same messages wait for each other in the same order.
        with self._engine.begin() as connection:
            for number in sorted(range(len(messages)), key=sender_ids.__getitem__):
                new[number] = self._add(connection, messages[number], sender_ids[number])
        return list(zip(sender_ids, new, strict=True))

    def _add(self, connection: Connection, message: IncomingMessage, sender_id: str) -> bool:
        content = {
            "kind": message.kind,
            "text": message.text,
            "button": message.button,
            "replied_to": message.replied_to,
        }
        row = {
            "message_sid": message.message_sid,
            "sender_id": sender_id,
            "content": self._vault.seal(json.dumps(content), place(inbox.c.content, sender_id)),
            "received_at": self._clock(),
            "state": WAITING,
            "attempts": 0,
        }
        new = add_row(connection, inbox, row)
        if new:
            self._contacts.write(connection, message.address, Proof.CHANNEL)
        return new

    def ready_senders(self, scope: Scope, *, limit: int) -> list[str]:
        """Senders who wait while nobody works for them, the longest waiting first. Blocks."""
        held = (
            sa.select(leases.c.sender_id)
            .where(
                leases.c.scope == scope.value,
                leases.c.sender_id == inbox.c.sender_id,
                leases.c.until > self._clock(),
            )
            .exists()
        )
        query = (
            sa.select(inbox.c.sender_id)
            .where(inbox.c.state == WAITING, ~held)
            .group_by(inbox.c.sender_id)
            .order_by(sa.func.min(inbox.c.arrival))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def any_waiting(self, connection: Connection, sender_id: str) -> bool:
        """Whether the sender waits for an answer."""
        query = sa.select(inbox.c.arrival).where(inbox.c.sender_id == sender_id, inbox.c.state == WAITING)
        return connection.execute(query.limit(1)).first() is not None

    def pause(self, connection: Connection, sender_id: str) -> float:
        """Seconds until the next of the sender's waiting messages may be answered; 0 when it may now.

        A turn that was begun before is never made to wait.
        """
        now = self._clock()
        own = inbox.c.sender_id == sender_id
        # The first of the last messages that make up the limit: when its minute is over, there is room again.
        query = (
            sa.select(inbox.c.started_at)
            .where(own, inbox.c.received_at > now - REMEMBERED_SECONDS)
            .where(inbox.c.started_at > now - PACE_SECONDS)
            .order_by(inbox.c.started_at.desc())
            .offset(self._per_minute - 1)
            .limit(1)
        )
        started_at = connection.execute(query).scalar()
        if started_at is None:
            return 0.0
        first = sa.select(inbox.c.turn).where(own, inbox.c.state == WAITING).order_by(inbox.c.arrival)
        begun = connection.execute(first.limit(1)).scalar()
        return 0.0 if begun else float(started_at) + PACE_SECONDS - now

    def begin_next(self, connection: Connection, sender_id: str) -> tuple[Received, ...]:
        """Take the sender's next messages into a turn, counting the attempt.

        Plain texts that wait together become one turn: the customer wrote them in the same state of the
        conversation, before any of them was answered. "oi", "quero o boleto", "de agosto" are one wish in
        three bubbles, and three impatient "alô?" behind a slow answer are no three misunderstandings.
        A turn that was begun before keeps its messages, so that what it has claimed in the ERP stays its own.

        Args:
            connection: In a transaction that holds the sender's lease.
            sender_id: Whose messages.

        Returns:
            The turn's messages in the order of arrival; empty when nothing waits.
        """
        query = (
            sa.select(inbox)
            .where(inbox.c.sender_id == sender_id, inbox.c.state == WAITING)
            .order_by(inbox.c.arrival)
            .limit(TURN_MESSAGES)
        )
        waiting = [self._open(row) for row in connection.execute(query)]
        chosen = _turn_of(waiting)
        if not chosen:
            return ()
        turn = chosen[0].message_sid
        attempts = chosen[0].attempts + 1
        started_at = chosen[0].started_at or self._clock()
        connection.execute(
            sa.update(inbox)
            .where(inbox.c.arrival.in_([each.arrival for each in chosen]))
            .values(turn=turn, attempts=attempts, started_at=started_at)
        )
        return tuple(replace(each, turn=turn, attempts=attempts, started_at=started_at) for each in chosen)

    def finish(self, connection: Connection, messages: Sequence[Received]) -> bool:
        """Mark a turn's messages as answered and forget what they said.

        Returns:
            False when they were answered before; nothing is changed then.
        """
        finished = connection.execute(
            sa.update(inbox)
            .where(inbox.c.arrival.in_([each.arrival for each in messages]), inbox.c.state == WAITING)
            .values(state=DONE, content="")
        )
        return bool(finished.rowcount == len(messages))

    def uncount(self, connection: Connection, messages: Sequence[Received]) -> None:
        """Take back that an attempt was counted."""
        connection.execute(
            sa.update(inbox)
            .where(inbox.c.arrival.in_([each.arrival for each in messages]))
            .values(attempts=inbox.c.attempts - 1)
        )

    def unanswered(self, connection: Connection, messages: Sequence[Received]) -> bool:
        """Whether a turn's messages still wait for their answer."""
        query = sa.select(inbox.c.state).where(inbox.c.arrival == messages[0].arrival)
        return bool(connection.execute(query).scalar() == WAITING)

    def last_received_at(self, connection: Connection, sender_id: str) -> float | None:
        """When the sender wrote last, in seconds since the epoch."""
        query = sa.select(sa.func.max(inbox.c.received_at)).where(inbox.c.sender_id == sender_id)
        last: float | None = connection.execute(query).scalar()
        return last

    def _open(self, row: sa.engine.Row) -> Received:
        content = json.loads(self._vault.open(row.content, place(inbox.c.content, row.sender_id)))
        return Received(
            arrival=row.arrival,
            message_sid=row.message_sid,
            turn=row.turn,
            attempts=row.attempts,
            started_at=row.started_at,
            **content,
        )


def _turn_of(waiting: Sequence[Received]) -> tuple[Received, ...]:
    if not waiting:
        return ()
    first = waiting[0]
    if first.turn is not None:
        return tuple(each for each in waiting if each.turn == first.turn)
    chosen, length = [first], len(first.text)
    for each in waiting[1:]:
        length += 1 + len(each.text)
        if not (first.plain and each.plain) or length > TURN_CHARACTERS:
            break
        chosen.append(each)
    return tuple(chosen)
