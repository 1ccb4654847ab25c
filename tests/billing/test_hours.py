"""When the provider's people answer."""

from __future__ import annotations

from datetime import datetime

import pytest

from billing.hours import (
    BusinessHours,
    ClosesBeforeOpening,
    HoursError,
    ImpossibleTime,
    Period,
    UnknownDay,
    UnreadableEntry,
)

WEEK = BusinessHours.parse("mon-fri 08:00-18:00; sat 08:00-12:00")


def at(text):
    """A moment of the week in which Monday is the 23rd."""
    return datetime.fromisoformat(f"2026-11-{text}")


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("sat 08:00-12:00", [(5, 480, 720)]),
        ("fri-sun 8:00-9:30", [(4, 480, 570), (5, 480, 570), (6, 480, 570)]),
        ("sun-mon 00:00-24:00", [(6, 0, 1440), (0, 0, 1440)]),
        ("mon 08:00-12:00; mon 13:00-18:00;", [(0, 480, 720), (0, 780, 1080)]),
        ("  TUE   -  Wed 08:00 - 09:00 ", [(1, 480, 540), (2, 480, 540)]),
    ],
)
def test_what_operators_write(text, periods):
    assert BusinessHours.parse(text).periods == tuple(Period(*period) for period in periods)


@pytest.mark.parametrize(
    ("text", "error", "part"),
    [
        ("seg-sex 08:00-18:00", UnknownDay, '"seg"'),
        ("mon-sex 08:00-18:00", UnknownDay, '"sex"'),
        ("mon-fri 8h-18h", UnreadableEntry, '"mon-fri 8h-18h"'),
        ("mon-fri", UnreadableEntry, '"mon-fri"'),
        ("08:00-18:00", UnreadableEntry, '"08:00-18:00"'),
        ("mon, tue 08:00-18:00", UnreadableEntry, '"mon, tue 08:00-18:00"'),
        ("mon 08:00-18:00, sat 08:00-12:00", UnreadableEntry, "mon-fri 08:00-18:00; sat 08:00-12:00"),
        ("mon 08:60-18:00", ImpossibleTime, '"08:60"'),
        ("mon 08:00-24:01", ImpossibleTime, '"24:01"'),
        ("mon 18:00-02:00", ClosesBeforeOpening, "meia-noite"),
        ("mon 08:00-08:00", ClosesBeforeOpening, '"mon 08:00-08:00"'),
        ("mon 08:00-18:00; sat", UnreadableEntry, '"sat"'),
    ],
)
def test_a_mistake_is_named(text, error, part):
    with pytest.raises(error) as raised:
        BusinessHours.parse(text)

    assert isinstance(raised.value, HoursError)
    assert part in str(raised.value)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("23 07:59:59", False),
        ("23 08:00", True),
        ("27 17:59:59", True),
        ("27 18:00", False),
        ("28 11:59", True),
        ("28 12:00", False),
        ("29 10:00", False),
    ],
)
def test_the_opening_minute_is_open_and_the_closing_one_is_not(moment, is_open):
    assert WEEK.is_open(at(moment)) is is_open


def test_until_midnight_is_until_the_last_second():
    assert BusinessHours.parse("mon 00:00-24:00").is_open(at("23 23:59:59"))
    assert not BusinessHours.parse("mon 00:00-24:00").is_open(at("24 00:00"))


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("23 10:15:30", "23 10:15:30"),
        ("23 05:00", "23 08:00"),
        ("23 18:00", "24 08:00"),
        ("27 20:00", "28 08:00"),
        ("28 12:00", "30 08:00"),
        ("29 23:59", "30 08:00"),
    ],
)
def test_the_next_opening(moment, opening):
    assert WEEK.next_opening(at(moment)) == at(opening)


def test_after_the_only_period_of_the_week_it_is_a_week_to_the_next():
    assert BusinessHours.parse("mon 08:00-09:00").next_opening(at("23 09:00")) == at("30 08:00")


def test_after_the_morning_comes_the_afternoon():
    hours = BusinessHours.parse("mon 13:00-18:00; mon 08:00-12:00")
    assert hours.next_opening(at("23 12:30")) == at("23 13:00")


@pytest.mark.parametrize("text", ["", "  ", ";"])
def test_without_hours_it_is_always_open(text):
    hours = BusinessHours.parse(text)
    assert hours.is_open(at("29 03:00"))
    assert hours.next_opening(at("29 03:00")) == at("29 03:00")
