"""Many threads at once at an SGP that minds being called too fast; time is virtual."""

from __future__ import annotations

import pytest
import requests

from billing.deadline import Deadline
from billing.sgp import errors
from billing.sgp.client import SgpClient
from billing.sgp.limiter import LocalPace, RateLimiter
from billing.sgp.pace import Pace
from tests.sgp.virtual_time import VirtualTime

CALL_SECONDS = 0.7
ONLINE = "verificaacesso__online"
TOO_FAST = "error__rate_limit_403"


class BusySgp:
    """Takes its time, counts the calls under way and refuses those above its tolerance."""

    def __init__(self, time, reply, tolerance=10**6):
        self.time = time
        self.reply = reply
        self.tolerance = tolerance
        self.under_way = 0
        self.most = 0
        self.begun = []
        self.refused = []

    def __call__(self, _sent):
        self.begun.append(self.time.now)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self.under_way > self.tolerance:
                self.refused.append(self.time.now)
                return self.reply.sample(TOO_FAST)
            self.time.sleep(CALL_SECONDS)
            return self.reply.sample(ONLINE)
        finally:
            self.under_way -= 1


@pytest.fixture
def time():
    return VirtualTime()


@pytest.fixture
def calling(fake, time):
    """Makes a function that calls SGP with a budget of seconds and tells how that ended."""

    def make(pace=None, keeper=None):
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", fake)
        client = SgpClient(
            "https://provedor-exemplo.sgp.example",
            "token",
            "app",
            session=session,
            limiter=RateLimiter(keeper or LocalPace(pace or Pace(), time), time.sleep),
            sleep=time.sleep,
            clock=time,
            rand=lambda: 0.5,
        )

        def call(seconds=12.0):
            try:
                client.connection("7001", Deadline.after(seconds, time))
            except errors.SgpError as error:
                return type(error)
            return "answered"

        return call

    return make


def test_virtual_time_wakes_threads_in_the_order_of_their_time(time):
    order = []

    def sleeper(number):
        time.sleep(3 - number)
        order.append((number, time.now))
        time.sleep(10)

    time.run(sleeper, 3)
    assert order == [(2, 1), (1, 2), (0, 3)]


def test_of_a_hundred_threads_64_are_at_sgp_at_once(time, fake, calling, reply):
    sgp = BusySgp(time, reply)
    fake.will(sgp)
    call = calling()

    assert time.run(lambda _: call(), 100) == ["answered"] * 100
    assert sgp.most == 64


def test_without_the_limit_all_hundred_would_be_there(time, fake, calling, reply):
    class Boundless(LocalPace):
        def update(self, change):
            self._pace = Pace()
            return super().update(change)

    sgp = BusySgp(time, reply)
    fake.will(sgp)
    call = calling(keeper=Boundless(Pace(), time))
    time.run(lambda _: call(), 100)

    assert sgp.most == 100


def test_with_a_rate_64_threads_are_served_at_even_distances(time, fake, calling, reply):
    sgp = BusySgp(time, reply)
    fake.will(sgp)
    call = calling(Pace(max_rate=10))

    assert time.run(lambda _: call(), 64) == ["answered"] * 64
    distances = [after - before for before, after in zip(sgp.begun, sgp.begun[1:], strict=False)]
    assert distances == pytest.approx([0.1] * 63)


def test_who_cannot_have_a_slot_in_time_hears_so_at_once(time, fake, calling, reply):
    sgp = BusySgp(time, reply)
    fake.will(sgp)
    call = calling(Pace(max_rate=10))

    def timed(_):
        return call(seconds=3.05), time.now

    ended = time.run(timed, 64)
    refused = [when for how, when in ended if how is errors.SgpBudgetUsedUp]
    assert len(refused) == 64 - 31
    assert set(refused) == {0.0}
    assert len(sgp.begun) == 31


def minute_shares(sgp):
    """The share of refused calls in the first and in the last minute."""
    last = max(sgp.begun) - 60

    def share(begin, end):
        refused, begun = (sum(begin <= at <= end for at in moments) for moments in (sgp.refused, sgp.begun))
        return refused / begun

    return share(0, 60), share(last, last + 60)


def busy_customers(time, call, seconds=150):
    def customer(_):
        while time.now < seconds:
            call()

    time.run(customer, 12)


def test_an_sgp_that_throttles_is_soon_called_slowly_enough(time, fake, calling, reply):
    sgp = BusySgp(time, reply, tolerance=5)
    fake.will(sgp)
    busy_customers(time, calling())

    first, last = minute_shares(sgp)
    assert 0 < first < 0.1
    assert last < 0.02
    assert len(sgp.begun) > 150 / CALL_SECONDS * 2.5


def test_without_slowing_down_most_calls_would_be_refused(time, fake, calling, reply):
    class Stubborn(LocalPace):
        def update(self, change):
            before = self._pace
            result = super().update(change)
            if self._pace.limit < before.limit:
                self._pace = before
            return result

    sgp = BusySgp(time, reply, tolerance=5)
    fake.will(sgp)
    busy_customers(time, calling(keeper=Stubborn(Pace(), time)), seconds=20)

    assert len(sgp.refused) / len(sgp.begun) > 0.5


@pytest.mark.parametrize(
    ("failure", "slows"),
    [(TOO_FAST, True), ("error__bad_credentials_403", False), ("error__server_500_html", False)],
)
def test_only_haste_slows_down(time, fake, calling, failure, slows):
    keeper = LocalPace(Pace(), time)
    fake.will(failure)
    call = calling(keeper=keeper)
    time.run(lambda _: call(), 1)

    limit = keeper.update(lambda pace, _now: (pace, pace.limit))
    assert (limit < 64) is slows


def test_a_429_is_haste_whatever_its_body_says(fake, client, deadline, reply):
    fake.will(reply({"detail": "Pedido foi limitado."}, status=429))
    with pytest.raises(errors.SgpCredentialOrThrottle) as caught:
        client.connection("7001", deadline)
    assert caught.value.throttle_likely


def test_a_failed_call_gives_its_slot_back(time, fake, calling):
    fake.will("error__login_html_200")
    call = calling()

    assert set(time.run(lambda _: [call() for _ in range(10)].pop(), 20)) == {errors.SgpMisconfigured}
    fake.will(ONLINE)
    assert time.run(lambda _: call(), 1) == ["answered"]
    assert time.now == 0.0
