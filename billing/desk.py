"""The desk: people of the provider who take a conversation over, behind a webhook.

While a sender is *held*, their messages go to the desk and the bot is silent. A hold lives in the database,
not in Rasa's tracker: a pause there ends with the session and would not be seen by other processes.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing.database import put_row
from billing.redaction import mask_documents
from billing.sgp.transport import pooled_session
from billing.tables import holds
from billing.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from sqlalchemy.engine import Engine, Row

    from billing.contacts import ContactBook
    from billing.hours import BusinessHours
    from billing.settings import Settings
    from billing.vault import Vault

CONNECTIONS = 8
"""Kept open to the desk."""


class Reason(str, Enum):
    """Why a conversation is handed over; the desk's software may sort by it."""

    ASKED = "asked"
    NOT_IDENTIFIED = "not_identified"
    LOCKED_OUT = "locked_out"
    ERP_DOWN = "erp_down"
    DISPUTE = "dispute"
    TECHNICAL = "technical"
    SALES = "sales"
    CANCEL = "cancel"
    PRIVACY = "privacy"
    NOT_UNDERSTOOD = "not_understood"
    PAYMENT_NOT_POSTED = "payment_not_posted"
    UNBLOCK_REFUSED = "unblock_refused"
    RECEIPT = "receipt"
    OTHER = "other"


class DeskAnswer(Enum):
    """What became of a handoff."""

    CONNECTED = "connected"
    """Somebody is there: the sender is held from now on."""
    NOTED = "noted"
    """The desk knows, outside business hours; the bot goes on."""
    NOT_REACHED = "not_reached"
    """There is no desk, or it could not be told; the bot goes on."""


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="desk", daemon=True).start()


class Desk:
    """Hands conversations over, forwards what is written meanwhile, and takes them back.

    Every method but the constructor may block: on the database, and `hand_over` and `forward` for some
    seconds on the desk.

    Args:
        engine: Database with the project's tables.
        vault: Makes the ids of messages.
        contacts: Knows the address at which the desk must answer.
        webhook: The desk's; None when there is none, and then nobody is ever held.
        hours: When people answer.
        zone: The provider's.
        hold_seconds: How long a hold lasts, counted from the handoff.
        clock: Seconds since the epoch.
        in_background: Runs what nobody waits for.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        contacts: ContactBook,
        webhook: Webhook | None,
        *,
        hours: BusinessHours,
        zone: tzinfo,
        hold_seconds: float,
        clock: Callable[[], float] = time.time,
        in_background: Callable[[Callable[[], None]], None] = _in_thread,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._contacts = contacts
        self._webhook = webhook
        self._hours = hours
        self._zone = zone
        self._hold_seconds = hold_seconds
        self._clock = clock
        self._in_background = in_background

    @classmethod
    def from_settings(cls, settings: Settings, engine: Engine, vault: Vault, contacts: ContactBook) -> Desk:
        """The desk that the settings describe."""
        webhook = None
        if settings.handoff_webhook_url:
            secret = settings.handoff_webhook_secret.get_secret_value()
            webhook = Webhook(settings.handoff_webhook_url, secret, session=pooled_session(CONNECTIONS))
        return cls(
            engine,
            vault,
            contacts,
            webhook,
            hours=settings.opening_hours,
            zone=settings.timezone,
            hold_seconds=settings.handoff_timeout,
        )

    def hand_over(
        self, sender_id: str, reason: str, summary: str, contract_id: str | None, message_id: str
    ) -> DeskAnswer:
        """Tell the desk that somebody wants a person.

        Args:
            sender_id: Rasa's.
            reason: A value of `Reason`.
            summary: What the desk should know, for its people to read; documents in it are masked.
            contract_id: SGP's number, only of a verified customer's own contract.
            message_id: Of the customer's message; asked again with the same one, the desk sees the same id.

        Raises:
            ValueError: When the reason is none of the list.
        """
        reason = Reason(reason).value
        told = self._tell(
            "handoff", message_id, sender_id, reason=reason, summary=summary, contract=contract_id
        )
        if not told:
            return DeskAnswer.NOT_REACHED
        now = self._clock()
        if not self._hours.is_open(datetime.fromtimestamp(now, self._zone).replace(tzinfo=None)):
            return DeskAnswer.NOTED
        row = {"sender_id": sender_id, "reason": reason, "held_at": now, "until": now + self._hold_seconds}
        with self._engine.begin() as connection:
            put_row(connection, holds, row)
        return DeskAnswer.CONNECTED

    def held(self, sender_id: str) -> bool:
        """Whether the bot must be silent to this sender.

        Ends, on the way, every hold whose time is over: the desk learns of it with the next message of
        anybody.
        """
        if self._webhook is None:
            return False
        with self._engine.connect() as connection:
            over = holds.c.until <= self._clock()
            rows = connection.execute(sa.select(holds).where(over | (holds.c.sender_id == sender_id))).all()
        ended = [row for row in rows if row.until <= self._clock()]
        self._end(ended)
        return any(row.sender_id == sender_id for row in rows if row not in ended)

    def forward(self, sender_id: str, message_id: str, text: str) -> bool:
        """Pass on what a held sender wrote.

        Args:
            sender_id: Rasa's.
            message_id: The channel's.
            text: What the customer wrote; documents in it are masked.

        Returns:
            False when the desk did not take it, or the hold has just ended.
        """
        row = self._hold_of(sender_id)
        return row is not None and self._tell("message", message_id, sender_id, reason=row.reason, text=text)

    def release(self, sender_id: str) -> bool:
        """Let the bot answer again.

        Returns:
            False when nothing was held.
        """
        row = self._hold_of(sender_id)
        return row is not None and self._end([row]) > 0 and row.until > self._clock()

    def _hold_of(self, sender_id: str) -> Row | None:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(holds).where(holds.c.sender_id == sender_id)).first()

    def _end(self, rows: list[Row]) -> int:
        """Remove holds and tell the desk; returns how many were still there."""
        ended = []
        for row in rows:
            # Another process may be ending it too, and somebody may have been handed over again since.
            this = (holds.c.sender_id == row.sender_id) & (holds.c.held_at == row.held_at)
            with self._engine.begin() as connection:
                if connection.execute(sa.delete(holds).where(this)).rowcount:
                    ended.append(row)
        if ended:
            # The customer does not wait for it, and the hold is over whether the desk hears of it or not.
            self._in_background(lambda: self._tell_released(ended))
        return len(ended)

    def _tell_released(self, rows: list[Row]) -> None:
        for row in rows:
            self._tell("released", f"{row.sender_id}\0{row.held_at}", row.sender_id, reason=row.reason)

    def _tell(
        self,
        kind: str,
        origin: str,
        sender_id: str,
        *,
        reason: str,
        summary: str = "",
        contract: str | None = None,
        text: str = "",
    ) -> bool:
        if self._webhook is None:
            return False
        address = self._contacts.address_of(sender_id)
        if address is None:
            return False
        message: dict[str, Any] = {
            "type": kind,
            # The same cause gives the same id, so that the desk recognises a repetition.
            "id": self._vault.index("desk", f"{kind}\0{origin}"),
            "sender": address,
            "reason": reason,
            # Phones and payment codes stay: the desk needs the number to call and the code that does not
            # work. A document it gets from the ERP, by the contract, when it needs one.
            "summary": mask_documents(summary),
            "contract": contract,
            "text": mask_documents(text),
            "created_at": datetime.fromtimestamp(self._clock(), self._zone).isoformat(timespec="seconds"),
        }
        return self._webhook.post(message)
