"""Dates and days."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from addons.nlu.entities.months import MONTH_NAME, number_of
from addons.nlu.entities.numerals import CARDINAL, number

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = r"0?[1-9]|[12][0-9]|3[01]"
_CENTURY = 2000
_LEAP_YEAR = 2024  # a day without a year may be the 29th of February

_FULL = re.compile(
    rf"(?<![0-9/.-])(?P<day>{_DAY})(?P<separator>[/.-])(?P<month>0?[1-9]|1[0-2])(?P=separator)"
    r"(?P<year>(?:20)?[0-9]{2})(?![0-9]|[/.-][0-9])"
)
_DAY_AND_MONTH = re.compile(
    rf"(?:\bdia[ ])?(?<![0-9/.,-])(?P<day>{_DAY})(?:/|[ ]do[ ](?:mes[ ])?)"
    r"(?P<month>0?[1-9]|1[0-2])(?![0-9]|[/.,-][0-9])"
    rf"|\bdia[ ](?P<dotted_day>{_DAY})[.-](?P<dotted_month>0?[1-9]|1[0-2])(?![0-9])"
)
_NAMED_MONTH = re.compile(
    rf"(?:\bdia[ ])?(?<![0-9/.,-])\b(?P<day>{_DAY}|{CARDINAL}|primeiro|1[oº°])[ ]?(?:de|do|/|-)[ ]?"
    rf"(?P<month>{MONTH_NAME})\b"
    r"(?:[ ](?:de[ ]|do[ ])?(?P<year>20[0-9]{2}))?"
)
_DAY_ALONE = re.compile(
    rf"\bdia[ ](?P<day>{_DAY}|vinte[ ]e[ ](?:{CARDINAL})|trinta[ ]e[ ]um|{CARDINAL}|primeiro|1[oº°])"
    r"(?![0-9a-z])(?![/.-][0-9])"
)
_NEAR = re.compile(
    r"\b(?:(?P<today>hoje|hj)|(?P<yesterday>(?<!ante)ontem)"
    r"|(?P<tomorrow>(?<!depois de )(?<!dps de )(?:amanha|amnha|amanhan))"
    r"|(?P<next_week>(?:semana (?:que|q) vem|proxima semana)))\b"
)
_WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_WEEKDAY = re.compile(
    rf"\b(?:(?P<sure>(?:{'|'.join(_WEEKDAYS[:5])})[ -]?feira|terca|sabado|domingo)"
    r"|(?:na|nessa|essa|ate|pra|para|proxima|toda|de|desde|pago|pagar|recebo)[ ](?:so[ ])?"
    r"(?P<after>(?:segunda|quarta|quinta|sexta)(?:[ -]?feira)?)"
    r"|(?P<before>segunda|quarta|quinta|sexta)(?=[ ](?:que vem|q vem|eu|pago|vou|recebo|de manha|a tarde)\b))"
    r"\b(?! via\b| parcela\b| vez\b)"
)


def find(folded: str) -> Iterator[Mention]:
    """Find dates.

    Values: ``YYYY-MM-DD``, ``MM-DD`` without a year, ``day:N`` for a day of the month, today, yesterday,
    tomorrow, next_week, and ``weekday:1`` (Monday) to ``weekday:7``. Days that no calendar has are left out.
    """
    for match in _FULL.finditer(folded):
        year = int(match["year"])
        value = _iso(year if year >= _CENTURY else _CENTURY + year, int(match["month"]), int(match["day"]))
        if value:
            yield Mention(match.start(), match.end(), "date", value)
    yield from _without_year(folded)
    for match in _NAMED_MONTH.finditer(folded):
        value = _iso(int(match["year"] or _LEAP_YEAR), number_of(match["month"]), _day(match["day"]))
        if value:
            yield Mention(match.start(), match.end(), "date", value if match["year"] else value[5:])
    for match in _DAY_ALONE.finditer(folded):
        yield Mention(match.start(), match.end(), "date", f"day:{_day(match['day'])}")
    for match in _NEAR.finditer(folded):
        yield Mention(match.start(), match.end(), "date", str(match.lastgroup))
    for match in _WEEKDAY.finditer(folded):
        group = match.lastgroup or ""
        weekday = next(n for n, name in enumerate(_WEEKDAYS, start=1) if match[group].startswith(name))
        yield Mention(match.start(group), match.end(), "date", f"weekday:{weekday}")


def _without_year(folded: str) -> Iterator[Mention]:
    for match in _DAY_AND_MONTH.finditer(folded):
        day, month = match["day"] or match["dotted_day"], match["month"] or match["dotted_month"]
        value = _iso(_LEAP_YEAR, int(month), int(day))
        if value and match.group() != "24/7":  # "funciona 24/7" is no day
            yield Mention(match.start(), match.end(), "date", value[5:])


def _day(written: str) -> int:
    if written[0] == "1" and not written.isdigit():  # "1º"
        return 1
    return sum(number(word) for word in written.split() if word != "e")


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
