"""Work by sender: one task at a time for each, a bounded number for all, and nothing forgotten."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from addons.whatsapp.outbox import Later

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
FAILED_SECONDS = 1.0
WOKEN_SECONDS = 1.0
"""A wait that an event ends is looked at this often: the event may have reached another process."""


class Workers:
    """Runs a handler for each sender that was woken, or that a look into the database finds.

    Args:
        name: For the log.
        handle: Does all that there is to do for a sender; returns when to come again, or None.
        find_ready: Senders with work that nobody does, also what other processes left behind.
        limit: How many senders are handled at once.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[str], Awaitable[Later | None]],
        find_ready: Callable[[], Awaitable[list[str]]],
        *,
        limit: int,
    ) -> None:
        self._name = name
        self._handle = handle
        self._find_ready = find_ready
        self._limit = limit
        self._queue: dict[str, None] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken_again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._poll: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def busy(self) -> int:
        """How many senders are handled now."""
        return len(self._tasks)

    @property
    def running(self) -> bool:
        """Whether new work would be done."""
        return self._poll is not None and not self._poll.done() and not self._stopping

    def start(self) -> None:
        """Begin, with what is in the database already."""
        self._poll = asyncio.create_task(self._poll_for_ever())

    def wake(self, sender_id: str) -> None:
        """There may be work for this sender now."""
        if self._stopping:
            return
        if timer := self._timers.pop(sender_id, None):
            timer.cancel()
        if sender_id in self._tasks:
            self._woken_again.add(sender_id)
        else:
            self._queue[sender_id] = None
            self._fill()

    async def stop(self, patience: float) -> None:
        """Begin nothing more, and wait for what is being done.

        Args:
            patience: Seconds after which it is cancelled. What is in the database stays there.
        """
        self._stopping = True
        if self._poll is not None:
            self._poll.cancel()
        self._queue.clear()
        for timer in self._timers.values():
            timer.cancel()
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _fill(self) -> None:
        while self._queue and len(self._tasks) < self._limit and not self._stopping:
            sender_id = next(iter(self._queue))
            del self._queue[sender_id]
            # In a context of its own: who woke the sender may work for another one's turn.
            work = contextvars.Context().run(asyncio.create_task, self._work(sender_id))
            self._tasks[sender_id] = work

    async def _work(self, sender_id: str) -> None:
        seconds: float | None = None
        try:
            later = await self._handle(sender_id)
            if later is not None:
                seconds = min(later.seconds, WOKEN_SECONDS) if later.woken else later.seconds
        except Exception as error:  # noqa: BLE001 - one sender's trouble is not the others'
            # Not the exception itself: a database's error quotes the row.
            logger.error("%s failed: %s", self._name, type(error).__name__)  # noqa: TRY400 - as said above
            seconds = FAILED_SECONDS
        finally:
            del self._tasks[sender_id]
            self._fill()
        if sender_id in self._woken_again:
            self._woken_again.discard(sender_id)
            self.wake(sender_id)
        elif seconds is not None and not self._stopping:
            loop = asyncio.get_running_loop()
            self._timers[sender_id] = loop.call_later(max(seconds, 0.01), self.wake, sender_id)

    async def _poll_for_ever(self) -> None:
        while True:
            with suppress(Exception):
                for sender_id in await self._find_ready():
                    if sender_id not in self._timers:
                        self.wake(sender_id)
            await asyncio.sleep(POLL_SECONDS)
