"""Each sender's work is done by one task at a time, and nothing that was woken is forgotten."""

from __future__ import annotations

import asyncio
import logging

import pytest

from addons.whatsapp import workers as workers_module
from addons.whatsapp.outbox import Later
from addons.whatsapp.workers import Workers


class Job:
    """Handles senders as a test says."""

    def __init__(self):
        self.begun = []
        self.ready = []
        self.gate = asyncio.Event()
        self.answers = []
        self.cancelled = []

    async def handle(self, sender_id):
        self.begun.append(sender_id)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(sender_id)
            raise
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def find_ready(self):
        return self.ready


@pytest.fixture
async def job():
    return Job()


@pytest.fixture
async def workers(job, monkeypatch):
    monkeypatch.setattr(workers_module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(workers_module, "FAILED_SECONDS", 0.01)
    made = Workers("turn", job.handle, job.find_ready, limit=2)
    yield made
    await made.stop(0)


async def until(condition):
    async def watch():
        while not condition():  # noqa: ASYNC110 - a test's eye on the object under test
            await asyncio.sleep(0)

    await asyncio.wait_for(watch(), 10)


async def test_one_task_at_a_time_for_a_sender(job, workers):
    for _ in range(5):
        workers.wake("maria")
    await until(lambda: job.begun)
    workers.wake("maria")
    assert job.begun == ["maria"]

    job.gate.set()
    await until(lambda: not workers.busy and len(job.begun) == 2)
    assert job.begun == ["maria", "maria"]


async def test_no_more_than_the_limit_at_once_and_first_come_first_served(job, workers):
    for name in ("maria", "ana", "rita", "lucia"):
        workers.wake(name)
    await until(lambda: len(job.begun) == 2)
    assert workers.busy == 2

    job.gate.set()
    await until(lambda: len(job.begun) == 4)
    assert job.begun == ["maria", "ana", "rita", "lucia"]


async def test_who_must_wait_is_come_back_to(job, workers):
    job.gate.set()
    job.answers = [Later(0.01), None]
    workers.wake("maria")

    await until(lambda: job.begun == ["maria", "maria"])


async def test_a_wake_ends_the_wait(job, workers):
    job.gate.set()
    job.answers = [Later(3600), None]
    workers.wake("maria")
    await until(lambda: job.begun == ["maria"] and not workers.busy)

    workers.wake("maria")

    await until(lambda: job.begun == ["maria", "maria"])


async def test_a_wait_that_an_event_ends_is_looked_at_in_between(job, workers, monkeypatch):
    monkeypatch.setattr(workers_module, "WOKEN_SECONDS", 0.01)
    job.gate.set()
    job.answers = [Later(3600, woken=True), None]
    workers.wake("maria")

    await until(lambda: job.begun == ["maria", "maria"])


async def test_what_the_database_holds_is_found(job, workers):
    job.gate.set()
    job.ready = ["left behind"]

    workers.start()

    await until(lambda: "left behind" in job.begun)
    assert workers.running


async def test_a_failure_is_tried_again_and_stops_nobody(job, workers, caplog):
    job.gate.set()
    job.answers = [ValueError("quotes the customer"), None, None]
    with caplog.at_level(logging.ERROR):
        workers.wake("maria")
        workers.wake("ana")
        await until(lambda: sorted(job.begun) == ["ana", "maria", "maria"])

    assert "turn failed: ValueError" in caplog.text
    assert "quotes" not in caplog.text


async def test_a_database_that_cannot_be_read_is_asked_again(job, workers):
    job.gate.set()
    looks = []

    async def find_ready():
        looks.append(1)
        if len(looks) == 1:
            raise OSError
        return ["maria"]

    workers._find_ready = find_ready
    workers.start()

    await until(lambda: "maria" in job.begun)


async def test_stopping_waits_for_what_has_begun_and_begins_nothing_more(job, workers):
    workers.start()
    for name in ("maria", "ana", "rita"):
        workers.wake(name)
    await until(lambda: len(job.begun) == 2)

    stopping = asyncio.create_task(workers.stop(60))
    await asyncio.sleep(0)
    job.gate.set()
    await stopping

    assert job.begun == ["maria", "ana"]
    assert job.cancelled == []
    assert not workers.running
    workers.wake("late")
    assert workers.busy == 0


async def test_stopping_cancels_what_takes_too_long(job, workers):
    workers.wake("maria")
    await until(lambda: job.begun)

    await workers.stop(0)

    assert job.cancelled == ["maria"]
