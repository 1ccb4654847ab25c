"""Shows "digitando…" while a turn is computed, as far as Twilio can: nothing depends on it.

Twilio calls it a public beta, and it marks the message as read. Source: Twilio's "Typing indicators".
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from addons.reception import UNANSWERED
from addons.whatsapp.api import OK, SendFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from addons.whatsapp.api import TwilioApi
    from addons.whatsapp.turn import Turn

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""More people than that at once see nothing: answers have the connections first."""


class TypingIndicator:
    """Tells Twilio that somebody is being answered.

    Args:
        api: Makes the call.
        held: Whether a sender's messages are the desk's, so that nobody types here; may block.
    """

    def __init__(self, api: TwilioApi, held: Callable[[str], bool]) -> None:
        self._api = api
        self._held = held
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, turn: Turn) -> None:
        """Show it in the background, if the turn is one that will be answered."""
        if turn.attempt > 1 or turn.messages[-1].kind in UNANSWERED or len(self._tasks) >= AT_ONCE:
            return
        task = asyncio.create_task(self._show(turn.sender_id, turn.messages[-1].message_sid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _show(self, sender_id: str, message_sid: str) -> None:
        try:
            if await asyncio.to_thread(self._held, sender_id):
                return
            form = {"messageId": message_sid, "channel": "whatsapp"}
            answer = await self._api.call("POST", self._api.account.typing_url, data=form)
        except SendFailed as error:
            logger.debug("not shown as typing: %s", error)
        except Exception as error:  # noqa: BLE001 - nobody waits for it
            logger.debug("not shown as typing: %s", type(error).__name__)
        else:
            if answer.status != OK:
                logger.debug("not shown as typing: HTTP %d", answer.status)
