"""The numbers of the politeness limit: how many calls at once, how far apart, and what a refusal changes."""

from __future__ import annotations

import pytest

from billing.sgp.pace import LEASE, RETRY_AFTER, Admission, Pace

PATIENCE = 12.0


def admitted(pace, count, now=0.0):
    """The pace after `count` calls, and when each may start; None for those that got no slot."""
    starts = []
    for number in range(count):
        pace, admission = pace.admit(f"{now}-{number}", now, PATIENCE)
        starts.append(now + admission.wait if admission.granted else None)
    return pace, starts


def slowed(*moments, pace=None):
    pace = pace or Pace()
    for moment in moments:
        pace = pace.slow_down(moment)
    return pace


def at_once(pace, now):
    """How many calls may run together."""
    return sum(start is not None for start in admitted(pace, 100, now)[1])


def test_64_calls_start_at_once_and_the_next_asks_again():
    pace, starts = admitted(Pace(), 64)
    assert starts == [0.0] * 64
    assert pace.admit("one more", 0.0, PATIENCE)[1] == Admission(granted=False, wait=RETRY_AFTER)


def test_a_finished_call_makes_room():
    pace, _starts = admitted(Pace(), 64)
    assert at_once(pace.release("0.0-7"), 1.0) == 1


def test_a_call_that_never_ended_counts_for_its_lease():
    pace, _starts = admitted(Pace(), 64)
    assert at_once(pace, LEASE - 0.01) == 0
    assert at_once(pace, LEASE) == 64


def test_with_a_rate_calls_start_at_even_distances():
    assert admitted(Pace(max_rate=4), 5)[1] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_rate_below_one_a_second():
    pace, starts = admitted(Pace(max_rate=0.25), 4)
    assert starts == [0.0, 4.0, 8.0, 12.0]
    assert pace.admit("late", 0.0, PATIENCE)[1] == Admission(granted=False, wait=16.0)


def test_a_slot_that_comes_too_late_is_left_to_others():
    pace, _starts = admitted(Pace(max_rate=0.25), 1)
    assert pace.admit("in a hurry", 0.0, 3.0)[1] == Admission(granted=False, wait=4.0)
    assert pace.admit("patient", 0.0, 4.0)[1] == Admission(granted=True, wait=4.0)


def test_time_that_nobody_used_is_not_saved_for_a_burst():
    pace, _starts = admitted(Pace(max_rate=1), 1)
    assert admitted(pace, 3, now=100.0)[1] == [100.0, 101.0, 102.0]


@pytest.mark.parametrize(("running", "left"), [(1, 4), (8, 4), (20, 10), (64, 32)])
def test_a_refusal_halves_what_was_under_way(running, left):
    pace, _starts = admitted(Pace(), running)
    assert at_once(Pace(limit=pace.slow_down(1.0).limit, slowed_at=1.0), 1.0) == left


def test_refusals_of_the_same_moment_count_once():
    assert slowed(0.0, 0.5, 2.9) == slowed(0.0)
    assert slowed(0.0, 3.0).limit < slowed(0.0).limit


def test_repeated_refusals_lead_to_one_call_in_four_seconds_and_no_lower():
    pace = slowed(*(3.0 * number for number in range(12)))
    assert pace.limit == 0.25
    assert admitted(pace, 1, now=33.0)[1] == [37.0]


def test_a_slow_limit_lets_one_call_run_and_tells_the_others_when_to_ask_again():
    pace = Pace(limit=0.25, slowed_at=0.0, next_start=4.0)
    pace, starts = admitted(pace, 2)
    assert starts == [4.0, None]
    assert pace.admit("third", 0.0, PATIENCE)[1] == Admission(granted=False, wait=8.0)


@pytest.mark.parametrize(("seconds", "calls"), [(0, 4), (20, 5), (60, 7), (1200, 64), (10**6, 64)])
def test_the_limit_recovers_slowly_and_not_beyond_64(seconds, calls):
    assert at_once(slowed(0.0), float(seconds)) == calls


def test_a_fixed_rate_is_kept_also_after_the_recovery():
    assert admitted(slowed(0.0, pace=Pace(max_rate=2)), 3, now=10**6)[1] == [10**6, 10**6 + 0.5, 10**6 + 1]
