"""Who writes at the same time is kept together, and what one does to the database is no other's harm."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from addons.whatsapp.intake import MOST_TOGETHER, Intake

REFUSED = OperationalError("INSERT", {}, Exception("no"))


class Inbox:
    """Keeps sids, all or none."""

    def __init__(self, *refused):
        self.refused = refused
        self.calls = []

    def receive(self, messages):
        sids = [message.message_sid for message in messages]
        self.calls.append(len(sids))
        if set(sids) & set(self.refused):
            raise REFUSED
        return [(f"sender of {sid}", True) for sid in sids]


class Threads:
    """Runs work in the next round of the loop, as a thread would be done then."""

    async def run_first(self, function, *args):
        await asyncio.sleep(0)
        return function(*args)


def keep_all(intake, count):
    messages = [SimpleNamespace(message_sid=number) for number in range(count)]
    return asyncio.gather(*map(intake.keep, messages), return_exceptions=True)


async def test_a_crowd_is_kept_in_few_transactions_and_each_hears_of_his_own():
    inbox = Inbox()
    intake = Intake(inbox, Threads())

    kept = await keep_all(intake, 3 * MOST_TOGETHER)

    assert kept == [(f"sender of {number}", True) for number in range(3 * MOST_TOGETHER)]
    assert sum(inbox.calls) == 3 * MOST_TOGETHER
    assert len(inbox.calls) <= 4
    assert await keep_all(intake, 1) == kept[:1]


async def test_what_the_database_refuses_keeps_nobody_else_out():
    kept = await keep_all(Intake(Inbox(3), Threads()), 6)

    assert kept.pop(3) is REFUSED
    assert all(new for _, new in kept)


async def test_while_the_database_is_away_everybody_learns_it():
    intake = Intake(Inbox(*range(6)), Threads())

    assert await keep_all(intake, 6) == [REFUSED] * 6
    # And the next one is tried again.
    assert await intake.keep(SimpleNamespace(message_sid=6)) == ("sender of 6", True)


async def test_who_hangs_up_is_not_waited_for():
    inbox = Inbox(0)
    intake = Intake(inbox, Threads())
    gone, also_gone, there = (
        asyncio.create_task(intake.keep(SimpleNamespace(message_sid=number))) for number in range(3)
    )
    await asyncio.sleep(0)

    gone.cancel()
    also_gone.cancel()

    assert await there == ("sender of 2", True)
    assert inbox.calls == [3, 1]
    for task in (gone, also_gone):
        with pytest.raises(asyncio.CancelledError):
            await task
