"""One worker at a time per sender, whatever the clocks and the crashes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from addons.whatsapp.leases import LeaseLost, Leases, Scope
from tests.whatsapp.conftest import LEASE

RACERS = 16


@pytest.fixture
def leases(clock):
    return Leases(Scope.TURN, seconds=LEASE, clock=clock)


@pytest.fixture
def act(replica):
    def run(method, *args, **kwargs):
        with replica.engine.begin() as connection:
            return method(connection, *args, **kwargs)

    return run


def test_of_many_at_once_one_gets_it(replicas, leases):
    start = Barrier(RACERS)

    def take(number):
        start.wait()
        with replicas[number % 2].engine.begin() as connection:
            return leases.take(connection, "maria")

    for _ in range(3):
        with ThreadPoolExecutor(RACERS) as threads:
            (winner,) = [lease for lease in threads.map(take, range(RACERS)) if lease]
        with replicas[0].engine.begin() as connection:
            leases.give_back(connection, winner)


def test_a_lease_that_was_not_kept_ends(act, leases, clock):
    first = act(leases.take, "maria")
    clock.now += LEASE - 0.1
    assert act(leases.take, "maria") is None
    assert act(leases.remaining, "maria") == pytest.approx(0.1)

    clock.now += 0.1
    second = act(leases.take, "maria")

    assert second.fence > first.fence
    for late in (leases.keep, leases.give_back):
        with pytest.raises(LeaseLost):
            act(late, first)
    act(leases.keep, second)


def test_a_lease_that_ended_and_that_nobody_took_still_proves_itself(act, leases, clock):
    lease = act(leases.take, "maria")
    clock.now += 10 * LEASE

    act(leases.keep, lease)

    assert act(leases.take, "maria") is None


def test_a_lease_given_back_is_free_at_once_or_after_the_delay(act, leases, clock):
    act(leases.give_back, act(leases.take, "maria"))
    lease = act(leases.take, "maria")

    act(leases.give_back, lease, delay=2)
    assert act(leases.take, "maria") is None

    clock.now += 2
    assert act(leases.take, "maria")


def test_a_clock_that_runs_ahead_takes_the_lease_but_not_the_fence(act, leases, clock):
    fast_clock = Leases(Scope.TURN, seconds=LEASE, clock=lambda: clock.now + 3600)
    slow = act(leases.take, "maria")

    assert act(fast_clock.take, "maria")
    with pytest.raises(LeaseLost):
        act(leases.keep, slow)


def test_scopes_and_senders_do_not_meet(act, leases, clock):
    act(leases.take, "maria")

    assert act(leases.take, "ana")
    assert act(Leases(Scope.DELIVERY, seconds=LEASE, clock=clock).take, "maria")
