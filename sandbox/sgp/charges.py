"""Fine and interest of an overdue title."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_CENT = Decimal("0.01")
FINE_PERCENT = Decimal(2)
INTEREST_PERCENT_PER_DAY = Decimal(1) / Decimal(30)
"""1 % a month by the day, the usual clause of Brazilian bills; SGP shows it rounded to 0.0333."""


@dataclass(frozen=True)
class Charges:
    """What lateness adds to a title.

    Attributes:
        days_late: Whole days after the due date; 0 when not overdue.
        fine: Fine in reais.
        interest: Interest in reais.
    """

    days_late: int
    fine: Decimal
    interest: Decimal


def charges(amount: Decimal, due: date, today: date) -> Charges:
    """Computes fine and interest.

    Args:
        amount: Original amount in reais.
        due: Original due date; a title is not late on that day.
        today: Date in the provider's time zone.

    Returns:
        Zeroes when the title is not overdue.
    """
    days = max(0, (today - due).days)
    if not days:
        return Charges(0, Decimal(0), Decimal(0))
    fine = amount * FINE_PERCENT / 100
    interest = amount * INTEREST_PERCENT_PER_DAY * days / 100
    return Charges(days, fine.quantize(_CENT, ROUND_HALF_UP), interest.quantize(_CENT, ROUND_HALF_UP))
