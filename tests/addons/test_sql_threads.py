"""Database work is done in its order, but what must be quick is done next."""

from __future__ import annotations

import asyncio
import threading

import pytest
import sqlalchemy as sa

from addons.sql_threads import SqlThreads


@pytest.fixture
async def threads():
    engine = sa.create_engine("sqlite://", future=True)
    pool = SqlThreads(engine)
    yield pool
    pool.close()
    engine.dispose()


async def busy(threads, gate):
    """Have the only thread wait; returns when it does."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait():
        loop.call_soon_threadsafe(begun.set)
        gate.wait(10)

    task = asyncio.ensure_future(threads.run(wait))
    await begun.wait()
    return task


async def test_what_is_urgent_goes_ahead_of_what_waits(threads):
    gate, done = threading.Event(), []
    first = await busy(threads, gate)
    rest = [asyncio.ensure_future(threads.run(done.append, number)) for number in range(3)]
    await asyncio.sleep(0)
    urgent = asyncio.ensure_future(threads.run_first(done.append, "urgent"))
    await asyncio.sleep(0)

    gate.set()
    await asyncio.gather(first, urgent, *rest)

    assert done == ["urgent", 0, 1, 2]


async def test_results_and_failures_come_back(threads):
    assert await threads.run(sum, [1, 2]) == 3
    assert await threads.run_first(int, "7", base=8) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await threads.run(int, "x")


async def test_what_nobody_waits_for_any_more_is_not_begun(threads):
    gate, done = threading.Event(), []
    first = await busy(threads, gate)
    given_up = asyncio.ensure_future(threads.run(done.append, "given up"))
    await asyncio.sleep(0)
    given_up.cancel()
    # The thread hears of it in the next round of the loop.
    with pytest.raises(asyncio.CancelledError):
        await given_up

    gate.set()
    await first
    await threads.run(done.append, "last")

    assert done == ["last"]


async def test_after_the_end_what_waits_is_given_up(threads):
    gate, done = threading.Event(), []
    first = await busy(threads, gate)
    waiting = asyncio.ensure_future(threads.run(done.append, "late"))
    await asyncio.sleep(0)

    threads.close()
    gate.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert done == []
