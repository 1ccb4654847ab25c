"""Whether a message sent now would be answered."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp

from addons.whatsapp.service import database_answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from rasa.core.agent import Agent

    from addons.whatsapp.service import WhatsApp

ANSWER_SECONDS = 2.0
KEPT_SECONDS = 1.0
"""The route is open to everybody; asking it costs no more than one look a second."""


class Readiness:
    """Looks at all that an answer needs.

    Args:
        whatsapp: The running channel.
        agent: Rasa's.
        actions_health: Where the action server says that it is there.
        clock: Monotonic clock in seconds.
    """

    def __init__(
        self,
        whatsapp: WhatsApp,
        agent: Agent,
        actions_health: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._whatsapp = whatsapp
        self._agent = agent
        self._actions_health = actions_health
        self._clock = clock
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._missing: tuple[str, ...] = ()

    async def missing(self) -> tuple[str, ...]:
        """What does not answer now, of "model", "database", "actions" and "workers"; empty when ready."""
        async with self._looking:
            if self._clock() - self._looked_at >= KEPT_SECONDS:
                self._missing = await self._look()
                self._looked_at = self._clock()
            return self._missing

    async def _look(self) -> tuple[str, ...]:
        database, actions = await asyncio.gather(
            database_answers(self._whatsapp, ANSWER_SECONDS), self._actions_answer()
        )
        found = {
            "model": self._agent.is_ready(),
            "database": database,
            "actions": actions,
            "workers": self._whatsapp.turns.running and self._whatsapp.deliveries.running,
        }
        return tuple(name for name, there in found.items() if not there)

    async def _actions_answer(self) -> bool:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self._whatsapp.session.get(self._actions_health, timeout=timeout) as response:
                return response.status == 200  # noqa: PLR2004 - HTTP's "OK"
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False
