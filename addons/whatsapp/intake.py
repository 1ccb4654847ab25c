"""Keeps messages that come at the same time together: a transaction costs more than a message in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.form import IncomingMessage
    from addons.whatsapp.inbox import Inbox

    Kept = tuple[str, bool]
    Waiting = tuple[IncomingMessage, asyncio.Future[Kept]]

MOST_TOGETHER = 50
"""So that the first of a crowd does not wait for the last."""


class Intake:
    """The way into the inbox.

    While one transaction is under way, what comes meanwhile is gathered for the next.

    Args:
        inbox: Where messages are kept.
        threads: For its database.
    """

    def __init__(self, inbox: Inbox, threads: SqlThreads) -> None:
        self._inbox = inbox
        self._threads = threads
        self._waiting: list[Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def keep(self, message: IncomingMessage) -> Kept:
        """Keep a message whose signature was checked.

        Args:
            message: As Twilio sent it.

        Returns:
            The sender id, and whether the message is new.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: When it could not be kept; it must not be acknowledged then.
        """
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, future))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._keep(together)
        finally:
            self._working = None

    async def _keep(self, together: Sequence[Waiting]) -> None:
        try:
            kept = await self._threads.run_first(self._inbox.receive, [message for message, _ in together])
        except Exception as error:  # noqa: BLE001 - it is for those who wait
            if len(together) > 1:
                # One that the database refuses keeps nobody else's out. Who has hung up will post again.
                for each in together:
                    if not each[1].done():
                        await self._keep([each])
            elif not together[0][1].done():
                together[0][1].set_exception(error)
            return
        for (_, future), result in zip(together, kept, strict=True):
            if not future.done():
                future.set_result(result)
