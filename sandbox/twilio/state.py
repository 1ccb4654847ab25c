"""What one running sandbox Twilio holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.faults import FaultPlan
from sandbox.twilio.specification import load_operations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.twilio.contents import Content
    from sandbox.twilio.deliveries import Deliveries
    from sandbox.twilio.faults import Fault
    from sandbox.twilio.messages import MessageBook
    from sandbox.twilio.specification import Operation
    from sandbox.twilio.webhooks import Poster


@dataclass(frozen=True)
class Twilio:
    """All of it, which a reset puts back to the beginning.

    Attributes:
        book: Messages.
        poster: The way to the bot's webhooks.
        deliveries: What becomes of messages.
        webhook_url: The bot's public address for incoming messages.
        clock: Seconds since the epoch.
        contents: Content templates by sid.
        faults: Faults in force.
        operations: What the API offers, by `operationId`.
        requests: How requests ended, by operation: HTTP statuses and kinds of faults with their counts.
        typing: Sids of the incoming messages for which the bot showed that it types, in order.
    """

    book: MessageBook
    poster: Poster
    deliveries: Deliveries
    webhook_url: str
    clock: Callable[[], float]
    contents: dict[str, Content] = field(default_factory=dict)
    faults: FaultPlan[Fault] = field(default_factory=FaultPlan)
    operations: Mapping[str, Operation] = field(default_factory=load_operations)
    requests: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    typing: list[str] = field(default_factory=list)

    async def reset(self) -> None:
        """Forgets messages, contents, faults and counts."""
        await self.deliveries.reset()
        self.book.clear()
        self.contents.clear()
        self.faults.clear()
        self.requests.clear()
        self.typing.clear()


TWILIO = web.AppKey("twilio", Twilio)
