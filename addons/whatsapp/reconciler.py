"""Asks Twilio what became of messages about which its callbacks are silent.

A callback that comes while the server restarts is lost, and so is the news that a file could not be fetched
from it in that moment.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from addons.whatsapp.api import SendFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.form import StatusUpdate
    from addons.whatsapp.receipts import Receipts

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
AT_ONCE = 20


class StatusSource(Protocol):
    """What Twilio's client does here; see `addons.whatsapp.sender.TwilioSender`."""

    async def status_of(self, twilio_sid: str) -> StatusUpdate:
        """The message's present status."""


class Reconciler:
    """Looks after messages that were accepted and then not heard of.

    Args:
        receipts: Tells which they are.
        source: Twilio's client.
        threads: For SQL.
        note: Takes a status as if it had come by callback.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        receipts: Receipts,
        source: StatusSource,
        threads: SqlThreads,
        note: Callable[[str, StatusUpdate], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._receipts = receipts
        self._source = source
        self._threads = threads
        self._note = note
        self._sleep = sleep

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the next look may go well
                logger.warning("statuses not asked for: %s", type(error).__name__)
            await self._sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Ask once for each message whose time it is."""
        for unheard in await self._threads.run(self._receipts.unheard, limit=AT_ONCE):
            with suppress(SendFailed):
                await self._note(unheard.outbox_id, await self._source.status_of(unheard.twilio_sid))
