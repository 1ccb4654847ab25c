"""A sign of life while a turn takes long."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

logger = logging.getLogger(__name__)

NOTICE_SECONDS = 4.0
"""After this long a customer wonders whether anybody is there."""


@asynccontextmanager
async def notice_when_slow(
    send: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Send a notice once, if the body takes longer than `NOTICE_SECONDS`.

    Never after the body: a notice that is being sent when the body ends is waited for. One that fails is
    logged and changes nothing.

    Args:
        send: Sends the notice.
        sleep: Waits for some seconds.
    """
    over = False

    async def wait_and_send() -> None:
        await asyncio.wait({waiting})
        if not over:
            await send()

    waiting = asyncio.ensure_future(sleep(NOTICE_SECONDS))
    sending = asyncio.ensure_future(wait_and_send())
    try:
        yield
    finally:
        over = True
        waiting.cancel()
        (failure,) = await asyncio.gather(sending, return_exceptions=True)
        if failure is not None:
            logger.warning("notice not sent: %s", type(failure).__name__)
