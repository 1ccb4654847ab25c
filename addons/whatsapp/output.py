"""Where a turn's answer is collected, to be written in the same transaction as the tracker."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING

from addons.answer import ComposedOutput
from addons.whatsapp.render import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.render import Renderer
    from addons.whatsapp.turn import Turn, Turns

CHANNEL = "whatsapp"


class TurnOutput(ComposedOutput):
    """Collects what the bot says in one attempt at a turn; nothing of it is shown before it is committed.

    Args:
        turn: What is answered.
        turns: Commits it.
        renderer: Makes WhatsApp messages of the bot's.
        threads: For SQL.
        may_try_again: Whether another attempt may follow when this one fails.
        said: Called when there is something to deliver.
    """

    def __init__(
        self,
        turn: Turn,
        *,
        turns: Turns,
        renderer: Renderer,
        threads: SqlThreads,
        may_try_again: Callable[[], bool],
        said: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._turn = turn
        self._turns = turns
        self._renderer = renderer
        self._threads = threads
        self._may_try_again = may_try_again
        self._said = said
        self.committed = False

    @classmethod
    def name(cls) -> str:
        """Name of the channel, for responses written for one channel only."""
        return CHANNEL

    @property
    def tries_again(self) -> bool:
        """Whether a failure of this attempt is nothing that the customer has to be told."""
        return self._may_try_again()

    async def commit(self, write_tracker: Callable[[Connection], None] | None) -> None:
        """Write the answer and whatever `write_tracker` writes, and mark the turn's messages as answered.

        Args:
            write_tracker: Writes the tracker's new events; None leaves the conversation as it was.

        Raises:
            LeaseLost: When another worker has begun the turn anew; nothing is written.
            AlreadyAnswered: When the turn was committed before; nothing is written.
        """
        # Not in the transaction: drawing a QR code takes its time, and an unused one expires.
        parts = await asyncio.to_thread(self._renderer.render, self.messages)
        await self._threads.run(self._turns.commit, self._turn, parts, write_tracker)
        self.committed = True
        self._said(self._turn.sender_id)

    async def send_at_once(self, recipient_id: str, text: str) -> None:
        """Say something ahead of the answer; it is dropped when the answer is there already.

        Args:
            recipient_id: Rasa's conversation id.
            text: What is said, at most once in all attempts at this turn.

        Raises:
            LeaseLost: When another worker has begun the turn anew.
        """
        if await self._threads.run(self._turns.say_now, self._turn, Part("text", text)):
            self._said(recipient_id)


current_turn: ContextVar[TurnOutput | None] = ContextVar("current_turn", default=None)
"""The turn that the running task computes: the tracker store writes into its transaction."""
