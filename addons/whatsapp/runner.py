"""Computes turns: in time, honestly when it takes too long, and anew when one failed or its worker died."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import UserMessage
from sqlalchemy.exc import SQLAlchemyError

from addons.whatsapp.leases import LeaseLost, Scope
from addons.whatsapp.outbox import Later
from addons.whatsapp.output import CHANNEL, TurnOutput, current_turn
from addons.whatsapp.render import Part
from addons.whatsapp.turn import AlreadyAnswered, Paused, Turn
from billing.correlation import turn as work_for
from billing.correlation import turn_id_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.buttons import ButtonOffers
    from addons.whatsapp.inbox import Inbox
    from addons.whatsapp.metrics import Metrics
    from addons.whatsapp.pace import Pace
    from addons.whatsapp.render import Renderer
    from addons.whatsapp.turn import Turns

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
"""How long customers wait for the next attempt when a worker died."""
KEEP_SECONDS = LEASE_SECONDS / 3
ATTEMPTS = 3
"""How many processes may die of a message."""
FIRST_BACKOFF, LAST_BACKOFF = 0.5, 6.0
"""Seconds between attempts that fail: twice as long as it has taken so far, within these limits. What they
fail of is mostly an action server or a database that starts anew, and is back in some seconds."""
NOTICE_SECONDS = 4.0
"""After this long of failing a customer wonders whether anybody is there."""
FRESH_SECONDS = 4.0
"""How long an attempt is given before the customer hears that it takes long."""
NOT_READY_SECONDS = 1.0
POLLED = 200

UNAVAILABLE = "utter_unavailable"
STILL_WORKING = "utter_still_working"
ONE_MOMENT = "utter_one_moment"
TOO_MANY = "utter_too_many_messages"
TOLD_SECONDS = 600.0
"""A sender who writes too much hears of it once in this time, and is answered at the pace all the same."""


class TurnTooLong(Exception):
    """The turn did not end though it was given its time twice."""


class TurnRunner:
    """Handles one sender's waiting messages at a time.

    Args:
        turns: Takes and commits turns.
        inbox: Where messages wait.
        offers: What the sender's buttons say.
        renderer: Makes WhatsApp messages of the bot's.
        threads: For SQL.
        metrics: What is counted.
        answer: Rasa's handler of one message.
        respond: Gives the response of that name in the domain.
        ready: Whether there is a model to answer with.
        show_typing: Called with a turn that begins.
        deliver: Called with a sender for whom there is something in the outbox.
        deadline: Seconds after which a turn that is not done says so. It may go on as long again: its
            answer then comes behind that, and before the answer to anything that was written since.
        pace: At which turns compute.
        clock: Seconds since the epoch.
        keep_seconds: How often the lease of a long turn is lengthened.
    """

    def __init__(
        self,
        *,
        turns: Turns,
        inbox: Inbox,
        offers: ButtonOffers,
        renderer: Renderer,
        threads: SqlThreads,
        metrics: Metrics,
        answer: Callable[[UserMessage], Coroutine[Any, Any, Any]],
        respond: Callable[[str], Awaitable[dict[str, Any]]],
        ready: Callable[[], bool],
        show_typing: Callable[[Turn], None],
        deliver: Callable[[str], None],
        deadline: float,
        pace: Pace,
        clock: Callable[[], float] = time.time,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self._turns = turns
        self._inbox = inbox
        self._offers = offers
        self._renderer = renderer
        self._threads = threads
        self._metrics = metrics
        self._answer = answer
        self._respond = respond
        self._ready = ready
        self._show_typing = show_typing
        self._deliver = deliver
        self._deadline = deadline
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._began = clock()
        self._pace = pace

    async def find_ready(self) -> list[str]:
        """Senders whose messages nobody answers."""
        return await self._threads.run(self._inbox.ready_senders, Scope.TURN, limit=POLLED)

    async def handle(self, sender_id: str) -> Later | None:
        """Answer a sender's messages until none is left.

        Returns:
            When to come again, or None.
        """
        while self._ready():
            turn = await self._threads.run(self._turns.take, sender_id)
            if isinstance(turn, Paused):
                await self._tell_pause(sender_id)
            if not isinstance(turn, Turn):
                return turn
            with work_for(turn_id_of(turn.message_sid)):
                await self._attempt(turn)
        return Later(NOT_READY_SECONDS)

    async def _tell_pause(self, sender_id: str) -> None:
        response = await self._respond(TOO_MANY)
        once = f"pause\0{self._clock() // TOLD_SECONDS}"
        await self._threads.run(self._turns.say_once, sender_id, Part("text", response["text"]), once)
        self._metrics.turns.labels("paused").inc()
        self._deliver(sender_id)

    async def _attempt(self, turn: Turn) -> None:
        output = TurnOutput(
            turn,
            turns=self._turns,
            renderer=self._renderer,
            threads=self._threads,
            may_try_again=lambda: self._may_try_again(turn),
            said=self._deliver,
        )
        outcome = "answered"
        try:
            if turn.attempt <= ATTEMPTS:
                self._show_typing(turn)
                await self._compute(turn, output)
            else:
                # Whatever it is about this message, it has ended every process that tried.
                outcome = "given_up"
                await self._apologise(turn, output)
            if not output.committed:
                await output.commit(None)
        except (LeaseLost, AlreadyAnswered):
            outcome = "lost"
        except TurnTooLong:
            outcome = "too_long"
            await self._end(turn, output)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_up(turn, 0.0))
            raise
        except Exception as error:  # noqa: BLE001 - a turn may fail by anything; what of it is settled here
            outcome = "failed"
            # Not the exception itself: it may quote the customer.
            logger.warning("attempt %d at a turn failed: %s", turn.attempt, type(error).__name__)
            await self._wait_for_another(turn, output)
        spent = max(0.0, self._clock() - turn.started_at)
        self._metrics.turns.labels(outcome).inc()
        self._metrics.turn_seconds.observe(spent)
        about = {"outcome": outcome, "attempt": turn.attempt, "messages": len(turn.messages)}
        logger.info("turn ended", extra={**about, "ms": round(1000 * spent)})

    async def _compute(self, turn: Turn, output: TurnOutput) -> None:
        """Have Rasa answer; lengthen the lease meanwhile, and say when it takes too long.

        Raises:
            LeaseLost: When another worker has begun the turn anew.
            TurnTooLong: When it was stopped.
        """
        message = await self._message(turn, output)
        context = current_turn.set(output)
        try:
            task = asyncio.ensure_future(self._pace.keep(self._answer(message)))
        finally:
            current_turn.reset(context)
        # After a crash the deadline may be over before this attempt begins, and the answer is near.
        honest_at = max(turn.started_at + self._deadline, self._clock() + FRESH_SECONDS)
        end_at = honest_at + self._deadline
        told = False
        try:
            while True:
                mark = end_at if told else honest_at
                patience = min(self._keep_seconds, max(0.0, mark - self._clock()))
                done, _ = await asyncio.wait({task}, timeout=patience)
                if done:
                    task.result()
                    return
                if self._clock() >= end_at:
                    raise TurnTooLong
                if not told and self._clock() >= honest_at:
                    told = True
                    response = await self._respond(STILL_WORKING)
                    await output.send_at_once(turn.sender_id, response["text"])
                # A database that is away for a moment does not end the turn: the commit proves the lease.
                with suppress(SQLAlchemyError):
                    await self._threads.run(self._turns.keep, turn)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _message(self, turn: Turn, output: TurnOutput) -> UserMessage:
        text, first = turn.text, turn.messages[0]
        if first.button is not None:
            offered = await self._threads.run(self._offers.text_of, turn.sender_id, first.button)
            # Of a button that was never offered only its title is left, and that is what was typed.
            text = offered or text
        return UserMessage(
            text=text,
            output_channel=output,
            sender_id=turn.sender_id,
            input_channel=CHANNEL,
            message_id=turn.message_sid,
            metadata={"kind": first.kind},
        )

    async def _end(self, turn: Turn, output: TurnOutput) -> None:
        """Say that nothing came of it; the tracker stays as it was."""
        try:
            await self._apologise(turn, output)
            await output.commit(None)
        except (LeaseLost, AlreadyAnswered):
            # Its answer was written in the moment in which it was stopped.
            return

    async def _apologise(self, turn: Turn, output: TurnOutput) -> None:
        output.messages.clear()
        await output.send_response(turn.sender_id, await self._respond(UNAVAILABLE))

    async def _wait_for_another(self, turn: Turn, output: TurnOutput) -> None:
        """Leave the turn to another attempt, telling the customer when it was not the first to take long."""
        elapsed = self._clock() - turn.started_at
        if elapsed >= NOTICE_SECONDS:
            with suppress(LeaseLost, SQLAlchemyError):
                await output.send_at_once(turn.sender_id, (await self._respond(ONE_MOMENT))["text"])
        await self._give_up(turn, min(LAST_BACKOFF, max(FIRST_BACKOFF, 2 * elapsed)))

    async def _give_up(self, turn: Turn, delay: float) -> None:
        # When even that fails, the lease ends by itself.
        with suppress(LeaseLost, SQLAlchemyError):
            await self._threads.run(self._turns.give_up, turn, delay)

    def _may_try_again(self, turn: Turn) -> bool:
        # While no server was there nobody tried: after a restart the action server may be the later one.
        end_at = max(turn.started_at, self._began) + self._deadline
        return turn.attempt < ATTEMPTS and self._clock() < end_at
