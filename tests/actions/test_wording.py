"""Pieces of Portuguese that are put together from data."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.wording import opening
from billing.hours import BusinessHours

WEEK = BusinessHours.parse("mon-fri 08:00-18:00; sat 08:30-12:00")


def at(day, hour, minute=0):
    """A time of November 2026, whose 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - as SGP writes times


@pytest.mark.parametrize(
    ("hours", "now", "words"),
    [
        (WEEK, at(23, 10, 30), ""),
        (BusinessHours(), at(22, 3), ""),
        (WEEK, at(23, 7, 59), ", a partir de hoje, às 08:00"),
        (WEEK, at(23, 18), ", a partir de amanhã, às 08:00"),
        (WEEK, at(27, 20), ", a partir de amanhã, às 08:30"),
        (WEEK, at(28, 12), ", a partir de segunda-feira, 30/11/2026, às 08:00"),
        (
            BusinessHours.parse("tue 09:05-10:00"),
            at(24, 10),
            ", a partir de terça-feira, 01/12/2026, às 09:05",
        ),
        (BusinessHours.parse("sun 09:00-10:00"), at(23, 10), ", a partir de domingo, 29/11/2026, às 09:00"),
    ],
)
def test_when_a_person_will_answer(hours, now, words):
    assert opening(hours, now) == words
