"""Barcode and linha digitável of a bank slip (boleto).

Layout and check digits follow FEBRABAN's slip convention, the free field Sicoob's (bank 756) layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

_BANK_AND_CURRENCY = "7569"
_WALLET, _AGENCY, _MODALITY, _BENEFICIARY = "1", "9999", "01", "0000001"
# FEBRABAN's factor counted days from 1997-10-07 and started again at 1000 on this day.
_FACTOR_RESTART = date(2025, 2, 22)


@dataclass(frozen=True)
class SlipCodes:
    """The two writings of one slip.

    Attributes:
        barcode: 44 digits.
        line: Linha digitável, 47 digits formatted as SGP does.
    """

    barcode: str
    line: str


def due_factor(due: date) -> int:
    """Days since the restart of the due-date factor, which counts from 1000."""
    return 1000 + (due - _FACTOR_RESTART).days


@lru_cache(maxsize=512)
def slip_codes(our_number: int, amount: Decimal, due: date) -> SlipCodes:
    """Writes the codes of a slip.

    Args:
        our_number: "Nosso número", up to 8 digits.
        amount: Amount in reais.
        due: Due date encoded in the slip, 2025-02-22 or later.

    Returns:
        Barcode and linha digitável, with correct check digits.
    """
    free_field = f"{_WALLET}{_AGENCY}{_MODALITY}{_BENEFICIARY}{our_number:08d}001"
    tail = f"{due_factor(due):04d}{int(amount * 100):010d}{free_field}"
    check = _modulo_11(_BANK_AND_CURRENCY + tail)
    return SlipCodes(
        barcode=f"{_BANK_AND_CURRENCY}{check}{tail}",
        line=_digitable_line(free_field, check, tail[:14]),
    )


def _digitable_line(free_field: str, check: int, factor_and_amount: str) -> str:
    fields = (_BANK_AND_CURRENCY + free_field[:5], free_field[5:15], free_field[15:])
    written = (f"{field[:5]}.{field[5:]}{_modulo_10(field)}" for field in fields)
    return f"{' '.join(written)} {check} {factor_and_amount}"


def _modulo_10(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 - position % 2)
        total += product // 10 + product % 10
    return -total % 10


def _modulo_11(digits: str) -> int:
    total = sum(int(digit) * (2 + position % 8) for position, digit in enumerate(reversed(digits)))
    remainder = 11 - total % 11
    return remainder if remainder <= 9 else 1  # noqa: PLR2004 - one digit: FEBRABAN writes 0, 10 and 11 as 1
