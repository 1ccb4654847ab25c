"""The sign of life: once, in time, and never after the answer."""

from __future__ import annotations

import asyncio

import pytest

from addons.notice import NOTICE_SECONDS, notice_when_slow


class Timer:
    """Sleeps until a test says that the time is over."""

    def __init__(self):
        self.asked = []
        self.over = asyncio.Event()

    async def sleep(self, seconds):
        self.asked.append(seconds)
        await self.over.wait()


@pytest.fixture
async def timer():
    return Timer()


@pytest.fixture
async def sent():
    """Notices that went out; `done` is set by the first."""
    return Sent()


class Sent:
    def __init__(self):
        self.count = 0
        self.done = asyncio.Event()

    async def send(self):
        self.count += 1
        self.done.set()


async def test_a_slow_body_is_announced_once(timer, sent):
    async with notice_when_slow(sent.send, timer.sleep):
        timer.over.set()
        await sent.done.wait()

    assert sent.count == 1
    assert timer.asked == [NOTICE_SECONDS]


async def test_a_quick_body_is_not(timer, sent):
    async with notice_when_slow(sent.send, timer.sleep):
        pass
    timer.over.set()
    await asyncio.sleep(0)

    assert sent.count == 0


async def test_a_body_that_ends_in_the_last_moment_is_not_announced_after_it(timer, sent):
    async with notice_when_slow(sent.send, timer.sleep):
        await asyncio.sleep(0)
        timer.over.set()

    assert sent.count == 0


async def test_a_notice_on_its_way_is_waited_for(timer):
    began, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send():
        began.set()
        await may_end.wait()
        ended.set()

    async with notice_when_slow(send, timer.sleep):
        timer.over.set()
        await began.wait()
        may_end.set()

    assert ended.is_set()


async def test_a_notice_that_fails_is_logged_and_changes_nothing(timer, caplog):
    failed = asyncio.Event()

    async def send():
        failed.set()
        raise ConnectionError("texto da cliente")

    async with notice_when_slow(send, timer.sleep):
        timer.over.set()
        await failed.wait()

    assert "ConnectionError" in caplog.text
    assert "texto da cliente" not in caplog.text


async def test_the_bodys_own_failure_goes_on(timer, sent):
    with pytest.raises(KeyError):
        async with notice_when_slow(sent.send, timer.sleep):
            raise KeyError

    assert sent.count == 0
