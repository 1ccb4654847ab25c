"""Sends what is in the outbox: in order, not faster than WhatsApp allows, again when Twilio was away."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, Protocol

from addons.whatsapp.api import MaybeTaken, NotTaken, Refused, SendFailed
from addons.whatsapp.leases import LeaseLost, Scope
from addons.whatsapp.outbox import Later, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.limiter import PairLimits, TokenBucket
    from addons.whatsapp.metrics import Metrics
    from addons.whatsapp.outbox import Outbox
    from addons.whatsapp.sender import Content
    from addons.whatsapp.templates import ButtonTemplates
    from billing.contacts import ContactBook

logger = logging.getLogger(__name__)

LEASE_SECONDS = 25.0
"""Longer than one call to Twilio and one search for a doubtful message."""
FIRST_BACKOFF, LAST_BACKOFF = 0.5, 60.0
ASK_SECONDS = 60.0
"""How long Twilio is asked for a doubtful message before it is sent again."""
ASK_AGAIN_SECONDS = 5.0
KNOWN_SECONDS = 24 * 3600.0
POLLED = 200


class Sender(Protocol):
    """What Twilio's client does for the delivery; see `addons.whatsapp.sender.TwilioSender`."""

    async def send(
        self,
        address: str,
        *,
        body: str,
        media_url: str | None,
        content: Content | None,
        status_callback: str,
    ) -> str:
        """Hand one message over."""

    async def find(
        self, address: str, *, bodies: Collection[str], has_media: bool, since: float, known: Collection[str]
    ) -> str | None:
        """Look for a message that was handed over without an answer."""


class Delivery:
    """Handles one recipient's open messages at a time.

    Args:
        outbox: Where they are.
        sender: Twilio's client.
        contacts: Where recipients' addresses are.
        threads: For SQL.
        metrics: What is counted.
        number_limit: Rate of all messages of our number.
        pair_limits: Rate of messages to one person.
        media_url: Makes the link under which Twilio fetches a medium, from its id.
        status_url: Makes the address of a message's status callback, from its outbox id.
        templates: Shows buttons that can be touched; None for numbered texts alone.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        sender: Sender,
        contacts: ContactBook,
        threads: SqlThreads,
        metrics: Metrics,
        number_limit: TokenBucket,
        pair_limits: PairLimits,
        media_url: Callable[[str], str],
        status_url: Callable[[str], str],
        templates: ButtonTemplates | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._contacts = contacts
        self._threads = threads
        self._metrics = metrics
        self._number_limit = number_limit
        self._pair_limits = pair_limits
        self._media_url = media_url
        self._status_url = status_url
        self._templates = templates
        self._clock = clock

    async def find_ready(self) -> list[str]:
        """Recipients of messages that nobody sends."""
        return await self._threads.run(self._outbox.ready_recipients, Scope.DELIVERY, limit=POLLED)

    async def handle(self, sender_id: str) -> Later | None:
        """Send a recipient's messages until one has to wait or none is left.

        Returns:
            When to come again, or None.
        """
        pair = self._pair_limits.of(sender_id)
        address: str | None = None
        while True:
            if (delay := pair.delay()) > 0:
                return Later(delay)
            # Waited for before the message is taken: its lease is only as long as a call.
            if (delay := self._number_limit.take()) > 0:
                await asyncio.sleep(delay)
            message = await self._threads.run(self._outbox.next_for, sender_id)
            if not isinstance(message, Outgoing):
                self._number_limit.put_back()
                return message
            address = address or await self._threads.run(self._contacts.address_of, sender_id)
            try:
                if address is None:
                    # Forgotten at the end of the retention time.
                    await self._threads.run(self._outbox.refuse, message, None)
                elif message.doubtful:
                    await self._settle(message, address, pair)
                else:
                    await self._send(message, address, pair)
            except LeaseLost:
                return Later(0.0)

    async def _settle(self, message: Outgoing, address: str, pair: TokenBucket) -> None:
        """Find out whether Twilio has a message, and send it again when it has not or cannot be asked."""
        known = await self._threads.run(
            self._outbox.known_sids, message.sender_id, message.sent_at - KNOWN_SECONDS
        )
        try:
            found = await self._sender.find(
                address,
                bodies=message.part.bodies,
                has_media=message.part.media_id is not None,
                since=message.sent_at,
                known=known,
            )
        except SendFailed:
            if self._clock() < message.sent_at + ASK_SECONDS:
                await self._threads.run(self._outbox.doubt, message, ASK_AGAIN_SECONDS)
                return
            found = None
        if found is not None:
            await self._accepted(message, found)
            return
        again = await self._threads.run(self._outbox.send_again, message)
        if again is not None:
            self._metrics.repeated.inc()
            logger.warning("a message is sent again without knowing whether Twilio had taken it")
            await self._send(again, address, pair)

    async def _send(self, message: Outgoing, address: str, pair: TokenBucket) -> None:
        pair.take()
        media_id = message.part.media_id
        content = await self._templates.fill(message.sender_id, message.part) if self._templates else None
        try:
            twilio_sid = await self._sender.send(
                address,
                body=message.part.body,
                media_url=None if media_id is None else self._media_url(media_id),
                content=content,
                status_callback=self._status_url(message.outbox_id),
            )
        except NotTaken as error:
            self._count("throttled" if error.throttled else "unreachable")
            delay = self._backoff(message, error)
            if error.throttled:
                self._number_limit.pause(delay)
            await self._threads.run(self._outbox.retry, message, delay)
        except MaybeTaken:
            self._count("doubtful")
            await self._threads.run(self._outbox.doubt, message)
        except Refused as error:
            self._count("refused")
            self._metrics.failures.labels(error.code or "none").inc()
            logger.error("Twilio refuses a message: %s", error)  # noqa: TRY400 - status and number say all
            if content is not None and self._templates is not None:
                await self._templates.refused(content, error.code)
            await self._threads.run(self._outbox.refuse, message, error.code)
        else:
            self._count("accepted")
            await self._accepted(message, twilio_sid)

    async def _accepted(self, message: Outgoing, twilio_sid: str) -> None:
        if not await self._threads.run(self._outbox.accepted, message, twilio_sid):
            logger.warning("Twilio has taken a message twice")

    def _backoff(self, message: Outgoing, error: NotTaken) -> float:
        if error.retry_after is not None:
            return error.retry_after
        doubled: float = min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(message.attempts - 1, 10))
        # Not all at the same moment: what failed together would come back together.
        return doubled * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret

    def _count(self, outcome: str) -> None:
        self._metrics.sends.labels(outcome).inc()
