"""When the provider's people answer: `BUSINESS_HOURS`, like `mon-fri 08:00-18:00; sat 08:00-12:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names by `datetime.weekday()`."""

MINUTES_A_DAY = 24 * 60

_ENTRY = re.compile(r"([a-z]+)(?: ?- ?([a-z]+))? (\d{1,2}):(\d{2}) ?- ?(\d{1,2}):(\d{2})")


class HoursError(ValueError):
    """The text is no business hours; says for the operator which part is wrong, and what is right."""


class UnreadableEntry(HoursError):
    """A part that is not `days opening-closing`."""

    def __init__(self, entry: str) -> None:
        super().__init__(f'não entendi "{entry}"; escreva como "mon-fri 08:00-18:00; sat 08:00-12:00"')


class UnknownDay(HoursError):
    """A day by another name."""

    def __init__(self, day: str) -> None:
        super().__init__(f'não conheço o dia "{day}"; use {", ".join(DAYS)}')


class ImpossibleTime(HoursError):
    """A time that no clock shows."""

    def __init__(self, written: str) -> None:
        super().__init__(f'"{written}" não é um horário; vai de 00:00 a 24:00')


class ClosesBeforeOpening(HoursError):
    """A period that is empty or goes over midnight."""

    def __init__(self, entry: str) -> None:
        super().__init__(
            f'em "{entry}" o fechamento não vem depois da abertura; '
            "para atravessar a meia-noite use dois períodos, até 24:00 e a partir de 00:00"
        )


@dataclass(frozen=True)
class Period:
    """Part of a weekday in which somebody answers.

    Attributes:
        weekday: 0 is Monday.
        opens: Minutes after midnight.
        closes: Minutes after midnight, at most 24 hours; that minute is no longer in it.
    """

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True)
class BusinessHours:
    """The week of the provider's people.

    Attributes:
        periods: In any order; none means always open.
    """

    periods: tuple[Period, ...] = ()

    @classmethod
    def parse(cls, text: str) -> BusinessHours:
        """Read the setting.

        Args:
            text: Entries like `mon-fri 08:00-18:00` or `sat 08:00-12:00`, separated by semicolons; a day may
                stand in several, for a lunch break. Blank means always open.

        Raises:
            HoursError: One of its subclasses.
        """
        entries = [" ".join(entry.lower().split()) for entry in text.split(";")]
        return cls(tuple(period for entry in entries if entry for period in _periods(entry)))

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody answers.

        Args:
            moment: Naive local time of the provider.
        """
        minute = moment.hour * 60 + moment.minute
        return not self.periods or any(
            period.weekday == moment.weekday() and period.opens <= minute < period.closes
            for period in self.periods
        )

    def next_opening(self, moment: datetime) -> datetime:
        """When somebody will answer.

        Args:
            moment: Naive local time of the provider.

        Returns:
            The first moment from then on in which it is open: `moment` itself when it is.
        """
        if self.is_open(moment):
            return moment
        midnight = datetime.combine(moment, time())
        openings = [
            # Today's may be over; then it is the same one in a week.
            midnight + timedelta(days=(period.weekday - moment.weekday()) % 7 + weeks, minutes=period.opens)
            for period in self.periods
            for weeks in (0, 7)
        ]
        return min(opening for opening in openings if opening > moment)


def _periods(entry: str) -> list[Period]:
    written = _ENTRY.fullmatch(entry)
    if written is None:
        raise UnreadableEntry(entry)
    first, last = _weekday(written[1]), _weekday(written[2] or written[1])
    opens, closes = _minutes(written[3], written[4]), _minutes(written[5], written[6])
    if closes <= opens:
        raise ClosesBeforeOpening(entry)
    return [Period((first + day) % 7, opens, closes) for day in range((last - first) % 7 + 1)]


def _weekday(name: str) -> int:
    if name not in DAYS:
        raise UnknownDay(name)
    return DAYS.index(name)


def _minutes(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or minutes > MINUTES_A_DAY:  # noqa: PLR2004 - minutes of an hour
        raise ImpossibleTime(f"{hour}:{minute}")
    return minutes
