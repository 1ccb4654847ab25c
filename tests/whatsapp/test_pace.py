"""However many turns are ready, everything else waits for one step of one turn."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from addons.whatsapp.pace import Pace

TURNS, STEPS = 64, 5


async def crowd(run):
    """Most steps of turns between two rounds of the loop, while a crowd of them is ready."""
    taken = 0

    async def turn():
        nonlocal taken
        for _ in range(STEPS):
            taken += 1
            await asyncio.sleep(0)

    tasks = [asyncio.ensure_future(run(turn())) for _ in range(TURNS)]
    most = 0
    while not all(task.done() for task in tasks):
        before = taken
        await asyncio.sleep(0)
        most = max(most, taken - before)
    assert taken == TURNS * STEPS
    return most


async def test_a_round_of_the_loop_has_one_step_of_a_turn():
    assert await crowd(Pace().keep) == 1


async def test_the_measure_sees_a_crowd_that_keeps_no_pace():
    async def run(coroutine):
        return await coroutine

    assert await crowd(run) == TURNS


async def test_results_failures_and_context_pass_through():
    seen = ContextVar("seen", default=0)

    async def turn(number):
        await asyncio.sleep(0.001)
        assert seen.get() == 7
        if number % 2:
            raise ValueError(number)
        return number

    seen.set(7)
    pace = Pace()
    results = await asyncio.gather(*(pace.keep(turn(number)) for number in range(6)), return_exceptions=True)

    assert results[::2] == [0, 2, 4]
    assert [str(each) for each in results[1::2]] == ["1", "3", "5"]


async def test_what_a_turn_waits_for_may_fail_and_be_caught():
    async def fail():
        await asyncio.sleep(0)
        raise OSError

    async def turn():
        try:
            await asyncio.ensure_future(fail())
        except OSError:
            return await asyncio.wait_for(asyncio.sleep(0, "caught"), 1)

    assert await Pace().keep(turn()) == "caught"


@pytest.mark.parametrize("waits", [0, 0.001, 3600])
async def test_a_cancelled_turn_ends_and_the_others_go_on(waits):
    pace, cleaned = Pace(), []

    async def turn():
        try:
            await asyncio.sleep(waits)
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    async def short():
        await asyncio.sleep(0)
        return "done"

    tasks = [asyncio.ensure_future(pace.keep(turn())) for _ in range(5)]
    await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(each) for each in results] == [asyncio.CancelledError] * 5
    assert len(cleaned) == 5
    assert await asyncio.wait_for(pace.keep(short()), 1) == "done"


async def test_a_turn_that_is_cancelled_before_its_first_step_holds_nobody_up():
    pace = Pace()

    async def short():
        await asyncio.sleep(0)
        return "done"

    tasks = [asyncio.ensure_future(pace.keep(short())) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()

    assert await asyncio.wait_for(tasks[2], 1) == "done"
    assert await asyncio.wait_for(pace.keep(short()), 1) == "done"


async def test_while_something_is_held_no_step_is_taken_and_afterwards_all_are():
    pace, steps = Pace(), []

    async def turn():
        for number in range(3):
            steps.append(number)
            await asyncio.sleep(0)

    await pace.keep(turn())
    steps.clear()
    with pace.hold():
        going = asyncio.ensure_future(pace.keep(turn()))
        for _ in range(20):
            await asyncio.sleep(0)
        assert steps == []
    await going

    assert steps == [0, 1, 2]


async def test_a_stream_of_holds_stops_nobody(monkeypatch):
    monkeypatch.setattr("addons.whatsapp.pace.MOST_HELD_SECONDS", 0.01)
    pace = Pace()

    async def turn():
        for _ in range(3):
            await asyncio.sleep(0)
        return "answered"

    with pace.hold():
        assert await pace.keep(turn()) == "answered"
