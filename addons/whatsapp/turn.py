"""A turn's transaction: the answer, the tracker's news and "answered" are written together or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.whatsapp.outbox import Later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection, Engine

    from addons.whatsapp.inbox import Inbox, Received
    from addons.whatsapp.leases import Lease, Leases
    from addons.whatsapp.outbox import Outbox
    from addons.whatsapp.privacy_notice import PrivacyNotice
    from addons.whatsapp.render import Part


@dataclass(frozen=True)
class Paused(Later):
    """The sender has written more in a minute than is answered in one; the rest waits."""


class AlreadyAnswered(Exception):
    """The turn was committed before; a second answer must not be written."""


@dataclass(frozen=True)
class Turn:
    """A sender's message that is being answered, maybe with those that waited behind it.

    Attributes:
        lease: The sender's turn lease.
        messages: What is answered, in the order of arrival; never empty.
    """

    lease: Lease
    messages: tuple[Received, ...]

    @property
    def sender_id(self) -> str:
        """Rasa's conversation id."""
        return self.lease.sender_id

    @property
    def message_sid(self) -> str:
        """Name of the turn: the first message's sid, the same in every attempt."""
        return self.messages[0].message_sid

    @property
    def text(self) -> str:
        """What was written, one message a line."""
        return "\n".join(message.text for message in self.messages)

    @property
    def attempt(self) -> int:
        """1 at the first time, and grows with each one that ended without a word."""
        return self.messages[0].attempts

    @property
    def started_at(self) -> float:
        """When the first attempt began, in seconds since the epoch."""
        return self.messages[0].started_at or 0.0


class Turns:
    """Takes turns and commits them, each in one transaction under the sender's lease.

    Args:
        engine: Database with the project's tables.
        inbox: Where the messages are.
        outbox: Where the answers go.
        leases: Turn leases.
        notice: Said in a sender's first answer; None says nothing.
    """

    def __init__(
        self,
        engine: Engine,
        inbox: Inbox,
        outbox: Outbox,
        leases: Leases,
        notice: PrivacyNotice | None = None,
    ) -> None:
        self._engine = engine
        self._inbox = inbox
        self._outbox = outbox
        self._leases = leases
        self._notice = notice

    def take(self, sender_id: str) -> Turn | Later | None:
        """Begin the sender's next turn. Blocks.

        Returns:
            The turn; how long to wait while another worker has the sender, or the sender's pace is too
            fast; or None when nothing waits.
        """
        with self._engine.begin() as connection:
            if not self._inbox.any_waiting(connection, sender_id):
                return None
            lease = self._leases.take(connection, sender_id)
            if lease is None:
                return Later(self._leases.remaining(connection, sender_id))
            if pause := self._inbox.pause(connection, sender_id):
                self._leases.give_back(connection, lease)
                return Paused(pause)
            messages = self._inbox.begin_next(connection, sender_id)
            if not messages:
                self._leases.give_back(connection, lease)
                return None
            return Turn(lease, messages)

    def keep(self, turn: Turn) -> None:
        """Lengthen the lease of a turn that takes long. Blocks.

        Raises:
            LeaseLost: When another worker has begun the turn anew.
        """
        with self._engine.begin() as connection:
            self._still_open(connection, turn)

    def commit(
        self, turn: Turn, parts: Sequence[Part], write_tracker: Callable[[Connection], None] | None
    ) -> None:
        """Write the turn's outcome and let the sender's next turn begin. Blocks.

        Args:
            turn: What `take` gave.
            parts: The answer.
            write_tracker: Writes the tracker's new events; None leaves the conversation as it was.

        Raises:
            LeaseLost: When another worker has begun the turn anew; nothing is written.
            AlreadyAnswered: When the turn was committed before; nothing is written.
        """
        with self._engine.begin() as connection:
            self._leases.give_back(connection, turn.lease)
            if not self._inbox.finish(connection, turn.messages):
                raise AlreadyAnswered
            if self._notice is not None:
                parts = self._notice.added(connection, turn.sender_id, parts)
            self._outbox.add(connection, turn.sender_id, parts)
            if write_tracker is not None:
                write_tracker(connection)

    def say_now(self, turn: Turn, part: Part) -> bool:
        """Queue a message ahead of the turn's answer, at most once however often the turn is begun. Blocks.

        Returns:
            False when the answer is there already; nothing is queued behind it.

        Raises:
            LeaseLost: When another worker has begun the turn anew.
        """
        with self._engine.begin() as connection:
            if not self._still_open(connection, turn):
                return False
            self._outbox.add(connection, turn.sender_id, [part], once=f"{turn.message_sid}\0{part.body}")
            return True

    def say_once(self, sender_id: str, part: Part, once: str) -> None:
        """Queue a message that belongs to no turn. Blocks.

        Args:
            sender_id: To whom.
            part: What is said.
            once: Name under which it is said at most once.
        """
        with self._engine.begin() as connection:
            self._outbox.add(connection, sender_id, [part], once=f"{sender_id}\0{once}")

    def give_up(self, turn: Turn, delay: float) -> None:
        """End an attempt that failed in order; the next one may begin after `delay` seconds. Blocks.

        It is not counted: the count finds messages that end whole processes.

        Raises:
            LeaseLost: When another worker has begun the turn anew.
        """
        with self._engine.begin() as connection:
            self._leases.give_back(connection, turn.lease, delay=delay)
            self._inbox.uncount(connection, turn.messages)

    def _still_open(self, connection: Connection, turn: Turn) -> bool:
        self._leases.keep(connection, turn.lease)
        if self._inbox.unanswered(connection, turn.messages):
            return True
        # Committed a moment ago; the sender's next turn must not wait for the lengthened lease.
        self._leases.give_back(connection, turn.lease)
        return False
