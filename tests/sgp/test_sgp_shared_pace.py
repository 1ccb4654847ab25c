"""One politeness limit for all processes, kept in Redis; and what happens when Redis does not play along."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import redis
from redis.exceptions import ConnectionError as RedisGone

from billing.sgp.pace import Admission, Pace
from billing.sgp.shared_pace import PAUSE, SharedPace, connect

URL = "redis://127.0.0.1:6379/0"


@pytest.fixture
def server():
    client = connect(URL)
    try:
        client.ping()
    except RedisGone:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            raise
        pytest.skip("no Redis at 127.0.0.1:6379")
    yield client
    client.close()


@pytest.fixture
def name(server):
    made = f"test-{uuid.uuid4().hex}"
    yield made
    server.delete(f"sgp:pace:{made}")


def admit(shared, token, patience=12.0):
    return shared.update(lambda pace, now: pace.admit(token, now, patience))


def calls(shared):
    return shared.update(lambda pace, _now: (pace, len(pace.calls)))


def limit(shared):
    return shared.update(lambda pace, _now: (pace, pace.limit))


def slow_down(shared):
    shared.update(lambda pace, now: (pace.slow_down(now), None))


def test_two_processes_share_the_64_calls_and_the_slowing_down(server, name):
    one, other = (SharedPace(server, name, Pace()) for _ in range(2))
    assert [admit(one, f"one-{number}").granted for number in range(40)] == [True] * 40
    assert sum(admit(other, f"other-{number}").granted for number in range(40)) == 24

    one.update(lambda pace, _now: (pace.release("one-0"), None))
    assert admit(other, "again").granted
    slow_down(other)
    assert limit(one) == 32


def test_two_processes_share_the_rate(server, name):
    one, other = (SharedPace(server, name, Pace(max_rate=0.5)) for _ in range(2))
    assert admit(one, "first") == Admission(granted=True, wait=0.0)
    assert admit(other, "second").wait == pytest.approx(2.0, abs=0.5)


def test_another_sgp_has_a_pace_of_its_own(server, name):
    slow_down(SharedPace(server, name, Pace()))
    elsewhere = SharedPace(server, f"{name}-other", Pace())
    assert limit(elsewhere) == 64
    server.delete(f"sgp:pace:{name}-other")


def race(name, count):
    """A process with 16 threads that all want slots; gives how many got one."""
    client = connect(URL)
    shared = SharedPace(client, name, Pace())
    with ThreadPoolExecutor(16) as threads:
        granted = threads.map(lambda number: admit(shared, f"{os.getpid()}-{number}").granted, range(count))
        return sum(granted)


def test_racing_processes_get_64_slots_together(name):
    with multiprocessing.get_context("spawn").Pool(3) as processes:
        assert sum(processes.starmap(race, [(name, 40)] * 3)) == 64


def test_what_is_kept_is_forgotten_and_holds_nothing_of_customers(server, name):
    admit(SharedPace(server, name, Pace()), "token")
    kept = json.loads(server.get(f"sgp:pace:{name}"))
    assert set(kept) == {"at", "calls", "limit", "next_start", "slowed_at"}
    assert 0 < server.ttl(f"sgp:pace:{name}") <= 3600


def test_a_clock_that_was_set_back_starts_afresh(server, name):
    shared = SharedPace(server, name, Pace(max_rate=0.01))
    admit(shared, "first")
    kept = json.loads(server.get(f"sgp:pace:{name}"))
    server.set(f"sgp:pace:{name}", json.dumps(kept | {"at": kept["at"] + 7200}))
    assert admit(shared, "second") == Admission(granted=True, wait=0.0)


@pytest.mark.parametrize("kept", ["", "no JSON", "[]", '{"limit": 1}', '{"at": 0, "of a later version": 1}'])
def test_what_cannot_be_read_is_written_anew(server, name, kept):
    server.set(f"sgp:pace:{name}", kept)
    assert admit(SharedPace(server, name, Pace()), "token").granted
    assert json.loads(server.get(f"sgp:pace:{name}"))["limit"] == 64


@pytest.fixture
def nobody():
    """A port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{probe.getsockname()[1]}/0"


@pytest.fixture
def silent():
    """A server that takes connections and never answers; counts them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []

        def accept():
            with suppress(OSError):
                while True:
                    accepted.append(listener.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0", accepted
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()


def warnings(caplog):
    return [record for record in caplog.records if record.levelno == logging.WARNING]


def test_without_redis_the_process_limits_itself_and_warns_once(nobody, clock, caplog):
    shared = SharedPace(connect(nobody), "provedor", Pace(), clock=clock)
    assert sum(admit(shared, str(number)).granted for number in range(70)) == 64
    clock.now += PAUSE
    assert admit(shared, "later").granted is False
    slow_down(shared)
    assert limit(shared) == 32
    assert len(warnings(caplog)) == 1


def test_a_silent_redis_is_waited_for_once_in_a_while_and_not_by_every_thread(silent, clock):
    url, accepted = silent
    client = connect(url)
    shared = SharedPace(client, "provedor", Pace(), clock=clock)
    with ThreadPoolExecutor(32) as threads:
        assert all(threads.map(lambda number: admit(shared, str(number)).granted, range(32)))
    assert len(accepted) == 1
    client.close()


def test_a_key_that_is_something_else_counts_as_a_failure(server, name, caplog):
    server.lpush(f"sgp:pace:{name}", "a list")
    assert admit(SharedPace(server, name, Pace()), "token").granted
    assert len(warnings(caplog)) == 1


class Flaky:
    """Redis that is there or not, as a test says."""

    def __init__(self, real):
        self.real = real
        self.there = True

    def __getattr__(self, name):
        if not self.there:
            raise redis.ConnectionError
        return getattr(self.real, name)


def test_redis_comes_back_and_calls_of_the_meantime_do_not_linger(server, name, clock, caplog):
    caplog.set_level(logging.INFO)
    flaky = Flaky(server)
    shared = SharedPace(flaky, name, Pace(), clock=clock)
    for _ in range(2):
        flaky.there = False
        admit(shared, "alone")
        assert calls(shared) == 1
        flaky.there = True
        clock.now += PAUSE
        assert calls(shared) == 0
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"] * 2
