"""Which of the listed invoices did the customer mean?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.invoices import Invoice

MONTHS_IN_YEAR = 12
DAYS_IN_WEEK = 7
RELATIVE_MONTHS = {"current": 0, "previous": -1, "next": 1, "two_back": -2}
RELATIVE_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True)
class Wish:
    """What a message says of an invoice; values as the NLU's entities have them, None when unsaid.

    Attributes:
        ordinal: "1", "2", …, "all", "oldest", "newest".
        month: "1" to "12", "current", "previous", "next", "two_back".
        day: `YYYY-MM-DD`, `MM-DD`, "day:N", "today", "yesterday", "tomorrow", "next_week",
            "weekday:1" (Monday) to "weekday:7".
        amount: As in "99.90".
    """

    ordinal: str | None = None
    month: str | None = None
    day: str | None = None
    amount: str | None = None

    def __bool__(self) -> bool:
        return any((self.ordinal, self.month, self.day, self.amount))


def select(invoices: Sequence[Invoice], wish: Wish, today: date) -> tuple[Invoice, ...]:
    """Invoices that fit everything that was said.

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
        if _fits_ordinal(wish.ordinal, position, len(invoices))
        and _fits_month(wish.month, invoice.due_date, today)
        and _fits_day(wish.day, invoice.due_date, today)
        and _fits_amount(wish.amount, invoice.amount)
    )


def _fits_ordinal(ordinal: str | None, position: int, count: int) -> bool:
    if ordinal is None or ordinal == "all":
        return True
    if ordinal == "oldest":
        return position == 1
    if ordinal == "newest":
        return position == count
    return ordinal == str(position)


def _fits_month(month: str | None, due: date, today: date) -> bool:
    if month is None:
        return True
    if month in RELATIVE_MONTHS:
        return (due.year * MONTHS_IN_YEAR + due.month) - (today.year * MONTHS_IN_YEAR + today.month) == (
            RELATIVE_MONTHS[month]
        )
    return month == str(due.month)


def _fits_day(day: str | None, due: date, today: date) -> bool:
    if day is None:
        return True
    if day == "next_week":
        monday = today + timedelta(days=DAYS_IN_WEEK - today.weekday())
        return monday <= due < monday + timedelta(days=DAYS_IN_WEEK)
    if day in RELATIVE_DAYS:
        return due == today + timedelta(days=RELATIVE_DAYS[day])
    return day in {due.isoformat(), f"{due:%m-%d}", f"day:{due.day}", f"weekday:{due.isoweekday()}"}


def _fits_amount(amount: str | None, owed: Decimal) -> bool:
    if amount is None:
        return True
    try:
        return Decimal(amount) == owed
    except InvalidOperation:
        return False
