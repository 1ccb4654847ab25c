"""While SGP is away calls fail at once; a single one finds out that it is back."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
import requests

from billing.deadline import Deadline
from billing.sgp import errors
from billing.sgp.breaker import FAIR_SECONDS, OPEN_SECONDS, OUTAGES, WINDOW, CircuitBreaker

ROUTE = "/api/ura/titulos/"
OUTAGE = errors.SgpOutage(ROUTE, "HTTP 500")
SLOW = errors.SgpTimeout(ROUTE, "timed out", allowed=8.0)


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(clock)


def call(breaker, failure=None):
    """How a call ends that SGP answers, or that fails with `failure`."""
    try:
        with breaker.watch(ROUTE):
            if failure:
                raise failure
    except errors.SgpError as error:
        return type(error)
    return "answered"


def is_open(breaker):
    return call(breaker, errors.SgpBudgetUsedUp(ROUTE, "no slot")) is errors.SgpCircuitOpen


def fail(breaker, times=OUTAGES, failure=OUTAGE):
    for _ in range(times):
        call(breaker, failure)


@pytest.mark.parametrize("failure", [OUTAGE, SLOW])
def test_consecutive_outages_open_the_circuit(breaker, failure):
    fail(breaker, OUTAGES - 1, failure)
    assert not is_open(breaker)
    fail(breaker, 1, failure)
    assert is_open(breaker)


@pytest.mark.parametrize(
    "between",
    [
        None,
        errors.SgpRouteAbsent(ROUTE, "HTTP 404"),
        errors.SgpCredentialOrThrottle(ROUTE, "HTTP 403"),
        errors.SgpMisconfigured(ROUTE, "HTML"),
    ],
)
def test_whatever_sgp_answers_breaks_the_row(breaker, between):
    fail(breaker, OUTAGES - 1)
    call(breaker, between)
    fail(breaker, OUTAGES - 1)
    assert not is_open(breaker)


@pytest.mark.parametrize(
    "nothing",
    [
        errors.SgpBudgetUsedUp(ROUTE, "no time left"),
        errors.SgpTimeout(ROUTE, "timed out", allowed=FAIR_SECONDS - 0.1),
    ],
)
def test_a_turn_without_time_says_nothing_about_sgp(breaker, nothing):
    fail(breaker, 2 * OUTAGES, nothing)
    assert not is_open(breaker)

    fail(breaker, OUTAGES - 1)
    call(breaker, nothing)
    fail(breaker, 1)
    assert is_open(breaker)


@pytest.mark.parametrize(("seconds", "opens"), [(WINDOW, True), (WINDOW + 1, False)])
def test_outages_must_fall_into_the_window(breaker, clock, seconds, opens):
    fail(breaker, OUTAGES - 1)
    clock.now += seconds
    fail(breaker, 1)
    assert is_open(breaker) is opens


def test_after_some_seconds_one_call_finds_sgp_back(breaker, clock, caplog):
    caplog.set_level(logging.INFO)
    fail(breaker)
    clock.now += OPEN_SECONDS - 0.01
    assert call(breaker) is errors.SgpCircuitOpen
    clock.now += 0.01
    assert call(breaker) == "answered"
    assert not is_open(breaker)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_probe_that_fails_leaves_the_circuit_open_for_as_long_again(breaker, clock):
    fail(breaker)
    clock.now += OPEN_SECONDS
    fail(breaker, 1)
    clock.now += OPEN_SECONDS - 0.01
    assert is_open(breaker)
    clock.now += 0.01
    assert call(breaker) == "answered"


@pytest.mark.parametrize("unclear", [errors.SgpBudgetUsedUp(ROUTE, "no slot"), KeyError("a bug")])
def test_a_probe_without_a_verdict_lets_the_next_call_try(breaker, clock, unclear):
    fail(breaker)
    clock.now += OPEN_SECONDS
    with pytest.raises(type(unclear)), breaker.watch(ROUTE):
        raise unclear
    assert call(breaker) == "answered"


def test_of_64_threads_one_probes(breaker, clock):
    fail(breaker)
    clock.now += OPEN_SECONDS
    start = Barrier(64)
    others_done = Event()
    refused = []

    def customer(_number):
        start.wait()
        try:
            with breaker.watch(ROUTE):
                others_done.wait(30)
        except errors.SgpCircuitOpen:
            refused.append(1)
            if len(refused) == 63:
                others_done.set()
            return "refused"
        return "answered"

    with ThreadPoolExecutor(64) as threads:
        assert sorted(threads.map(customer, range(64))) == ["answered"] + ["refused"] * 63


def test_calls_that_began_before_do_not_prolong_the_pause_but_their_success_ends_it(breaker, clock):
    late_failure, late_success = breaker.watch(ROUTE), breaker.watch(ROUTE)
    late_failure.__enter__()
    late_success.__enter__()
    fail(breaker)
    clock.now += OPEN_SECONDS - 1
    late_failure.__exit__(errors.SgpOutage, OUTAGE, None)
    assert is_open(breaker)
    late_success.__exit__(None, None, None)
    assert not is_open(breaker)


def test_an_open_circuit_answers_a_read_at_once_and_is_not_tried_again(fake, client, clock, deadline):
    fake.will(requests.ConnectionError())
    for _ in range(4):
        with pytest.raises(errors.SgpOutage):
            client.connection("7001", Deadline.after(12, clock))
    assert len(fake.sent) == OUTAGES
    sleeps = len(clock.sleeps)

    with pytest.raises(errors.SgpCircuitOpen):
        client.connection("7001", deadline)
    assert (len(fake.sent), len(clock.sleeps)) == (OUTAGES, sleeps)


def test_a_write_at_an_open_circuit_was_not_made(write_call, fake, client, clock, deadline):
    fake.will(requests.ConnectionError())
    for _ in range(4):
        with pytest.raises(errors.SgpOutage):
            client.connection("7001", Deadline.after(12, clock))
    with pytest.raises(errors.SgpNotCalled):
        write_call(client, deadline)
    assert {sent.path for sent in fake.sent} == {"/api/ura/verificaacesso/"}
