"""What Twilio does not tell is asked for."""

from __future__ import annotations

import asyncio

import pytest

from addons.sql_threads import SqlThreads
from addons.whatsapp.api import NotTaken
from addons.whatsapp.form import StatusUpdate
from addons.whatsapp.outbox import SILENT_SECONDS
from addons.whatsapp.reconciler import Reconciler


class Twilio:
    """Knows what became of messages."""

    def __init__(self):
        self.statuses = {}

    async def status_of(self, twilio_sid):
        if twilio_sid not in self.statuses:
            raise NotTaken("HTTP 500")
        return StatusUpdate(twilio_sid, self.statuses[twilio_sid], None)


@pytest.fixture
def twilio():
    return Twilio()


@pytest.fixture
async def reconciler(replica, twilio):
    threads = SqlThreads(replica.engine)

    async def note(outbox_id, update):
        replica.receipts.note_status(outbox_id, update.message_sid, update.status, update.error_code)

    yield Reconciler(replica.receipts, twilio, threads, note)
    threads.close()


def accepted(replica, *texts):
    sender_id = replica.write()
    replica.answer(*texts)
    for number, _ in enumerate(texts, start=1):
        replica.outbox.accepted(replica.outbox.next_for(sender_id), f"MM{number}")


async def test_a_silent_message_gets_its_status_though_another_cannot_be_asked_for(
    reconciler, replica, twilio, clock
):
    accepted(replica, "um", "dois")
    twilio.statuses = {"MM2": "delivered"}
    clock.now += SILENT_SECONDS

    await reconciler.look()

    assert [row.status for row in replica.rows("outbox")] == [None, "delivered"]


async def test_a_look_that_fails_is_followed_by_the_next(reconciler, replica, twilio, clock):
    accepted(replica, "um")
    twilio.statuses = {"MM1": "read"}
    clock.now += SILENT_SECONDS
    look, looks = reconciler.look, []

    async def fail_once():
        looks.append(1)
        if len(looks) == 1:
            raise OSError
        await look()
        raise asyncio.CancelledError

    reconciler.look = fail_once
    reconciler._sleep = lambda _seconds: asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        await reconciler.run()

    assert [row.status for row in replica.rows("outbox")] == ["read"]
