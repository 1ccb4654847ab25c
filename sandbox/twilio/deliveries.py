"""What becomes of an accepted message: the person's phone, and the status callbacks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.twilio.account import ACCOUNT_SID
from sandbox.twilio.media import MediaFailed, MediaFetcher
from sandbox.twilio.messages import API_VERSION, LADDER, Message, MessageBook

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sandbox.twilio.webhooks import Poster

OUTSIDE_WINDOW, CONTENT_REFUSED = 63016, 63021
_SEED = 20261123


@dataclass(frozen=True)
class CallbackPlan:
    """How status callbacks come.

    Attributes:
        shuffled: In any order, instead of one after the other.
        copies: Each so many times, at once.
        delay: Seconds before each.
        last: The status at which it ends.
    """

    shuffled: bool = False
    copies: int = 1
    delay: float = 0.0
    last: str = LADDER[-1]


@dataclass(frozen=True)
class Failure:
    """Why a message will not arrive: the status that tells it, and Twilio's code."""

    status: str
    code: int


class Deliveries:
    """Brings messages to phones and tells the bot.

    A text is on the phone as soon as it is accepted; media must be fetched first, as with Twilio, where a
    later text may overtake it.

    Args:
        book: All messages.
        poster: Posts the callbacks.
        fetcher: Fetches media.
    """

    def __init__(self, book: MessageBook, poster: Poster, fetcher: MediaFetcher) -> None:
        self.plan = CallbackPlan()
        self.answers: Counter[str] = Counter()
        self._book = book
        self._poster = poster
        self._fetcher = fetcher
        self._random = random.Random(_SEED)
        self._running: set[asyncio.Task[None]] = set()

    def start(self, message: Message, failure: Failure | None, *, silent: bool) -> None:
        """Begins with a message that was accepted.

        Args:
            message: It.
            failure: Why it will not arrive, as far as that is known.
            silent: Without callbacks.
        """
        if failure is None and not self._book.window_open(message.to):
            failure = Failure("failed", OUTSIDE_WINDOW)
        if failure is None and message.media_url is None:
            self._book.show(message)
        self._spawn(self._deliver(message, failure, self.plan, silent=silent))

    async def settle(self, patience: float) -> bool:
        """Waits until all that began is done, at most `patience` seconds; whether it is."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        return not self._running

    async def reset(self) -> None:
        """Gives up what is under way and forgets plan and counts."""
        given_up = list(self._running)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        self.plan = CallbackPlan()
        self.answers.clear()
        self._random.seed(_SEED)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _deliver(
        self, message: Message, failure: Failure | None, plan: CallbackPlan, *, silent: bool
    ) -> None:
        fetching = None
        if failure is None and message.media_url is not None:
            fetching = self._spawn(self._fetch(message, message.media_url))
        statuses = ["queued"]
        if not plan.shuffled:
            await self._report(message, "queued", plan, silent=silent)
            statuses = []
        if fetching is not None:
            await fetching
        if failure is not None:
            message.fail(failure.code)
        if message.error_code is None:
            statuses += LADDER[1 : LADDER.index(plan.last) + 1]
        else:
            statuses.append("failed" if failure is None else failure.status)
        if plan.shuffled:
            self._random.shuffle(statuses)
        for status in statuses:
            await self._report(message, status, plan, silent=silent)

    async def _fetch(self, message: Message, url: str) -> None:
        try:
            message.media = await self._fetcher.fetch(url)
        except MediaFailed as failed:
            message.fail(failed.code)
            message.error_text = f"{message.error_text}: {failed}"
        else:
            self._book.show(message)

    async def _report(self, message: Message, status: str, plan: CallbackPlan, *, silent: bool) -> None:
        await asyncio.sleep(plan.delay)
        message.advance(status)
        if silent or message.status_callback is None:
            return
        form = _form(message, status)
        posts = (self._poster.post(message.status_callback, form) for _ in range(plan.copies))
        for delivery in await asyncio.gather(*posts):
            self.answers[str(delivery.status)] += 1


def _form(message: Message, status: str) -> dict[str, str]:
    form = {
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": API_VERSION,
        "ChannelInstallSid": "XE" + "5a" * 16,
        "ChannelPrefix": "whatsapp",
        "ChannelToAddress": message.to.removeprefix("whatsapp:"),
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "MessagingServiceSid": message.service_sid or "",
        "SmsSid": message.sid,
        "SmsStatus": status,
        "StructuredMessage": "false",
        "To": message.to,
    }
    if status in ("delivered", "read"):
        form["EventType"] = status.upper()
    if status not in LADDER:
        form["ErrorCode"] = str(message.error_code)
        form["ErrorMessage"] = form["ChannelStatusMessage"] = message.error_text or ""
    return form
