"""Which of the listed invoices did the customer mean?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from billing.invoices import Due

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.invoices import Invoice

MONTHS_IN_YEAR = 12
DAYS_IN_WEEK = 7
RELATIVE_MONTHS = {"current": 0, "previous": -1, "next": 1, "two_back": -2}
RELATIVE_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True)
class Wish:
    """What a message says of invoices; values as the NLU's entities have them, empty when unsaid.

    Attributes:
        ordinals: "1", "2", …, "all", "oldest", "newest".
        months: "1" to "12", "current", "previous", "next", "two_back".
        days: `YYYY-MM-DD`, `MM-DD`, "day:N", "today", "yesterday", "tomorrow", "next_week",
            "weekday:1" (Monday) to "weekday:7".
        amounts: As in "99.90".
        overdue: Whether the overdue ones are meant.
        several: Whether more than one may be meant, as in "as de outubro".
    """

    ordinals: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    overdue: bool = False
    several: bool = False

    def __bool__(self) -> bool:
        return any((self.ordinals, self.months, self.days, self.amounts, self.overdue))


def select(invoices: Sequence[Invoice], wish: Wish, today: date) -> tuple[Invoice, ...]:
    """Invoices that fit what was said: one of the values of each kind.

    Args:
        invoices: As listed to the customer, in that order.
        wish: What the customer said.
        today: In the provider's zone.

    Returns:
        The fitting ones in the list's order; empty when none fits or nothing was said.
    """
    if not wish:
        return ()
    return tuple(
        invoice
        for position, invoice in enumerate(invoices, start=1)
        if _unsaid_or_one(_fits_ordinal(said, position, len(invoices)) for said in wish.ordinals)
        and _unsaid_or_one(_fits_month(said, invoice.due_date, today) for said in wish.months)
        and _unsaid_or_one(_fits_day(said, invoice.due_date, today) for said in wish.days)
        and _unsaid_or_one(_fits_amount(said, invoice.amount) for said in wish.amounts)
        and (invoice.due is Due.OVERDUE or not wish.overdue)
    )


def pick(invoices: Sequence[Invoice], wish: Wish, today: date) -> tuple[Invoice, ...]:
    """As `select`, but nothing where one was meant and more than one fits ("a de novembro")."""
    fitting = select(invoices, wish, today)
    return fitting if wish.several or len(fitting) == 1 else ()


def _unsaid_or_one(fits: Iterable[bool]) -> bool:
    found = list(fits)
    return not found or any(found)


def _fits_ordinal(ordinal: str, position: int, count: int) -> bool:
    if ordinal == "all":
        return True
    if ordinal == "oldest":
        return position == 1
    if ordinal == "newest":
        return position == count
    return ordinal == str(position)


def _fits_month(month: str, due: date, today: date) -> bool:
    if month in RELATIVE_MONTHS:
        return (due.year * MONTHS_IN_YEAR + due.month) - (today.year * MONTHS_IN_YEAR + today.month) == (
            RELATIVE_MONTHS[month]
        )
    return month == str(due.month)


def _fits_day(day: str, due: date, today: date) -> bool:
    if day == "next_week":
        monday = today + timedelta(days=DAYS_IN_WEEK - today.weekday())
        return monday <= due < monday + timedelta(days=DAYS_IN_WEEK)
    if day in RELATIVE_DAYS:
        return due == today + timedelta(days=RELATIVE_DAYS[day])
    return day in {due.isoformat(), f"{due:%m-%d}", f"day:{due.day}", f"weekday:{due.isoweekday()}"}


def _fits_amount(amount: str, owed: Decimal) -> bool:
    try:
        return Decimal(amount) == owed
    except InvalidOperation:
        return False
