"""How Brazilians read money, dates and months."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

MONTHS = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)


def money(amount: Decimal) -> str:
    """`R$ 1.234,56` for Decimal("1234.56")."""
    return "R$ " + f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def day(value: date) -> str:
    """`07/11/2026`."""
    return f"{value:%d/%m/%Y}"


def month(value: date) -> str:
    """`novembro` for any day in November."""
    return MONTHS[value.month - 1]
