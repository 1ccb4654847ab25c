"""The birth date as a proof: how customers write it, and whether the ERP has the same."""

from __future__ import annotations

import hmac
import re
from datetime import date
from typing import TYPE_CHECKING

from billing.brazil import MONTHS
from billing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.sgp.models import Contract

OLDEST_AGE = 120
"""Years; nobody's registration is older (the longest life known was 122)."""

NO_DATE = "0000-00-00"
"""Compared in the place of a birth date that the ERP does not have; no date is written so."""

_CENTURY = 100
_MONTH = "|".join(fold(name) for name in MONTHS)
_YEAR = r"[0-9]{4}|[0-9]{2}"
_SHAPES = (
    # 12/04/1985, 12.4.85, 12 04 1985, 12-04-1985
    rf"(?P<day>[0-9]{{1,2}})(?P<gap> ?[/. -] ?)(?P<month>[0-9]{{1,2}})(?P=gap)(?P<year>{_YEAR})",
    # 12041985
    r"(?P<day2>[0-9]{2})(?P<month2>[0-9]{2})(?P<year2>[0-9]{4})",
    # 12 de abril de 1985
    rf"(?P<day3>[0-9]{{1,2}})[ºo]? (?:de )?(?P<month3>{_MONTH})(?: de| do)?,? (?P<year3>{_YEAR})",
    # 1985-04-12
    r"(?P<year4>[0-9]{4})-(?P<month4>[0-9]{2})-(?P<day4>[0-9]{2})",
)
_WRITTEN = re.compile(rf"(?<![0-9])(?:{'|'.join(_SHAPES)})(?![0-9])")
_DOCUMENT = re.compile(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}[-. ]?[0-9]{2}(?![0-9])")


def parse_birth_date(text: str, today: date) -> date | None:
    """Find the one birth date in what a customer wrote.

    Args:
        text: Like "12/04/1985", "12.4.85", "12041985" or "nasci em 12 de abril de 1985"; day before month.
        today: In the provider's zone; a year of two digits is the last one that is not after it.

    Returns:
        The date, or None when there is none or more than one: no date of the calendar, one in the future,
        or one that nobody alive was born on.
    """
    found = {_read(match, today) for match in _WRITTEN.finditer(_DOCUMENT.sub(" ", fold(text)))}
    return found.pop() if len(found) == 1 else None


def were_born_on(contracts: Iterable[Contract], given: date) -> bool:
    """Whether the ERP has this birth date for the customer.

    Every contract is compared, and each in the same time whatever it holds, so that time tells nothing.

    Args:
        contracts: All of one customer; none of an unknown one.
        given: What the sender says.
    """
    known = [contract.birth_date.isoformat() if contract.birth_date else NO_DATE for contract in contracts]
    matches = [hmac.compare_digest(each, given.isoformat()) for each in known or [NO_DATE]]
    return any(matches)


def _read(match: re.Match[str], today: date) -> date | None:
    parts = {name.rstrip("234"): value for name, value in match.groupdict().items() if value is not None}
    month = parts["month"]
    number = int(month) if month.isdigit() else [fold(name) for name in MONTHS].index(month) + 1
    year = int(parts["year"])
    if year < _CENTURY:
        year += today.year // _CENTURY * _CENTURY
        year -= _CENTURY if year > today.year else 0
    try:
        born = date(year, number, int(parts["day"]))
    except ValueError:
        return None
    return born if born < today and born.year >= today.year - OLDEST_AGE else None
