"""Rates with a burst, to all and to one."""

from __future__ import annotations

import pytest

from addons.whatsapp import limiter
from addons.whatsapp.limiter import PairLimits, TokenBucket


def test_a_burst_goes_at_once_and_the_rest_at_the_rate(clock):
    bucket = TokenBucket(rate=10, burst=2, clock=clock)

    assert [bucket.take() for _ in range(4)] == [0, 0, pytest.approx(0.1), pytest.approx(0.2)]

    clock.now += 0.2
    assert bucket.delay() == pytest.approx(0.1)
    clock.now += 60
    assert [bucket.take() for _ in range(3)] == [0, 0, pytest.approx(0.1)]


def test_a_token_that_is_put_back_is_there_for_the_next(clock):
    bucket = TokenBucket(rate=10, burst=1, clock=clock)
    bucket.take()
    bucket.put_back()

    assert bucket.take() == 0


def test_a_pause_holds_everybody_back(clock):
    bucket = TokenBucket(rate=10, burst=5, clock=clock)
    bucket.pause(7)

    assert bucket.delay() == pytest.approx(7.1)
    clock.now += 7
    assert bucket.take() == pytest.approx(0.1)


def test_one_recipient_does_not_slow_another_down(clock):
    limits = PairLimits(burst=1, seconds=6, clock=clock)
    limits.of("maria").take()

    assert limits.of("maria").delay() == pytest.approx(6)
    assert limits.of("ana").delay() == 0


def test_only_recipients_who_wrote_lately_are_kept(clock, monkeypatch):
    monkeypatch.setattr(limiter, "KEPT_PAIRS", 2)
    limits = PairLimits(burst=1, seconds=6, clock=clock)
    limits.of("maria").take()
    clock.now += 1
    limits.of("ana").take()
    clock.now += 5.5

    limits.of("rita")

    assert set(limits._buckets) == {"ana", "rita"}
